"""Boxes: what a style is in the same surroundings, and that it paints nothing, is settled once per style, not per box."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from weasyprint.draw.color import get_color
from weasyprint.formatting_structure.boxes import Box, PageBox
from weasyprint.layout import background, percent

_SIDES = ("top", "right", "bottom", "left")
_LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *("width", "min_width", "max_width", "height", "min_height", "max_height"),
)
_BORDERS = tuple(f"border_{side}_width" for side in _SIDES)
_CORNERS = tuple(f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left"))

_resolve, _paint = percent.resolve_percentages, background.layout_box_backgrounds


def resolve_percentages(box: Any, containing_block: Any) -> None:
    style = box.style
    if isinstance(box, PageBox) or style["box_sizing"] != "content-box":
        _resolve(box, containing_block)
        return
    is_box = isinstance(containing_block, Box)
    around = (containing_block.width, containing_block.height) if is_box else tuple(containing_block)
    known = style.__dict__.setdefault("known_lengths", {})
    if around not in known:
        _resolve(box, containing_block)
        known[around] = {name: getattr(box, name) for name in _LENGTHS}
        return
    box.__dict__.update(known[around])
    collapses = style["border_collapse"] == "collapse"
    for name in _BORDERS:
        if not (collapses and hasattr(box, name)):
            setattr(box, name, style[name])


def paints_nothing(style: Any) -> bool:
    """No round corners, no pictures, no shadow, no colour behind."""
    return (
        all((0, "px") in style[corner] for corner in _CORNERS)
        and style["border_image_source"][0] == style["mask_border_source"][0] == "none"
        and style["visibility"] != "hidden"
        and not any(value for _, value in style["background_image"])
        and not style["box_shadow"]
        and get_color(style, "background_color").alpha == 0
    )


def layout_box_backgrounds(page: Any, box: Any, get_image: Any, layout_children: bool = True, style: Any = None) -> None:
    known = box.style.__dict__
    if "paints_nothing" not in known:
        known["paints_nothing"] = paints_nothing(box.style)
    if not known["paints_nothing"] or style is not None or box is page:
        _paint(page, box, get_image, layout_children, style)
        return
    for corner in _CORNERS:
        setattr(box, corner, (0, 0))
    if layout_children:
        for child in box.all_children():
            layout_box_backgrounds(page, child, get_image)
    box.background = None


_RESOLVERS = ("block", "inline", "page", "float", "grid", "absolute", "column", "table")
REPLACEMENTS: tuple[tuple[Any, str, Any], ...] = (
    *((import_module(f"weasyprint.layout.{name}"), "resolve_percentages", resolve_percentages) for name in _RESOLVERS),
    (background, "layout_box_backgrounds", layout_box_backgrounds),
)
