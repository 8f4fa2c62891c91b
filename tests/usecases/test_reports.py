"""From an evaluation to bytes."""

from __future__ import annotations

import pytest

from assess.core.evaluation import evaluate
from assess.core.questionnaire import Questionnaire
from assess.usecases.reports import FORMATS, PAGELESS, make_report
from tests.reports import assessment, rich


@pytest.mark.parametrize("fmt", sorted(PAGELESS))
def test_what_has_no_pages_holds_everything_whatever_the_style(mini: Questionnaire, fmt: str) -> None:
    evaluation = evaluate(rich(mini), (), assessment(mini))
    whole = make_report(evaluation, fmt=fmt, style="full", language="en")
    assert make_report(evaluation, fmt=fmt, style="brief", language="en") == whole
    assert fmt in FORMATS
