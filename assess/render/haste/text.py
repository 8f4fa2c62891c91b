"""Text: Pango's context and font are made once per style, not twice per line; chart labels are set as words, not as letters."""

from __future__ import annotations

from typing import Any

from weasyprint import svg
from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.svg.text import Style, TextBox
from weasyprint.text import fonts
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.line_break import Layout, line_size

_FEATURES = (
    *("font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric"),
    *("font_variant_alternates", "font_variant_east_asian", "font_feature_settings"),
)
_ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
_TO_END = 0xFFFFFFFF

_setup, _set_text = Layout.setup, Layout.set_text


def is_plain(style: Any) -> bool:
    """Whether text of this style needs nothing but a font, a language and features."""
    return (
        style["text_decoration_line"] == "none"
        and not style["word_spacing"]
        and style["letter_spacing"] in ("normal", 0)
        and style["font_language_override"] == "normal"
        and bool(style["lang"])
    )


def prepare(style: Any) -> tuple[Any, Any, Any, Any]:
    """Context, font, language and attributes (None for none) of a plain style."""
    context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
    pango.pango_context_set_round_glyph_positions(context, False)
    pango.pango_context_set_base_dir(context, PANGO_DIRECTION[style["direction"]])
    language = pango.pango_language_from_string(unicode_to_char_p(style["lang"])[0])
    pango.pango_context_set_language(context, language)
    return context, fonts.get_font_description(style), language, attributes(style)


def attributes(style: Any) -> Any:
    """Font features, and no hyphens where words are broken, for a text of any length; None without either."""
    features = fonts.font_features(*(style[name] for name in _FEATURES))
    breaks = style["overflow_wrap"] in ("anywhere", "break-word")
    if not features and not breaks:
        return None
    found = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
    if features:
        text = ",".join(f"{name} {value}" for name, value in features.items()).encode()
        pango.pango_attr_list_insert(found, pango.pango_attr_font_features_new(text))
    if breaks:
        whole = pango.pango_attr_insert_hyphens_new(False)
        whole.start_index, whole.end_index = 0, _TO_END
        pango.pango_attr_list_insert(found, whole)
    return found


def setup(self: Any, style: Any) -> None:
    known = style.__dict__
    if "prepared" not in known:
        known["prepared"] = prepare(style) if is_plain(style) else None
    self.is_plain = known["prepared"] is not None and not self.justification_spacing
    if not self.is_plain:
        _setup(self, style)
        return
    context, font, self.language, given = known["prepared"]
    self.style, self.first_line_direction = style, 0
    self.ascent = self.underline_position = self.strikethrough_position = None
    self.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(self.layout, False)
    pango.pango_layout_set_font_description(self.layout, font)
    if given is not None:
        pango.pango_layout_set_attributes(self.layout, given)


def set_text(self: Any, text: str, justify: bool = False) -> None:
    if not self.is_plain or "\t" in text or "\0" in text:
        _set_text(self, text, justify)
        return
    end = text.find("\n")
    self.text = text if end == -1 else text[: end + 2]
    encoded = self.text.encode()
    pango.pango_layout_set_text(self.layout, encoded, len(encoded))


def label_style(picture: Any, node: Any, size: float) -> Any:
    """The style of a chart's label, made once per font, weight and size."""
    given = (node.get("font-family", "sans-serif"), node.get("font-weight", "400"), size, picture.tree.get("lang"))
    known = picture.font_config.__dict__.setdefault("label_styles", {})
    if given not in known:
        known[given] = style = Style(INITIAL_VALUES)
        style.font_config = picture.font_config
        style["font_family"] = [name.strip().strip("\"'") for name in given[0].split(",")]
        style["font_weight"] = {"normal": 400, "bold": 700}.get(given[1]) or int(given[1])
        style["font_size"], style["lang"] = size, given[3]
    return known[given]


def label(picture: Any, node: Any, size: float) -> None:
    """A label as one line at its place: x, y, text-anchor and a middle baseline, nothing finer."""
    if not node.text or not node.text.strip():
        return
    style = label_style(picture, node, size)
    layout = Layout(style)
    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    layout.set_text(node.text)
    width, height = line_size(layout.get_first_line()[0], style)
    x, y = picture.point(node.get("x"), node.get("y"), size)
    x -= width * _ANCHORS[node.get("text-anchor", "start")]
    y += size * 0.3 if node.get("dominant-baseline") in ("central", "middle") else 0
    node.text_bounding_box = x, y - height, width, 1.3 * height
    fill, stroke = picture.set_graphical_state(node, size)
    picture.stream.begin_text()
    picture.fill_stroke(fill, stroke, text=True)
    draw_first_line(picture.stream, TextBox(layout, style), "none", "none", Matrix(d=-1, e=x, f=y))
    picture.stream.end_text()


REPLACEMENTS: tuple[tuple[Any, str, Any], ...] = (
    (Layout, "setup", setup),
    (Layout, "set_text", set_text),
    (svg.TAGS, "text", label),
)
