"""`make bench`: ratios measured in one run, each against a floor, never judged by absolute time.

Every figure is the median of several runs of processor time in this process, the two sides of a ratio run in turn.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import yaml

from assess.content.document import read_file
from assess.content.library import Library
from assess.content.questionnaires import freeze, load
from assess.core.answers import Answer, Respondent
from assess.core.evaluation import Evaluation, evaluate
from assess.core.scoring import Scorecard, score
from assess.resources import QUESTIONNAIRES, SAMPLES
from assess.usecases.reports import make_report

RUNS = 5


@dataclass(frozen=True)
class Row:
    """One line of the table: ours against a floor, in milliseconds and as a ratio with its spread."""

    name: str
    ours: float
    floor: float
    ratios: list[float]
    floor_name: str


def measure(name: str, ours: Callable[[], object], floor: Callable[[], object], floor_name: str, runs: int = RUNS) -> Row:
    """Run both in turn, after one warm-up each."""
    ours(), floor()
    pairs = [(_cpu_ms(ours), _cpu_ms(floor)) for _ in range(runs)]
    return Row(
        name,
        statistics.median(first for first, _ in pairs),
        statistics.median(second for _, second in pairs),
        [first / second for first, second in pairs],
        floor_name,
    )


def _cpu_ms(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return 1000 * (time.process_time() - began)


def sample(name: str) -> Evaluation:
    return evaluate(*Library().read_answers(read_file(SAMPLES / f"{name}.answers.yaml")))


def crowd(evaluation: Evaluation, people: int) -> Evaluation:
    """The sample's questionnaire answered by many people at random, always the same ones."""
    chance = random.Random(7)
    roles = [role.id for role in evaluation.core.roles]
    respondents = tuple(
        Respondent(
            f"r{number}",
            roles[number % len(roles)],
            {item.id: Answer(level=chance.randint(1, 5)) for item in evaluation.core.items},
        )
        for number in range(people)
    )
    return replace(evaluation, assessment=replace(evaluation.assessment, respondents=respondents, consensus={}))


def float_means(evaluation: Evaluation) -> dict[str, float]:
    """The least that scoring could be: one pass of float means per item."""
    answers: dict[str, list[int]] = {}
    for person in evaluation.assessment.respondents:
        for item, answer in person.answers.items():
            answers.setdefault(item, []).append(answer.level or 0)
    return {item: statistics.fmean(levels) for item, levels in answers.items()}


def rows() -> list[Row]:
    beginner = sample("beginner")
    many = crowd(beginner, 200)
    folder = QUESTIONNAIRES / "kam-seven-steps"
    frozen = freeze(folder)
    text = frozen.files["questionnaire.yaml"]
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def pdf(language: str) -> Callable[[], bytes]:
        return lambda: make_report(beginner, fmt="pdf", style="full", language=language)

    def plan() -> Evaluation:
        return evaluate(beginner.core, (), beginner.assessment)

    def only_score() -> Scorecard:
        return score(beginner.core, beginner.assessment)

    return [
        measure("read and check the questionnaire", lambda: load(frozen), lambda: yaml.load(text, loader), "libyaml alone"),
        measure("score 200 respondents", lambda: score(many.core, many.assessment), lambda: float_means(many), "float means"),
        measure("evaluate a sample with roadmap", plan, only_score, "scoring alone"),
        measure("PDF, Traditional Chinese", pdf("zh-Hant"), pdf("en"), "PDF, English", 3),
        measure("PDF, Simplified Chinese", pdf("zh-Hans"), pdf("en"), "PDF, English", 3),
        measure("PDF, English", pdf("en"), bare_layout(beginner), "WeasyPrint alone", 3),
        start_up(),
    ]


def bare_layout(evaluation: Evaluation) -> Callable[[], object]:
    """WeasyPrint with the same final HTML and fonts, and nothing of ours around it."""
    import weasyprint

    from assess.render.fetcher import LockedFetcher
    from assess.render.html import page_for_print
    from assess.resources import REPORTS
    from assess.usecases.reports import compose_report

    page = page_for_print(compose_report(evaluation, style="full", language="en"), (REPORTS,))

    def lay_out() -> bytes:
        document = weasyprint.HTML(string=page.html, base_url="asset:/", url_fetcher=LockedFetcher(page.assets))
        written: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
        return written

    return lay_out


def start_up() -> Row:
    """Wall time of whole processes."""

    def run(*arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, timeout=60)
        return 1000 * (time.perf_counter() - began)

    pairs = [(run("-m", "assess.cli.main", "--help"), run("-c", "import click")) for _ in range(RUNS)]
    ours, floor = (statistics.median(side) for side in zip(*pairs, strict=True))
    return Row("kam-assess --help (wall)", ours, floor, [a / b for a, b in pairs], "import click")


def main() -> None:
    out = sys.stdout
    out.write(f"{'what':36} {'ours ms':>10} {'floor ms':>10} {'ratio':>7} {'min':>6} {'max':>6}  floor\n")
    for row in rows():
        middle = statistics.median(row.ratios)
        out.write(
            f"{row.name:36} {row.ours:10.1f} {row.floor:10.1f} {middle:7.2f} {min(row.ratios):6.2f} {max(row.ratios):6.2f}"
            f"  {row.floor_name}\n"
        )
        out.flush()


if __name__ == "__main__":
    main()
