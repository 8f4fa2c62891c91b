"""The released benchmark figures on screen: only groups of the fixed set can be chosen, and only what is released is shown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flask import Blueprint, Response, request

from assess.core.benchmark import MIN_PEERS
from assess.core.questionnaire import Questionnaire
from assess.core.release import OVERALL, QUARTILES, TAILS, Figures, Release, pool
from assess.usecases import benchmarks
from assess.web.forms import PageForm
from assess.web.languages import current_language, gettext
from assess.web.opening import STANDARD_QUESTIONNAIRE, installation, known_questionnaires
from assess.web.peers import group_name
from assess.web.staff import page

blueprint = Blueprint("benchmarks", __name__, url_prefix="/benchmarks")


@dataclass(frozen=True)
class StepBand:
    """What is released of one step: quantiles as scores; p10 and p90 are None where too few organisations allow them."""

    number: str
    title: str
    n: int
    n_to: int
    p10: Fraction | None
    q1: Fraction
    median: Fraction
    q3: Fraction
    p90: Fraction | None


@blueprint.get("/")
def index() -> Response:
    core = next(one for one in known_questionnaires() if one.id == STANDARD_QUESTIONNAIRE)
    shelf = benchmarks.browse(installation(), core.id, core.major, request.args.get("group", ""))
    return page(
        "benchmarks/index.html",
        PageForm(None),
        step_word=core.noun.of(current_language()),
        shelf=shelf,
        groups=[(key, group_name(cell)) for key, cell in shelf.offered],
        bands=_bands(core, shelf.releases),
        least=MIN_PEERS,
    )


def _bands(core: Questionnaire, releases: tuple[Release, ...]) -> list[StepBand]:
    """The programme and the steps that any of the releases shows for the chosen group."""
    language = current_language()
    names = [(OVERALL, "", gettext("Programme"))]
    names += [(d.id, str(number), d.title.of(language)) for number, d in enumerate(core.dimensions, 1)]
    found = []
    for step, number, title in names:
        known = [cell.figures[step] for release in releases for cell in release.cells.values() if step in cell.figures]
        if known:
            found.append(_band(number, title, pool(known), 4 * len(known)))
    return found


def _band(number: str, title: str, figures: Figures, wide: int) -> StepBand:
    at = {
        percent: Fraction(figures.quantiles[percent], 100) for percent in (*QUARTILES, *TAILS) if percent in figures.quantiles
    }
    q1, median, q3 = (at[percent] for percent in QUARTILES)
    low, high = TAILS
    return StepBand(number, title, figures.n, figures.n + wide, at.get(low), q1, median, q3, at.get(high))
