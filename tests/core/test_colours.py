"""A palette from any colour: readable, told apart in grey and by colour-blind readers, and honest about what it changed."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.colours import (
    GRAPHICS_CONTRAST,
    TEXT_CONTRAST,
    TINTS,
    Palette,
    as_deutan_sees,
    contrast,
    corrections,
    grey_steps,
    of_oklch,
    oklch,
    palette,
    text_on,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
TRITAN = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))


def seen(colour: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """What a reader with that matrix sees, in linear light."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (sum(w * p for w, p in zip(row, linear, strict=True)) for row in matrix)
    return red, green, blue


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS)
def test_a_colour_survives_the_way_to_oklch_and_back(colour: str) -> None:
    back = of_oklch(*oklch(colour))
    assert all(abs(int(colour[p : p + 2], 16) - int(back[p : p + 2], 16)) <= 1 for p in (1, 3, 5))


def test_without_a_brand_the_palette_is_the_product_s_own() -> None:
    assert palette() == Palette()
    assert Palette().tints == TINTS
    assert not corrections()


@given(COLOURS, st.one_of(st.just(""), COLOURS))
def test_every_text_and_mark_has_the_contrast_it_needs(primary: str, second: str) -> None:
    made = palette(primary, second)
    for text, behind in (
        (made.accent, "#ffffff"),
        (made.accent, made.faint),
        (made.accent_dark, made.faint),
        (made.warm_dark, made.warm_soft),
        (made.warm_dark, "#ffffff"),
        (made.on_band, made.band),
        (made.muted, made.faint),
        (made.ink, made.tints[1]),
        *zip(made.on_tints, made.tints, strict=True),
    ):
        assert contrast(text, behind) >= TEXT_CONTRAST, (text, behind)
    assert contrast(made.warm, "#ffffff") >= GRAPHICS_CONTRAST
    assert contrast(made.accent, made.accent_soft) >= GRAPHICS_CONTRAST or contrast(made.accent, "#ffffff") >= GRAPHICS_CONTRAST


@given(COLOURS)
def test_levels_stay_apart_in_grey_print(primary: str) -> None:
    assert min(grey_steps(palette(primary).tints)) > 0.035
    assert min(grey_steps(palette(primary).tints)[1:]) > 0.06


@given(COLOURS)
def test_levels_grow_darker_for_every_kind_of_colour_blindness(primary: str) -> None:
    for matrix in (PROTAN, TRITAN):
        light = [
            sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), seen(t, matrix), strict=True)) for t in made_tints(primary)
        ]
        assert all(before - after > 0.01 for before, after in pairwise(light)), (primary, light)
    steps = grey_steps(tuple(as_deutan_sees(tint) for tint in made_tints(primary)))
    assert min(steps[1:]) > 0.04


def made_tints(primary: str) -> tuple[str, ...]:
    return palette(primary).tints


def test_a_colour_that_is_dark_enough_is_used_as_it_is_and_nobody_is_told() -> None:
    assert palette("#0057b8").accent == "#0057b8"
    assert not corrections("#0057b8", "#a8480a")


def test_a_light_colour_is_darkened_in_its_hue_and_the_person_is_told() -> None:
    made = palette("#ffd400")
    assert oklch(made.accent)[2] == pytest.approx(oklch("#ffd400")[2], abs=0.1)
    assert made.band == "#ffd400"
    (told,) = corrections("#ffd400")
    assert told.path == "primary"
    assert "#ffd400" in told.text
    assert made.accent in told.text


def test_two_colours_that_look_alike_are_named() -> None:
    assert [problem.path for problem in corrections("#2e7d32", "#8a5a00")] == ["second"]


def test_what_deserves_attention_stands_apart_from_a_red_or_green_brand() -> None:
    for primary in ("#e30613", "#2e7d32", "#a8480a"):
        apart = math.dist(oklab(as_deutan_sees(palette(primary).warm)), oklab(as_deutan_sees(primary)))
        assert apart > 0.1, primary


def oklab(colour: str) -> tuple[float, float, float]:
    light, chroma, hue = oklch(colour)
    return light, chroma * math.cos(hue), chroma * math.sin(hue)


def test_text_on_a_middle_grey_is_black_where_ink_is_too_weak() -> None:
    assert text_on("#808080", "#1b2a33") == "#000000"
    assert text_on("#ffffff", "#1b2a33") == "#1b2a33"
    assert text_on("#083f4d", "#1b2a33") == "#ffffff"
