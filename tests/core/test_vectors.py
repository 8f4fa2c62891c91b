"""The worked vectors were computed by another program straight from the method."""

from __future__ import annotations

import json

import pytest

from assess.content.answers import read_assessment
from assess.content.document import read_file
from assess.core.outputs import scorecard_json
from assess.core.scoring import score
from tests.conftest import VECTORS

NAMES = sorted(path.name.removesuffix(".answers.yaml") for path in VECTORS.glob("*.answers.yaml"))


def test_there_are_five_vectors():
    assert NAMES == ["band-edges", "insufficient", "not-applicable", "panel", "self"]


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_the_expected_scorecard_is_reproduced(mini, name):
    expected = json.loads((VECTORS / f"{name}.scorecard.json").read_text(encoding="utf-8"))
    assessment = read_assessment(read_file(VECTORS / f"{name}.answers.yaml"))
    card = json.loads(json.dumps(scorecard_json(score(mini, assessment))))
    assert {key: card[key] for key in expected} == expected
