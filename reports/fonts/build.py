"""Cut the report fonts from the full Noto fonts; README.md beside this file says how and why.

    python build.py SOURCE [TARGET]

SOURCE holds the unpacked packages `noto-sans`, `noto-sans-tc`, `noto-sans-sc` and `noto-sans-symbols-2`;
TARGET is this folder by default. The same source and the same fontTools give the same bytes.
"""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

WEIGHTS = {"Regular": 400, "Bold": 700}
TABLES_TO_DROP = ["DSIG", "STAT", "gasp", "vhea", "vmtx"]  # vertical layout and hinting are not used


def codes(*ranges: tuple[int, int]) -> frozenset[int]:
    """The characters of these ranges, both ends included."""
    return frozenset(code for first, last in ranges for code in range(first, last + 1))


def encodable(*codecs: str) -> frozenset[int]:
    """The printable characters of the Basic Multilingual Plane which any of `codecs` can write."""
    return frozenset(
        code for code in range(0x20, 0xFFFF) if code != 0x7F and any(chr(code).encode(codec, "ignore") for codec in codecs)
    )


BIG5 = encodable("big5", "cp950")
# Written Cantonese, and hanzi of names and places which Big5 lacks or which must not depend on the codec.
CANTONESE = frozenset(map(ord, "嘅咗啲嚟喺哋嗰冇佢咁嘢冚攞揾瞓掂啱噉嘥搵諗畀峯邨堃裏着祐喆彣煊栢澔滎燊棨瑨鈺鋆"))
# The hanzi of names which neither GB2312 nor Big5 has (those of Big5 come from the TC file): 镕 赟 珺 喆 and the like.
GBK_ALONE = (encodable("gbk") & codes((0x4E00, 0x9FFF))) - BIG5

# What both Chinese families carry besides, as far as Noto has it.
CHINESE = codes(
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
LATIN = codes(
    (0x0020, 0x024F),  # Latin: Basic, Latin-1, Extended-A, Extended-B
    (0x0250, 0x036F),  # phonetic letters (Azerbaijani ə, African ɛ ɔ), modifier letters, combining marks
    (0x0370, 0x052F),  # Greek, Cyrillic and its supplement
    (0x1E00, 0x1FFF),  # Latin Extended Additional, Greek Extended
    (0x2000, 0x20CF),  # general punctuation, superscripts, subscripts, currency
    (0x2100, 0x22FF),  # letter-like, number forms, arrows, mathematics
    (0xFB00, 0xFB06),  # ligatures as characters, which come in with pasted text
    (0xFFFD, 0xFFFD),  # the replacement character
)
SYMBOLS = codes(
    (0x0020, 0x0020),  # the spaces: Pango sets a space in the font of the sign before it
    (0x00A0, 0x00A0),
    (0x2022, 0x2022),  # bullet
    (0x25A0, 0x27BF),  # geometric shapes, miscellaneous symbols, dingbats
    (0x2B05, 0x2B07),  # heavy arrows
    (0x2B1B, 0x2B1C),  # large squares
    (0x2B24, 0x2B24),  # large circle
    (0x2B50, 0x2B50),  # star
)

# Nothing that joins or splits letters: Noto Sans' ccmp makes two glyphs of ị ọ ẹ ụ, which WeasyPrint's PDF gives back
# as "iị" or, worse, with every i of the report gone; liga's ﬁ gains nothing. A letter with its marks needs neither.
LATIN_FEATURES = ("kern", "locl", "mark", "mkmk")
# pwid: the proportional quotes for English text set in a Chinese font, Noto's default being full-width.
CHINESE_FEATURES = (*LATIN_FEATURES, "ccmp", "liga", "lnum", "pwid", "tnum")


@dataclass(frozen=True)
class Family:
    """A family to cut: where it comes from, and what is kept of it."""

    package: str
    source: str  # how its source files' names begin
    name: str
    version: str
    wanted: frozenset[int]  # kept if the source has it
    required: frozenset[int]  # reported if the source lacks it
    features: tuple[str, ...]
    styles: tuple[str, ...] = ("Regular", "Bold")
    stem: str = ""  # how the cut files' names begin, if not like the source's


FAMILIES = (
    Family("noto-sans", "NotoSans", "Noto Sans", "2.015", LATIN, codes((0x20, 0x7E), (0xA0, 0x24F)), LATIN_FEATURES),
    Family(
        "noto-sans-tc", "NotoSansTC", "Noto Sans TC", "2.004", BIG5 | CANTONESE | CHINESE, BIG5 | CANTONESE, CHINESE_FEATURES
    ),
    Family(
        "noto-sans-sc",
        "NotoSansSC",
        "Noto Sans SC",
        "2.004",
        encodable("gb2312") | GBK_ALONE | CHINESE,
        encodable("gb2312") | GBK_ALONE,
        CHINESE_FEATURES,
    ),
    Family(
        "noto-sans-symbols-2",
        "NotoSansSymbols2",
        "Noto Sans Symbols 2",
        "2.008",
        SYMBOLS,
        frozenset(map(ord, "✓✔✗✘☐☑☒►▸★☆⚠•")),
        (),
        ("Regular",),
        "NotoSansSymbols",
    ),
)


def options(features: tuple[str, ...]) -> subset.Options:
    """How to cut: no hinting, nothing vertical, nothing that varies between machines."""
    chosen = subset.Options()
    chosen.layout_features = list(features)
    chosen.hinting = False
    chosen.drop_tables = [*chosen.drop_tables, *TABLES_TO_DROP]
    chosen.name_IDs = list(range(15))
    chosen.notdef_outline = True  # a missing character must be seen, not be a gap
    chosen.recalc_timestamp = False
    chosen.harfbuzz_repacker = False  # else the bytes depend on whether uharfbuzz is installed
    return chosen


def cut(source: Path, target: Path, family: Family) -> None:
    """Write to `target` what is kept of the font file `source`."""
    chosen = options(family.features)
    font = subset.load_font(str(source), chosen)
    subsetter = subset.Subsetter(chosen)
    subsetter.populate(unicodes=family.wanted)
    subsetter.subset(font)
    subset.save_font(font, str(target), chosen)


def faults(font: TTFont, family: Family, style: str) -> Iterator[str]:
    """What is wrong with a cut font, in words; nothing when it is fit for the reports."""
    names = font["name"]
    if (names.getDebugName(1), names.getDebugName(2)) != (family.name, style):
        yield "family or style name"
    if not names.getDebugName(5).startswith(f"Version {family.version}"):
        yield f"not version {family.version}"
    if font["OS/2"].usWeightClass != WEIGHTS[style]:
        yield "weight class"
    if "fvar" in font or "fpgm" in font or "prep" in font:
        yield "variable or hinted"
    glyphs = font.getBestCmap()
    if len({font["hmtx"][glyphs[ord(digit)]][0] for digit in "0123456789" if ord(digit) in glyphs}) > 1:
        yield "digits of unequal width"


def build(source: Path, target: Path, family: Family, style: str) -> str:
    """Cut one file, refuse it if faulty; in a line its sha256, size, characters, name and what it lacks."""
    folder = f"{WEIGHTS[style]}{style}"
    file = target / f"{family.stem or family.source}-{style}.ttf"
    cut(source / family.package / folder / f"{family.source}_{folder}.ttf", file, family)
    font = TTFont(file)
    if found := list(faults(font, family, style)):
        raise SystemExit(f"{file.name}: {', '.join(found)}")
    held = set(font.getBestCmap())
    lacking = " ".join(f"U+{code:04X}" for code in sorted(family.required - held)) or "nothing"
    content = file.read_bytes()
    return f"{hashlib.sha256(content).hexdigest()} {len(content)} {len(held)} {file.name} lacks {lacking}\n"


def licence(source: Path) -> str:
    """The one licence of all the packages, below the copyright line of each."""
    texts = [(source / family.package / "LICENSE_FONT").read_text(encoding="utf-8") for family in FAMILIES]
    notices, bodies = zip(*(text.split("\n", 1) for text in texts), strict=True)
    if len(set(bodies)) > 1:
        raise SystemExit("LICENSE_FONT: the packages differ in more than the copyright line")
    return "\n".join([*dict.fromkeys(notices), bodies[0]])


def main(source: Path, target: Path) -> None:
    (target / "OFL.txt").write_text(licence(source), encoding="utf-8", newline="\n")
    for family in FAMILIES:
        for style in family.styles:
            sys.stdout.write(build(source, target, family, style))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent)
