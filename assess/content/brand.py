"""Brand files: names, colours, footer, paper and logos of a facilitator and a client."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from assess.content.document import Document, read_bytes, read_file
from assess.content.parsing import FilledWords, Spec, by_line, validate, wrong
from assess.core.brand import Brand, Logo
from assess.core.errors import Invalid, NotFound, Problem

MAX_LINE = 120
MAX_LOGO_BYTES = 2 * 1024**2
LOGOS = {"facilitator_logo": "facilitator", "client_logo": "client"}
MakeLogo = Callable[[bytes, str], Logo]
"""Picture file and alternative text -> logo. Raises Invalid with problems that know no file."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")


def _is_written_colour(value: Any) -> Any:
    """YAML takes what follows # for a comment: the commonest mistake gets its own sentence."""
    if value is None:
        raise wrong('is empty: write the colour in quotes, such as "#0e6377"')
    return value


def _as_colour(value: str) -> str:
    if not _COLOUR.match(value):
        raise wrong('must be a colour of six digits in quotes, such as "#0e6377"')
    return value.lower()


def _as_line(value: str) -> str:
    if "\n" in value:
        raise wrong("must stand on one line")
    if len(value) > MAX_LINE:
        raise wrong("is longer than {max_length} characters", max_length=MAX_LINE)
    return value


Colour = Annotated[str, BeforeValidator(_is_written_colour), AfterValidator(_as_colour)]
Line = Annotated[FilledWords, AfterValidator(_as_line)]


class LogoSpec(Spec):
    """file is looked for from the folder of the brand file; text is read where the picture can't be seen."""

    file: FilledWords
    text: Line


class BrandSpec(Spec):
    """A brand file; all but the schema may be left out."""

    schema_: Literal["kam-brand/1"] = Field(alias="schema")
    name: Line = ""
    primary: Colour = ""
    second: Colour = ""
    footer: Line = ""
    paper: Literal["a4", "letter"] | None = None
    facilitator_logo: LogoSpec | None = None
    client_logo: LogoSpec | None = None


def read_brand(path: Path, make_logo: MakeLogo) -> Brand:
    """The brand in a file, its logos made by `make_logo`. Raises NotFound, or Invalid naming every problem."""
    document = read_file(path)
    problems: list[Problem] = []
    spec = None
    try:
        spec = validate(BrandSpec, document)
    except Invalid as error:
        problems += error.problems
    logos = {name: _logo(document, key, path.parent, make_logo, problems) for key, name in LOGOS.items()}
    if problems or spec is None:
        raise Invalid(by_line(problems))
    return Brand(
        name=spec.name,
        primary=spec.primary,
        second=spec.second,
        footer=spec.footer,
        paper=spec.paper or "",
        **logos,
    )


def _logo(document: Document, key: str, folder: Path, make_logo: MakeLogo, problems: list[Problem]) -> Logo | None:
    """The logo under that key; what is wrong with its file is added to the problems."""
    written = document.data.get(key) if isinstance(document.data, Mapping) else None
    file = written.get("file") if isinstance(written, Mapping) else None
    if not isinstance(file, str) or not file.strip() or not isinstance(written, Mapping):
        return None
    path = (key, "file")
    try:
        return make_logo(read_bytes(folder / file, MAX_LOGO_BYTES), str(written.get("text", "")))
    except NotFound:
        problems.append(document.problem(path, "there is no file {name}", name=file))
    except ValueError:
        problems.append(document.problem(path, "is not the name of a file"))
    except Invalid as error:
        place = {"file": document.file, "line": document.line_of(path), "path": document.readable(path)}
        problems += [replace(each, **place) for each in error.problems]  # type: ignore[arg-type]
    return None
