"""Colours of a report: contrast as WCAG 2 measures it, and a whole palette from the one or two colours of a brand.

Lightness, hue and chroma are those of Oklab (Ottosson 2020), in which equal steps look equal. Colours are #rrggbb.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from assess.core.errors import Problem

TEXT_CONTRAST, GRAPHICS_CONTRAST = 4.5, 3.0
"""The least contrast of text and of marks with what is behind them: WCAG 2.2, success criteria 1.4.3 and 1.4.11."""
WHITE, BLACK = "#ffffff", "#000000"
TINTS = ("#ffffff", "#e3eff2", "#bcd9df", "#7fb4c0", "#2f7f91", "#083f4d")
_TINT_LIGHTNESS, _TINT_CHROMA = (0.945, 0.865, 0.735, 0.555, 0.34), (0.2, 0.45, 0.8, 1.0, 0.8)
_SIGNALS = ("#a8480a", "#1a5fb4")
_TOO_NEAR = 0.09
_DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
"""How red and green mix for the most common form of colour blindness: Machado, Oliveira and Fernandes 2009, severity 1."""

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """The colours of one report.

    ink, body, muted are texts from strong to quiet; rule, hairline lines; faint a panel. accent and accent_dark may be
    text, accent_soft only an area with an outline. warm marks what deserves attention, warm_dark is the same as text,
    warm_soft its panel. link draws arrows. tints are the areas of nothing and of levels 1 to 5, darker is higher, on_tints
    the text on each. band is the large area of the cover, on_band the text on it.
    """

    ink: str = "#1b2a33"
    body: str = "#34444e"
    muted: str = "#5a6872"
    rule: str = "#c9d1d6"
    hairline: str = "#dde3e6"
    faint: str = "#f1f5f6"
    accent: str = "#0e6377"
    accent_dark: str = "#083f4d"
    accent_soft: str = "#bcd9df"
    warm: str = "#a8480a"
    warm_dark: str = "#8a3b08"
    warm_soft: str = "#faf5f1"
    link: str = "#7d8a92"
    tints: tuple[str, ...] = TINTS
    on_tints: tuple[str, ...] = ("#1b2a33", "#1b2a33", "#1b2a33", "#1b2a33", "#ffffff", "#ffffff")
    band: str = "#083f4d"
    on_band: str = "#ffffff"


def palette(primary: str = "", second: str = "") -> Palette:
    """The palette of a brand; "" stands for a colour that is not given. Every text and mark has the contrast it needs."""
    made = _with_accent(Palette(), primary) if primary else Palette()
    signal = second or (_signal_beside(primary) if primary else made.warm)
    return made if signal == made.warm else _with_signal(made, signal)


def _with_accent(plain: Palette, primary: str) -> Palette:
    accent = _dark_enough(primary, TEXT_CONTRAST, plain.faint)
    light, chroma, hue = oklch(accent)
    tints = (WHITE, *_tints(oklch(primary)[1], hue))
    return replace(
        plain,
        accent=accent,
        accent_dark=_dark_enough(of_oklch(min(0.35, light - 0.08), chroma, hue), 7, plain.faint),
        accent_soft=of_oklch(0.865, min(chroma, 0.055), hue),
        tints=tints,
        on_tints=tuple(text_on(tint, plain.ink) for tint in tints),
        band=primary,
        on_band=text_on(primary, plain.ink),
    )


def corrections(primary: str = "", second: str = "") -> tuple[Problem, ...]:
    """What a person should know who chose these colours: which was changed, and whether the two can be told apart."""
    made = palette(primary, second)
    told = []
    weak = "{given} has too little contrast on white paper: texts and marks are printed in {used}"
    for name, given, used in (("primary", primary, made.accent), ("second", second, made.warm)):
        if given and used != given:
            told.append(Problem(weak, {"given": given, "used": used}, path=name))
    if primary and second and _apart(made.accent, made.warm) < _TOO_NEAR:
        alike = "{second} is hard to tell from {primary}, above all for colour-blind readers"
        told.append(Problem(alike, {"second": second, "primary": primary}, path="second"))
    return tuple(told)


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1..21 of two colours. WCAG 2.2, relative luminance."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance 0..1: also how light the colour is in grey print."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def text_on(background: str, ink: str) -> str:
    """White or ink, whichever reads better; black where neither is enough."""
    best = max((WHITE, ink), key=lambda colour: contrast(colour, background))
    return best if contrast(best, background) >= TEXT_CONTRAST else BLACK


def oklch(colour: str) -> Triple:
    """Lightness 0..1, chroma from 0, hue in radians."""
    light, a, b = _oklab(_linear(colour))
    return light, math.hypot(a, b), math.atan2(b, a)


def of_oklch(light: float, chroma: float, hue: float) -> str:
    """The colour of that lightness and hue; its chroma is lowered as far as screens and paper need."""
    low, high = 0.0, chroma
    if not _is_real(_rgb(light, chroma, hue)):
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if _is_real(_rgb(light, middle, hue)) else (low, middle)
        chroma = low
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, part)))):02x}" for part in _rgb(light, chroma, hue))


def as_deutan_sees(colour: str) -> str:
    """The colour as the most common kind of colour-blind reader sees it."""
    mixed = (sum(weight * part for weight, part in zip(row, _linear(colour), strict=True)) for row in _DEUTAN)
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, part)))):02x}" for part in mixed)


def _dark_enough(colour: str, least: float, background: str) -> str:
    """The colour, or the lightest of its hue that has the contrast with white and with the background."""
    light, chroma, hue = oklch(colour)
    while min(contrast(colour, WHITE), contrast(colour, background)) < least:
        light -= 0.01
        colour = of_oklch(light, chroma, hue)
    return colour


def _tints(chroma: float, hue: float) -> list[str]:
    """Five areas from light to dark, as far apart in grey as in colour, each fit for a text on it."""
    tone = min(chroma, 0.16)
    return [_tint(light, tone * share, hue) for light, share in zip(_TINT_LIGHTNESS, _TINT_CHROMA, strict=True)]


def _tint(light: float, chroma: float, hue: float) -> str:
    """A light area carries dark text; a dark one is darkened until white can be read on it."""
    tint = of_oklch(light, chroma, hue)
    return tint if light > 0.7 else _dark_enough(tint, TEXT_CONTRAST, WHITE)


def _with_signal(colours: Palette, signal: str) -> Palette:
    """The palette with that colour for what deserves attention."""
    _, chroma, hue = oklch(signal)
    mark = _dark_enough(signal, GRAPHICS_CONTRAST, colours.faint)
    soft = of_oklch(0.972, min(chroma, 0.012), hue)
    text = _dark_enough(of_oklch(min(oklch(mark)[0], 0.45), chroma, hue), 6, soft)
    return replace(colours, warm=mark, warm_dark=text, warm_soft=soft)


def _signal_beside(primary: str) -> str:
    """The signal colour that is easier to tell from the primary one for colour-blind readers too; the usual one if both are."""
    usual, other = _SIGNALS
    return usual if _apart(usual, primary) >= min(0.12, _apart(other, primary)) else other


def _apart(one: str, other: str) -> float:
    """Distance in Oklab, as normal-sighted or as colour-blind readers see it, whichever is smaller."""
    pairs = ((one, other), (as_deutan_sees(one), as_deutan_sees(other)))
    return min(math.dist(_oklab(_linear(a)), _oklab(_linear(b))) for a, b in pairs)


def grey_steps(tints: tuple[str, ...]) -> list[float]:
    """By how much each tint is darker than the one before it, in Oklab lightness of its grey."""
    greys = [luminance(tint) ** (1 / 3) for tint in tints]
    return [before - after for before, after in pairwise(greys)]


def _linear(colour: str) -> Triple:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return _ungamma(red), _ungamma(green), _ungamma(blue)


def _ungamma(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _oklab(linear: Triple) -> Triple:
    red, green, blue = linear
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _rgb(light: float, chroma: float, hue: float) -> Triple:
    """Linear red, green, blue; outside 0..1 where no screen can show the colour."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _is_real(linear: Triple) -> bool:
    return all(-0.0005 <= part <= 1.0005 for part in linear)
