"""Figures as the pages embed them."""

import base64
import io
import re
import struct
from urllib.parse import quote

from nbformat import NotebookNode
from PIL import Image

QUALITY = 50  # of a figure that is smaller with loss than without
LARGE, COARSER = 50_000, 0.75  # bytes above which a page shows a figure at 150 pixels an inch instead of 200
PHOTOGRAPHS = 2  # times as large as a JPEG is a PNG that is printed with loss

# Matplotlib's comments, its metadata, and names that nothing refers to.
UNREAD = re.compile(r'<!--.*?-->|<metadata>.*?</metadata>| id="[a-z0-9]+_\d+"', re.DOTALL)


def picture(output: NotebookNode, small: bool = False) -> tuple[str, float]:
    """A figure's data URI and its width in inches.

    Args:
        small: as browsers of the last years show it: a PNG as WebP, with loss where that is smaller and no loss is
            seen, a drawing as text. The engine that makes the PDF is given PNG, or JPEG where photographs make a PNG
            more than twice as large, and base64.
    """
    if "image/svg+xml" in output.data:
        svg = output.data["image/svg+xml"]
        width = re.search(r'<svg[^>]*?\swidth="([\d.]+)(pt|in|px)?"', svg)
        inches = float(width[1]) / {"pt": 72, "in": 1}.get(width[2], 96) if width else 6.5
        if small:
            svg = UNREAD.sub("", svg)
            # A single quote may stand in an address as it is, a double one takes three bytes.
            short = " ".join((svg if "'" in svg else svg.replace('"', "'")).split())
            return "data:image/svg+xml," + quote(short, safe=" !*'+,-./:;="), inches
        return _uri("svg+xml", svg.encode()), inches
    content = base64.b64decode("".join(output.data["image/png"].split()))
    inches = _png_width(content)
    if small:
        return _uri("webp", _webp(content)), inches
    jpeg = _jpeg(content)
    return (_uri("jpeg", jpeg) if PHOTOGRAPHS * len(jpeg) < len(content) else _uri("png", content)), inches


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _webp(png: bytes) -> bytes:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    made = [_saved(image, "WEBP", method=4, **way) for way in ({"lossless": True}, {"quality": QUALITY})]
    if len(small := min(made, key=len)) <= LARGE:
        return small
    size = (round(COARSER * image.width), round(COARSER * image.height))
    return _saved(image.resize(size, Image.Resampling.LANCZOS), "WEBP", method=4, quality=QUALITY)


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    found = io.BytesIO()
    image.save(found, kind, **options)
    return found.getvalue()


def _jpeg(png: bytes) -> bytes:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return _saved(image, "JPEG", quality=90, subsampling=0, optimize=True)


def _png_width(content: bytes) -> float:
    """The width in inches that a PNG asks for; 200 pixels an inch where it does not say."""
    pixels = struct.unpack(">I", content[16:20])[0]
    at = content.find(b"pHYs", 0, 4096)
    per_metre = struct.unpack(">I", content[at + 4 : at + 8])[0] if at > 0 else 0
    return pixels / (per_metre * 0.0254) if per_metre else pixels / 200
