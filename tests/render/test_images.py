"""Logos are decoded with limits and written anew; bombs, scripts and damage are refused in words."""

from __future__ import annotations

import io
import itertools
import random
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from assess.core.errors import Invalid
from assess.render.images import make_logo, reencode
from tests.fuzzing import SEED, amount


def picture(
    size: tuple[int, int] = (60, 20), colour: Any = (10, 80, 160), fmt: str = "PNG", mode: str = "RGB", **options: Any
) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, fmt, **options)
    return written.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims that size."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def reason(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        make_logo(content, "x")
    return caught.value.problems[0].text


def reopened(png: bytes) -> Any:
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("fmt", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats_become_png(fmt: str) -> None:
    logo = make_logo(picture(fmt=fmt), "Acme")
    assert reopened(logo.png).format == "PNG"
    assert (logo.width, logo.height, logo.text) == (60, 20, "Acme")


def test_a_large_logo_is_made_smaller_and_keeps_its_shape() -> None:
    png, figures = reencode(picture((3000, 1500)))
    assert (figures["width"], figures["height"]) == (1024, 512)
    assert reopened(png).size == (1024, 512)


def test_an_extreme_shape_keeps_a_pixel() -> None:
    assert reencode(picture((4000, 2)))[1]["height"] == 1


def test_no_metadata_and_no_bytes_of_the_file_survive() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Rosa secret")
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    for content in (picture(pnginfo=notes) + b"secret tail", picture(fmt="JPEG", exif=exif)):
        png, _ = reencode(content)
        assert b"secret" not in png
        assert not reopened(png).info


def test_a_photo_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert reencode(picture((60, 20), fmt="JPEG", exif=exif))[1]["width"] == 20


def test_margins_that_nobody_sees_are_cut_off() -> None:
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (50, 80, 150, 120))
    written = io.BytesIO()
    image.save(written, "PNG")
    assert (reencode(written.getvalue())[1]["width"], reencode(written.getvalue())[1]["height"]) == (100, 40)


@pytest.mark.parametrize(
    ("mode", "colour"), [("1", 1), ("L", 90), ("P", 3), ("LA", (90, 200)), ("CMYK", (0, 99, 99, 0)), ("I;16", 30000)]
)
def test_every_kind_of_pixel_is_read(mode: str, colour: Any) -> None:
    fmt = "JPEG" if mode == "CMYK" else "PNG"
    assert reopened(reencode(picture(mode=mode, colour=colour, fmt=fmt))[0]).size == (60, 20)


def test_a_white_logo_without_a_ground_is_marked_so_that_it_gets_one() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 20, 40))
    image.putpixel((39, 39), (255, 255, 255, 255))
    written = io.BytesIO()
    image.save(written, "PNG")
    assert reencode(written.getvalue())[1]["is_light"]
    assert not reencode(picture(colour=(255, 255, 255)))[1]["is_light"]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert reason(bomb(30_000, 30_000)) == "claims more than 16 million pixels"
    assert reason(bomb(5_000, 4_000)) == "claims more than 16 million pixels"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a PNG, JPEG or WebP picture"),
        (b"hello", "is not a PNG, JPEG or WebP picture"),
        (b"GIF89a" + b"\0" * 40, "is not a PNG, JPEG or WebP picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is not a PNG, JPEG or WebP picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG"),
        (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- x --><SVG onload='alert(1)'/>", "is an SVG"),
        (picture((300, 300))[:150], "is damaged"),
        (bomb(100, 100), "is damaged"),
        (picture(mode="RGBA", colour=(0, 0, 0, 0)), "shows nothing"),
        (b"\x89PNG" + b"x" * (2 * 1024**2), "is larger than 2 MiB"),
    ],
)
def test_what_is_no_logo_is_refused_in_words(content: bytes, words: str) -> None:
    assert words in reason(content)


TAILS = (
    b"<script>canary()</script>",
    b"PK\x03\x04canary.zip",
    b"%PDF-1.7 canary",
    b"<?php canary(); ?>",
    b"#!/bin/sh\ncanary\n",
)
HEADS = (b"GIF89a=canary/*", b"%!PS canary\n", b"RIFF\x10\0\0\0WEBPVP8 canary", b"\xff\xd8\xff\xe0canary", b"<svg>canary</svg>")


def hostile_pictures(chance: random.Random) -> Iterator[bytes]:
    """Bombs of many sizes, files of two kinds at once, and good pictures that are damaged."""
    whole = [picture((80, 40), (chance.randrange(256), 90, 7), fmt) for fmt in ("PNG", "JPEG", "WEBP")]
    sides = (1, 17, 5_000, 30_000, 65_535, 2**31 - 1)
    yield from (bomb(wide, high) for wide in sides for high in sides[2:])
    yield from (one + tail for one in whole for tail in TAILS)
    yield from (head + one for one in whole for head in HEADS)
    while True:
        content = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        yield bytes(content[: chance.randrange(20, len(content))] if chance.random() < 0.4 else content)


def test_a_hundred_bombs_and_double_files_are_refused_in_words_or_written_anew() -> None:
    cases = itertools.islice(hostile_pictures(random.Random(SEED)), amount(100, 1000))
    refused = kept = 0
    for number, content in enumerate(cases):
        began = time.process_time()
        try:
            png = make_logo(content, "x").png
        except Invalid as error:
            refused += bool(error.problems)
        else:
            assert reopened(png).format == "PNG", number
            assert b"canary" not in png, number
            kept += 1
        assert time.process_time() - began < 2, number
    assert refused + kept == amount(100, 1000)
    assert refused > 40
    assert kept > 10
