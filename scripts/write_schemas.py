"""Write docs/schema/ anew from the specs."""

from __future__ import annotations

import json
from pathlib import Path

from assess.api.app import ROOMS
from assess.api.openapi import written
from assess.content.schemas import schemas

FOLDER = Path(__file__).parent.parent / "docs" / "schema"


def main() -> None:
    assert ROOMS, "the operations are described once they are imported"  # noqa: S101 - a mistake of ours
    (FOLDER / "openapi.json").write_text(written(), encoding="utf-8")
    for name, schema in schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True)
        (FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
