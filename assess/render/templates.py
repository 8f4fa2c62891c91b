"""The templates and style sheets of a report style, and the walls around them.

A style is a folder. What it doesn't hold comes from `full`, so a style holds only what differs. Its templates run in a
sandbox: they see finished values and can't reach files, Python or anything that changes something.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from assess.core.colours import Palette
from assess.core.errors import Invalid, Problem

_PACKAGE = Path(__file__).resolve().parent.parent
TEMPLATE = "report.html"
BASE = "full"
OWN_STYLES = "style.css"
"""A style's own sheet, after all others: the place for what a style changes of the sheets it does not replace."""
_NUMBER = re.compile("(第?[0-9][0-9.,%]*[級级步個个項项家分人年月日頁页]|第[0-9]+|步[驟骤][0-9]+)")
_ANCHOR, _LINK = re.compile(r'<[^>]* id="([^"]+)"'), re.compile(r'<a href="#([^"]+)">')
_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")


def fill(style: str, folders: Sequence[Path], values: Mapping[str, Any]) -> str:
    """The report of a style as HTML. Raises Invalid with file and line of whatever is wrong in a template."""
    environment = _environment(style, tuple(folders))
    try:
        return _without_dead_links(environment.get_template(TEMPLATE).render(values))
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        if _is_own_fault(error, folders):
            raise
        problems = [*_broken(environment, style, folders)] or [_problem(error, style, folders)]
        raise Invalid(problems) from error


def _without_dead_links(html: str) -> str:
    """Links inside the report lead only to what this style holds."""
    there = set(_ANCHOR.findall(html))
    return _LINK.sub(lambda match: match[0] if match[1] in there else "<a>", html)


def style_sheets(style: str, folders: Sequence[Path], names: Sequence[str], palette: Palette, *, variables: bool) -> str:
    """The sheets of a style, each from the first folder that has it, and its own sheet.

    With variables the colours stand in a :root block; else they are written in place, which the page setter reads faster.
    Raises Invalid for a colour that no palette has.
    """
    paths = [path for name in (*names, OWN_STYLES) if (path := _find(name, style, folders)) is not None]
    texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
    colours = colours_of(palette)
    unknown = [problem for path, text in texts for problem in _unknown_colours(path, text, colours)]
    if unknown:
        raise Invalid(unknown)
    css = "\n".join(text for _, text in texts)
    if not variables:
        return _VARIABLE.sub(lambda match: colours[match[1]], css)
    return ":root { " + "; ".join(f"--{name}: {colour}" for name, colour in colours.items()) + " }\n" + css


def colours_of(palette: Palette) -> dict[str, str]:
    """Name of a custom property -> colour: --ink, --accent-dark, --tint-0 to --tint-5, --on-tint-0 to --on-tint-5."""
    plain = {name.replace("_", "-"): value for name, value in vars(palette).items() if isinstance(value, str)}
    tints = {f"tint-{level}": tint for level, tint in enumerate(palette.tints)}
    return {**plain, **tints, **{f"on-tint-{level}": text for level, text in enumerate(palette.on_tints)}}


def _unknown_colours(path: Path, text: str, colours: Mapping[str, str]) -> Iterator[Problem]:
    for match in _VARIABLE.finditer(text):
        if match[1] not in colours:
            line = text.count("\n", 0, match.start()) + 1
            yield Problem("there is no colour {name}", {"name": f"--{match[1]}"}, str(path), line)


def _paths(style: str, folders: Sequence[Path]) -> list[Path]:
    """Where a file of the style may be, in this order; `full` comes last."""
    return [*(folder / style for folder in folders), *(folder / BASE for folder in folders)]


def _find(name: str, style: str, folders: Sequence[Path]) -> Path | None:
    """The first of that name; the own sheet is taken from the style itself only."""
    paths = [folder / style for folder in folders] if name == OWN_STYLES else _paths(style, folders)
    return next((path / name for path in paths if (path / name).is_file()), None)


@lru_cache(maxsize=16)
def _environment(style: str, folders: tuple[Path, ...]) -> ImmutableSandboxedEnvironment:
    """Own files first, then those of `full`; `full/report.html` names a shipped one that the own file covers."""
    shipped = {path.parent.name: FileSystemLoader(str(path.parent)) for path in sorted(folders[-1].glob("*/report.yaml"))}
    own = FileSystemLoader([str(path) for path in _paths(style, folders)])
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([own, PrefixLoader(shipped)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"css_string": css_string, "shorten": shorten, "keep": keep_numbers}
    return environment


def _broken(environment: ImmutableSandboxedEnvironment, style: str, folders: Sequence[Path]) -> Iterator[Problem]:
    """Every template of the style that can't be read as one."""
    for folder in folders:
        for path in sorted((folder / style).rglob("*.html")):
            try:
                environment.parse(path.read_text(encoding="utf-8"), filename=str(path))
            except TemplateError as error:
                yield _problem(error, style, folders)
            except UnicodeDecodeError:
                yield Problem("is not UTF-8", {}, str(path))


def _problem(error: Exception, style: str, folders: Sequence[Path]) -> Problem:
    """What went wrong in a template and where."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if file is None:
        file, line = _place(error, folders)
    if isinstance(error, TemplateNotFound):
        params = {"name": error.name, "style": style}
        return Problem("asks for {name}, which neither the style {style} nor full has", params, str(file or ""), line)
    return Problem("the template is wrong: {reason}", {"reason": str(error) or type(error).__name__}, str(file or ""), line)


def _is_own_fault(error: Exception, folders: Sequence[Path]) -> bool:
    """Whether it happened in the product's code, in a chart for instance, asked for by a template that ships."""
    innermost = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    template, _ = _place(error, folders)
    shipped = template is None or Path(template).is_relative_to(folders[-1])
    return shipped and innermost.is_relative_to(_PACKAGE) and innermost != Path(__file__)


def _place(error: Exception, folders: Sequence[Path]) -> tuple[str | None, int | None]:
    """File and line of the innermost template in the traceback: Jinja puts them there."""
    roots = tuple(str(folder) for folder in folders)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(roots):
            return frame.filename, frame.lineno
    return None, None


def css_string(text: str) -> Markup:
    """The text as a CSS string that can't end early, whatever stands in it.

    What is not ASCII stays as it is, so that `printable` and `needed_families` see it.
    """
    safe = "".join(char if char.isalnum() or char == " " or ord(char) > 0x7F else f"\\{ord(char):x} " for char in text)
    return Markup(f'"{safe}"')  # noqa: S704 - every ASCII character but letters, digits and spaces is escaped


def keep_numbers(text: str) -> Markup:
    """The text with Chinese numbers and their units, 第3級 or 42項, unbreakable; for headings."""
    return Markup(_NUMBER.sub(r'<span class="keep">\1</span>', str(escape(text))))  # noqa: S704 - escaped before it is marked


def shorten(text: str, width: int) -> str:
    """At most `width` columns, a Han character counting two; used in running headers only."""
    room = width
    for place, char in enumerate(text):
        room -= 2 if ord(char) > 0x2E7F else 1
        if room < 0:
            return text[:place].rstrip() + "…"
    return text
