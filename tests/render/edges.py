"""Assessments at the edges: what companies really hand in, at its largest, smallest and most awkward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assess.content.document import read_file
from assess.content.library import Library
from assess.core.answers import Answer, Consensus, Evidence, Organisation, Respondent
from assess.core.evaluation import Evaluation, evaluate
from assess.resources import SAMPLES

LONG_NAME = "Donaudampfschifffahrtsgesellschaftskapitän"
LONG_WORD = "Überweisungsauftragsbestätigungsformularnummer" * 8
COMMENT = "We decide this case by case, and nobody can say afterwards why one customer was given what another was refused. "


def sample(name: str) -> Evaluation:
    return evaluate(*Library(()).read_answers(read_file(SAMPLES / f"{name}.answers.yaml")))


def crowd() -> Evaluation:
    """200 respondents, comments of 2,000 characters, words without a place to break, a name that is one word."""
    core, modules, given = Library(()).read_answers(read_file(SAMPLES / "beginner.answers.yaml"))
    roles = [role.id for role in core.roles]
    people = tuple(
        Respondent(
            f"r{n}",
            roles[n % len(roles)],
            {
                item.id: Answer(
                    level=1 + (n * 7 + place * 3) % 5,
                    comment=(COMMENT * 20)[:2000] if n == place else LONG_WORD if n == place + 50 else "",
                )
                for place, item in enumerate(core.items)
            },
        )
        for n in range(200)
    )
    first = core.items[0].id
    return evaluate(
        core,
        modules,
        replace(
            given,
            organisation=Organisation(f"{LONG_NAME} {LONG_NAME}"),
            respondents=people,
            consensus={first: Consensus(3, rationale=COMMENT * 17, dissent=LONG_WORD)},
            evidence={first: tuple(Evidence(COMMENT * 4, f"https://example.org/{LONG_WORD}") for _ in range(6))},
        ),
    )


def one_step() -> Evaluation:
    """Nothing answered but one step, by one person."""
    core, modules, given = Library(()).read_answers(read_file(SAMPLES / "beginner.answers.yaml"))
    answers = {item.id: Answer(level=2) for item in core.dimensions[3].items}
    return evaluate(
        core,
        modules,
        replace(
            given,
            organisation=Organisation(),
            respondents=(Respondent("r1", core.roles[0].id, answers),),
            consensus={},
            evidence={},
            targets={},
            profile=None,
        ),
    )


def nothing() -> Evaluation:
    """Opened, and not one answer given."""
    core, modules, given = Library(()).read_answers(read_file(SAMPLES / "beginner.answers.yaml"))
    return evaluate(core, modules, replace(given, respondents=(), consensus={}, evidence={}, targets={}, profile=None))


def many_modules() -> Evaluation:
    """The core and three modules, in confidence and with roles too small to show."""
    library = Library(())
    core, _, given = library.read_answers(read_file(SAMPLES / "advanced.answers.yaml"))
    names = ("portfolio-ladder", "early-warning", "share-growth")
    modules = tuple(library.questionnaire(name) for name in names)
    people = tuple(
        replace(person, answers={**person.answers, **{i.id: Answer(level=1 + place % 4) for m in modules for i in m.items}})
        for place, person in enumerate(given.respondents)
    )
    return evaluate(core, modules, replace(given, modules=names, respondents=people, confidential=True))


EDGES: dict[str, Callable[[], Evaluation]] = {
    "crowd": crowd,
    "one step": one_step,
    "nothing": nothing,
    "modules": many_modules,
}
