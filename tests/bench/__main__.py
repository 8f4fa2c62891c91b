"""`make bench`: ratios measured in one run, each against a floor, never judged by absolute time.

Every figure is the median of several runs of processor time in this process, the two sides of a ratio run in turn.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import yaml

from assess.content.questionnaires import freeze, load
from assess.core.answers import Answer, Respondent
from assess.core.evaluation import Evaluation, evaluate
from assess.core.scoring import Scorecard, score
from assess.resources import QUESTIONNAIRES
from tests.bench import accounts, paper, pool, saves
from tests.bench.measuring import RUNS, Row, measure, show
from tests.bench.paper import sample


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

    def plan() -> Evaluation:
        return evaluate(beginner.core, (), beginner.assessment)

    def only_score() -> Scorecard:
        return score(beginner.core, beginner.assessment)

    return [
        measure("read and check the questionnaire", lambda: load(frozen), lambda: yaml.load(text, loader), "libyaml alone"),
        measure("score 200 respondents", lambda: score(many.core, many.assessment), lambda: float_means(many), "float means"),
        measure("evaluate a sample with roadmap", plan, only_score, "scoring alone"),
        start_up(),
    ]


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
    show([*rows(), *accounts.rows(), *paper.rows(), *saves.rows()])
    pool.report()


if __name__ == "__main__":
    main()
