"""Logos: only PNG, JPEG and WebP, decoded in a child process with limits, written anew as PNG without metadata."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import warnings
from typing import Any

from assess.core.brand import Logo
from assess.core.errors import Failed, Invalid, Problem

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES, MAX_PIXELS, MAX_SIDE = 2 * 1024**2, 16_000_000, 1024
MEMORY_BYTES, CPU_SECONDS, WALL_SECONDS = 768 * 1024**2, 10, 20
LIGHT = 200
"""A grey value (0..255) from which on a mark can't be told from white paper."""
_REASONS = {
    "unknown": "is not a PNG, JPEG or WebP picture",
    "huge": "claims more than {pixels} million pixels",
    "broken": "is damaged: the picture can't be read to its end",
    "empty": "shows nothing: every pixel is transparent",
}


def make_logo(content: bytes, text: str) -> Logo:
    """The logo of a picture file. Raises Invalid saying what is wrong with it, without naming a file."""
    if len(content) > MAX_BYTES:
        raise _refused("is larger than {limit} MiB", limit=MAX_BYTES // 1024**2)
    if _is_svg(content):
        raise _refused("is an SVG, which can carry scripts and addresses; save the logo as PNG, best 1024 pixels wide")
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=WALL_SECONDS, check=False)  # noqa: S603 - ourselves
    except subprocess.TimeoutExpired:
        raise _refused("takes too long to read") from None
    except OSError as error:
        raise Failed(f"pictures can't be read: {error.strerror}") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise _refused(_REASONS.get(reason, "takes too much memory or time to read"), pixels=MAX_PIXELS // 1_000_000)
    head, _, png = done.stdout.partition(b"\n")
    figures = json.loads(head)
    return Logo(png, figures["width"], figures["height"], text, figures["is_light"])


def _refused(message: str, **params: object) -> Invalid:
    return Invalid([Problem(message, params)])


def _is_svg(content: bytes) -> bool:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith(b"<") and b"<svg" in start


class _Unusable(Exception):  # noqa: N818 - never leaves the child
    """args[0] is a key of _REASONS."""


def reencode(content: bytes) -> tuple[bytes, dict[str, Any]]:
    """PNG of at most MAX_SIDE px a side, upright, sRGB, without margins that nobody sees, and its figures."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                image = _as_seen(ImageOps.exif_transpose(opened))
        except UnidentifiedImageError:
            raise _Unusable("unknown") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _Unusable("huge") from None
        except (OSError, SyntaxError, ValueError, EOFError, IndexError):
            raise _Unusable("broken") from None
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    if box is None:
        raise _Unusable("empty")
    image = image.crop(box)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    figures = {"width": image.width, "height": image.height, "is_light": _is_light(image)}
    if image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue(), figures


def _as_seen(image: Any) -> Any:
    """RGBA in sRGB, and nothing of the file but its pixels."""
    from PIL import Image, ImageCms

    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            pass
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    seen = image.convert("RGBA")
    pixels = Image.new("RGBA", seen.size)
    pixels.paste(seen)
    return pixels


def _is_light(image: Any) -> bool:
    """Whether what can be seen of a cut-out logo is nearly white throughout."""
    alpha = image.getchannel("A")
    visible = alpha.point(lambda value: 255 if value > 64 else 0)
    if visible.getextrema() == (255, 255):
        return False
    shades = image.convert("RGB").convert("L").histogram(visible)
    return bool(sum(shades[LIGHT:]) >= 0.95 * sum(shades))


def main() -> int:
    """In the child: picture on standard input; figures as a line of JSON and the PNG on standard output."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        png, figures = reencode(sys.stdin.buffer.read(MAX_BYTES + 1))
    except _Unusable as error:
        sys.stderr.write(str(error))
        return 2
    sys.stdout.buffer.write(json.dumps(figures).encode() + b"\n" + png)
    return 0


if __name__ == "__main__":
    sys.exit(main())
