"""The figures of an accounts file as they are kept: every value exact, so that what is shown later is what was measured."""

from __future__ import annotations

from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from assess.core.accounts import AccountFigures
from assess.core.errors import Invalid, Problem


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[AccountFigures]:
    return TypeAdapter(AccountFigures)


def write_figures(figures: AccountFigures) -> str:
    """JSON; fractions are texts such as 1/3."""
    return _adapter().dump_json(figures).decode()


def read_figures(text: str) -> AccountFigures:
    """Raises Invalid for anything that write_figures did not write."""
    try:
        return _adapter().validate_json(text)
    except ValidationError:
        raise Invalid([Problem("the figures of the accounts file can't be read")]) from None
