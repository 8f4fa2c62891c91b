"""Write questionnaires/kam-seven-steps-short/ from the core questionnaire: its must-haves and what lifts them.

Run it again after every change of the core and commit what it writes. MODEL_CARD.md and CHANGELOG.md are written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

QUESTIONNAIRES = Path(__file__).resolve().parent.parent / "questionnaires"
CORE = QUESTIONNAIRES / "kam-seven-steps"
SHORT = QUESTIONNAIRES / "kam-seven-steps-short"
VERSION = "1.0.0"
TITLE = {
    "en": "Key account management in seven steps: short form",
    "zh-Hant": "關鍵客戶管理七步驟成熟度評估（精簡版）",
    "zh-Hans": "关键客户管理七步骤成熟度评估（精简版）",
}
SUMMARY = {
    "en": (
        "The 14 must-haves of the seven steps, two per step, for a first look in about 8 minutes or for a small company. "
        "It rates the same behaviour on the same scale as the full questionnaire and leads to a shorter plan."
    ),
    "zh-Hant": (
        "取七個步驟的14個必備項目，每個步驟兩項，約8分鐘即可完成初步評估，也適合中小企業。"
        "評的行為與等級和完整版相同，得出的計畫較精簡。"
    ),
    "zh-Hans": (
        "取七个步骤的14个必备项目，每个步骤两项，约8分钟即可完成初步评估，也适合中小企业。"
        "评的行为与等级和完整版相同，得出的计划更精简。"
    ),
}
SAFEGUARDS = frozenset({"a-integrity-policy"})
"""Required whatever the level: the short form has no item that would tell whether it is done."""
GROUNDWORK = 3
"""Actions that lift a must-have up to this level keep all that they require, also what lifts no must-have itself."""

_HEADER = "# Made from ../kam-seven-steps by scripts/write_short_form.py. Change it there and run the script again.\n"

Data = dict[str, Any]
Catalogue = Mapping[str, Data]


class _Dumper(yaml.SafeDumper):
    """Writes a value out each time it occurs, and lists indented under their key."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - fixed signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - fixed signature
        super().increase_indent(flow, False)


def write(folder: Path = SHORT) -> None:
    """Write the files of the short form into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in short_form().items():
        (folder / name).write_text(text, encoding="utf-8")


def short_form(core: Path = CORE) -> dict[str, str]:
    """File name -> content of the short form."""
    names = ("questionnaire.yaml", "actions.yaml", "reference-points.yaml", "tiers.yaml", "account-rules.yaml")
    questionnaire, actions, points, tiers, rules = (_read(core / name) for name in names)
    dimensions = [_with_gates_only(dimension) for dimension in questionnaire["dimensions"]]
    items = [item for dimension in dimensions for item in dimension["items"]]
    gates = {item["id"] for item in items}
    kept_actions = list(_short_catalogue(actions["actions"], gates))
    kept_points = [point for point in points["points"] if point.get("item") is None or point["item"] in gates]
    cited = {source for one in (*items, *kept_actions) for source in one["sources"]}
    cited |= {point["source"] for point in kept_points}
    kept_rules = [rule for rule in rules["rules"] if rule["item"] in gates]
    named = {source for rule in kept_rules for source in rule["sources"]}
    cited |= named | set(tiers["sources"])
    short = {
        **questionnaire,
        "id": SHORT.name,
        "version": VERSION,
        "title": TITLE,
        "summary": SUMMARY,
        "sources": [source for source in questionnaire["sources"] if source["id"] in cited],
        "dimensions": dimensions,
    }
    return {
        "questionnaire.yaml": _dump(short),
        "actions.yaml": _dump({**actions, "actions": kept_actions}),
        "reference-points.yaml": _dump({**points, "points": kept_points}),
        "tiers.yaml": _dump(tiers),
        "account-rules.yaml": _dump(
            {**rules, "sources": [source for source in rules["sources"] if source["id"] in named], "rules": kept_rules}
        ),
    }


def _with_gates_only(dimension: Data) -> Data:
    items = [item for item in dimension["items"] if item.get("gate")]
    known = {item["id"] for item in items}
    return {
        **dimension,
        "items": [{**item, "contradicts": [other for other in item["contradicts"] if other in known]} for item in items],
    }


def _short_catalogue(actions: list[Data], gates: Collection[str]) -> Iterator[Data]:
    """The actions that lift a must-have, with what the groundwork among them requires."""
    catalogue = {action["id"]: action for action in actions}
    lifts = {id_: [lift for lift in action["lifts"] if lift["item"] in gates] for id_, action in catalogue.items()}
    lifting = {id_ for id_, many in lifts.items() if many}
    groundwork = _with_required({id_ for id_ in lifting if min(lift["to"] for lift in lifts[id_]) <= GROUNDWORK}, catalogue)
    for id_, action in catalogue.items():
        if id_ in lifting | groundwork | SAFEGUARDS:
            stays = groundwork if id_ in groundwork else lifting | SAFEGUARDS
            yield {**action, "requires": list(dict.fromkeys(_required(id_, stays, catalogue))), "lifts": lifts[id_]}


def _with_required(ids: Collection[str], catalogue: Catalogue) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            waiting.extend(catalogue[id_]["requires"])
    return frozenset(found)


def _required(id_: str, stays: Collection[str], catalogue: Catalogue) -> Iterator[str]:
    """What an action requires; in the place of one that does not stay, what that one requires."""
    for required in catalogue[id_]["requires"]:
        if required in stays:
            yield required
        else:
            yield from _required(required, stays, catalogue)


def _read(path: Path) -> Data:
    data: Data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


def _dump(data: Data) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, width=140, sort_keys=False)
    return _HEADER + text


if __name__ == "__main__":
    write(*(Path(argument) for argument in sys.argv[1:2]))
