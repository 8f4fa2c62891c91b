"""Cut the report fonts from the full Noto Sans TC and SC; README.md beside this file says how and why.

    python build.py SOURCE [TARGET]

SOURCE holds the unpacked packages `noto-sans-tc` and `noto-sans-sc`; TARGET is this folder by default.
The same source and the same fontTools give the same bytes.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

VERSION = "Version 2.004"
CODECS = {"TC": ("big5", "cp950"), "SC": ("gb2312",)}
WEIGHTS = {"Regular": 400, "Bold": 700}

# What both families carry besides their codecs, as far as Noto has it.
RANGES = (
    (0x0020, 0x024F),  # Latin: Basic, Latin-1, Extended-A, Extended-B
    (0x02B0, 0x036F),  # modifier letters, combining marks
    (0x0370, 0x04FF),  # Greek, Cyrillic
    (0x1E00, 0x1EFF),  # Latin Extended Additional
    (0x2000, 0x206F),  # general punctuation
    (0x2070, 0x20CF),  # superscripts, currency
    (0x2100, 0x23FF),  # letter-like, number forms, arrows, mathematics, technical
    (0x2460, 0x27BF),  # circled digits, boxes, geometric shapes, symbols, check marks
    (0x2B00, 0x2BFF),  # more arrows
    (0x3000, 0x312F),  # CJK punctuation, kana, bopomofo
    (0xFE30, 0xFE6F),  # vertical and small forms
    (0xFF01, 0xFF60),  # full-width forms
    (0xFFE0, 0xFFE6),
)
# pwid: the proportional quotes which English text must ask for, Noto's default being full-width.
FEATURES = ["ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "pwid", "tnum"]
TABLES_TO_DROP = ["DSIG", "STAT", "gasp", "vhea", "vmtx"]  # vertical layout and hinting are not used


def encodable(codec: str) -> frozenset[int]:
    """The printable characters of the Basic Multilingual Plane which `codec` can write."""
    return frozenset(
        code for code in range(0x20, 0xFFFF) if code != 0x7F and chr(code).encode(codec, "ignore")
    )


def charset(region: str) -> frozenset[int]:
    """What a text of this region is made of: the characters of all its codecs."""
    return frozenset(code for codec in CODECS[region] for code in encodable(codec))


def wanted(region: str) -> frozenset[int]:
    """The charset of a region, and the ranges which both families carry."""
    return charset(region).union(*(range(first, last + 1) for first, last in RANGES))


def options() -> subset.Options:
    """How to cut: no hinting, nothing vertical, nothing that varies between machines."""
    chosen = subset.Options()
    chosen.layout_features = FEATURES
    chosen.hinting = False
    chosen.drop_tables = [*chosen.drop_tables, *TABLES_TO_DROP]
    chosen.name_IDs = list(range(15))
    chosen.notdef_outline = True  # a missing character must be seen, not be a gap
    chosen.recalc_timestamp = False
    chosen.harfbuzz_repacker = False  # else the bytes depend on whether uharfbuzz is installed
    return chosen


def cut(source: Path, target: Path, region: str) -> None:
    """Write to `target` what a region needs of the font file `source`."""
    chosen = options()
    font = subset.load_font(str(source), chosen)
    subsetter = subset.Subsetter(chosen)
    subsetter.populate(unicodes=wanted(region))
    subsetter.subset(font)
    subset.save_font(font, str(target), chosen)


def faults(font: TTFont, region: str, style: str) -> Iterator[str]:
    """What is wrong with a cut font, in words; nothing when it is fit for the reports."""
    names = font["name"]
    if (names.getDebugName(1), names.getDebugName(2)) != (f"Noto Sans {region}", style):
        yield "family or style name"
    if not names.getDebugName(5).startswith(VERSION):
        yield f"not {VERSION}"
    if font["OS/2"].usWeightClass != WEIGHTS[style]:
        yield "weight class"
    if "fvar" in font or "fpgm" in font or "prep" in font:
        yield "variable or hinted"
    glyphs = font.getBestCmap()
    if len({font["hmtx"][glyphs[ord(digit)]][0] for digit in "0123456789"}) != 1:
        yield "digits of unequal width"


def build(source: Path, target: Path, region: str, style: str) -> str:
    """Cut one file, refuse it if faulty; in a line its sha256, size, name and what it lacks."""
    stem = f"NotoSans{region}"
    folder = f"{WEIGHTS[style]}{style}"
    file = target / f"{stem}-{style}.ttf"
    cut(source / f"noto-sans-{region.lower()}" / folder / f"{stem}_{folder}.ttf", file, region)
    font = TTFont(file)
    if found := list(faults(font, region, style)):
        raise SystemExit(f"{file.name}: {', '.join(found)}")
    lacking = " ".join(f"U+{code:04X}" for code in sorted(charset(region) - set(font.getBestCmap())))
    content = file.read_bytes()
    return f"{hashlib.sha256(content).hexdigest()} {len(content)} {file.name} lacks {lacking or 'nothing'}"


def main(source: Path, target: Path) -> None:
    (target / "OFL.txt").write_bytes((source / "noto-sans-tc" / "LICENSE_FONT").read_bytes())
    for region in CODECS:
        for style in WEIGHTS:
            print(build(source, target, region, style))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent)
