"""Whose report it is: names, colours, logos, footer and paper of a facilitator and a client."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from assess.core.colours import Palette, corrections, palette
from assess.core.errors import Problem


@dataclass(frozen=True)
class LogoMark:
    """A logo: its PNG goes to the renderers beside the content under its sha256.

    width and height in px, size in bytes; text is what is read where the picture can't be seen; is_light says that it
    needs a dark ground.
    """

    sha256: str
    width: int
    height: int
    size: int
    text: str
    is_light: bool


@dataclass(frozen=True)
class Branding:
    """The facilitator's name ("" where there is none), the footer of every page ("" likewise), colours and logos."""

    name: str
    footer: str
    palette: Palette
    facilitator: LogoMark | None
    client: LogoMark | None


@dataclass(frozen=True)
class Logo:
    """A picture made by render.images: PNG without metadata. text is read where the picture can't be seen.

    width and height in px; is_light says that it can't be seen on white paper.
    """

    png: bytes
    width: int
    height: int
    text: str
    is_light: bool = False

    @cached_property
    def sha256(self) -> str:
        return sha256(self.png).hexdigest()

    @property
    def mark(self) -> LogoMark:
        return LogoMark(self.sha256, self.width, self.height, len(self.png), self.text, self.is_light)


@dataclass(frozen=True)
class Brand:
    """name is the facilitator's. primary and second are #rrggbb, paper a4 or letter; "" is the product's own choice."""

    name: str = ""
    primary: str = ""
    second: str = ""
    footer: str = ""
    paper: str = ""
    facilitator: Logo | None = None
    client: Logo | None = None

    @cached_property
    def palette(self) -> Palette:
        return palette(self.primary, self.second)

    @property
    def corrections(self) -> tuple[Problem, ...]:
        """What the person who chose the colours should be told."""
        return corrections(self.primary, self.second)

    @property
    def figures(self) -> Branding:
        """What a report says about its brand: all but the bytes of the logos."""
        return Branding(self.name, self.footer, self.palette, _mark(self.facilitator), _mark(self.client))

    @property
    def pictures(self) -> Mapping[str, bytes]:
        """sha256 -> PNG of each logo: what travels beside the content to the renderers."""
        return {logo.sha256: logo.png for logo in (self.facilitator, self.client) if logo}

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON or YAML, logos as base64; `brand_of_data` reads them back."""
        data = asdict(self)
        for name in ("facilitator", "client"):
            if data[name] is not None:
                data[name]["png"] = b64encode(data[name]["png"]).decode("ascii")
        return data


def _mark(logo: Logo | None) -> LogoMark | None:
    return None if logo is None else logo.mark


def fit_logo(mark: LogoMark, width: float, height: float) -> tuple[float, float]:
    """Width and height in mm at which a logo is shown in a field of that size.

    Logos of all shapes get about the same area, half of the field; small ones are not blown up beyond 72 dots per inch.
    """
    share = min((width * height / 2 / (mark.width * mark.height)) ** 0.5, width / mark.width, height / mark.height, 25.4 / 72)
    return round(max(mark.width * share, 0.3), 2), round(max(mark.height * share, 0.3), 2)


def brand_of_data(data: Mapping[str, Any]) -> Brand:
    """A brand from what `as_data` gave. Raises KeyError, TypeError or ValueError for anything else."""
    logos = {
        name: Logo(**{**data[name], "png": b64decode(data[name]["png"], validate=True)})
        for name in ("facilitator", "client")
        if data.get(name) is not None
    }
    return Brand(**{**data, **logos})
