"""Golden pictures: five pages of the full report in each language; `make golden` renews them after a look at the new ones."""

from __future__ import annotations

import io
import subprocess
import sys
from functools import cache
from pathlib import Path

import pikepdf
from PIL import Image, ImageChops, ImageFilter

from assess.content.document import read_file
from assess.content.library import Library
from assess.core.evaluation import evaluate
from assess.core.questionnaire import LANGUAGES
from assess.resources import SAMPLES
from assess.usecases.reports import make_report

GOLDEN = Path(__file__).parent.parent / "golden"
DPI = 50
TOLERANCE, SHARE = 60, 0.004
"""Grey levels a pixel may differ after a slight blur, and the share of pixels that may differ more."""
SECTIONS = ("cover", "summary", "step", "perceptions", "plan")


@cache
def report(language: str, sample: str, style: str) -> bytes:
    evaluation = evaluate(*Library().read_answers(read_file(SAMPLES / f"{sample}.answers.yaml")))
    return make_report(evaluation, fmt="pdf", style=style, language=language)


def place(document: bytes, section: str) -> int:
    """The number of the page, found by the bookmarks so that a page more before it does not matter."""
    if section == "cover":
        return 1
    with pikepdf.open(io.BytesIO(document)) as opened, opened.open_outline() as outline:
        pages = {page.objgen: number for number, page in enumerate(opened.pages, start=1)}
        tops = [pages[item.destination[0].objgen] for item in outline.root]
    return tops[{"summary": 0, "step": 4, "perceptions": 11, "plan": 13}[section]]


def picture(document: bytes, number: int) -> Image.Image:
    command = ["pdftoppm", "-gray", "-png", "-r", str(DPI), "-f", str(number), "-l", str(number), "-singlefile", "-"]
    done = subprocess.run(command, input=document, capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout)).convert("L")


def pictures(language: str) -> dict[str, Image.Image]:
    document = report(language, "advanced", "full")
    return {f"{section}.{language}.png": picture(document, place(document, section)) for section in SECTIONS}


def differing(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that differ; blurred first, so that an outline half a pixel off is no difference."""
    difference = ImageChops.difference(*(each.filter(ImageFilter.GaussianBlur(1)) for each in (one, other)))
    return sum(difference.histogram()[TOLERANCE:]) / (one.width * one.height)


def renew() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for language in LANGUAGES:
        for name, now in pictures(language).items():
            now.quantize(16).convert("L").save(GOLDEN / name, optimize=True)
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    renew()
