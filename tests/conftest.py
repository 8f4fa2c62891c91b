"""Fixtures of the whole suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from assess.content.questionnaires import load_folder
from assess.core.questionnaire import Questionnaire

settings.register_profile("suite", deadline=None)  # a busy machine is no failure
settings.load_profile("suite")

VECTORS = Path(__file__).parent / "vectors"


@pytest.fixture(scope="session")
def mini() -> Questionnaire:
    """The three-dimension questionnaire of the worked vectors."""
    return load_folder(VECTORS / "mini")
