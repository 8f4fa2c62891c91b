"""A brand can be stored and read back, and its logos find their size."""

from __future__ import annotations

import json

import pytest

from assess.core.brand import Brand, Logo, LogoMark, brand_of_data, fit_logo

LOGO = Logo(b"\x89PNG\x00\xff", 400, 100, "Northwind", is_light=True)
BRAND = Brand("Northwind", "#0057b8", "#ff8200", "Leeds", "letter", LOGO, None)


def mark(width: int, height: int) -> LogoMark:
    return LogoMark("0" * 64, width, height, 10, "x", is_light=False)


def test_a_brand_comes_back_from_json_as_it_was() -> None:
    assert brand_of_data(json.loads(json.dumps(BRAND.as_data()))) == BRAND
    assert brand_of_data(Brand().as_data()) == Brand()


@pytest.mark.parametrize("broken", [{"unknown": "x"}, {"client": {"png": "no base64!"}}, {"client": {"width": 1}}])
def test_anything_else_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError, KeyError)):
        brand_of_data(broken)


def test_the_report_names_a_logo_by_its_hash_and_carries_no_bytes() -> None:
    figures = BRAND.figures
    assert figures.facilitator == LogoMark(LOGO.sha256, 400, 100, 6, "Northwind", is_light=True)
    assert figures.client is None
    assert BRAND.pictures == {LOGO.sha256: LOGO.png}


@pytest.mark.parametrize(("width", "height"), [(400, 100), (1024, 1024), (1024, 3), (3, 1024), (16, 16), (1, 1), (1024, 600)])
def test_a_logo_fits_its_field_and_keeps_its_shape(width: int, height: int) -> None:
    wide, tall = fit_logo(mark(width, height), 70, 24)
    assert 0 < wide <= 70
    assert 0 < tall <= 24
    if min(wide, tall) > 0.5:
        assert wide / tall == pytest.approx(width / height, rel=0.05)


def test_logos_of_different_shape_get_about_the_same_area() -> None:
    areas = [wide * tall for wide, tall in (fit_logo(mark(*size), 70, 24) for size in ((900, 500), (600, 600), (1000, 400)))]
    assert max(areas) / min(areas) < 1.5


def test_a_tiny_logo_is_not_blown_up() -> None:
    assert fit_logo(mark(16, 16), 70, 24) == (pytest.approx(5.64), pytest.approx(5.64))
