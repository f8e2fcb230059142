"""Pictures side by side, large, with a link that saves them as one PNG."""

import base64
import io
from collections.abc import Mapping
from html import escape

import numpy as np
from IPython.display import HTML
from matplotlib import colormaps
from matplotlib.figure import Figure
from PIL import Image

from helpers.figures.base import SIGNED, UNSIGNED, shorten
from helpers.figures.sheet import Heat

SIDE = 300
"""Pixels of a picture in the file, and at most on the page."""
TILE = f"flex:1 1 180px;max-width:{SIDE}px;margin:0 12px 12px 0"
LOOK = "width:100%;aspect-ratio:{};image-rendering:pixelated;border:1px solid #8884"


def colours(picture: np.ndarray | Heat) -> np.ndarray:
    """An image (height, width, 1 or 3) in 0..255, or a map, as uint8 (height, width, 3)."""
    if not isinstance(picture, Heat):
        pixels = np.clip(picture, 0, 255).round().astype("uint8")
        return np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    limit = float(picture.limit or np.abs(picture.map).max(initial=0)) or 1.0
    share = (picture.map / limit + 1) / 2 if picture.signed else picture.map / limit
    usual = SIGNED if picture.signed else UNSIGNED
    scale = colormaps[picture.colours] if picture.colours else usual
    return scale(np.clip(share, 0, 1), bytes=True)[..., :3]


def pictures(
    found: Mapping[str, np.ndarray | Heat], words: str = "", name: str = "explorer"
) -> HTML:
    """Pictures with a line under each, up to 300 pixels wide, side by side as long as each has 180.

    Args:
        found: by their line, an image (height, width, 1 or 3) in 0..255, or a map; each map on its own scale.
        words: what stands above them, also in the file.
        name: of the PNG file, without ``.png``.
    """
    shown = {line: colours(picture) for line, picture in found.items()}
    tiles = [
        f'<figure style="{TILE}"><img alt="{escape(line)}" src="{_data(_png(pixels))}" '
        f'style="{LOOK.format(pixels.shape[1] / pixels.shape[0])}"><figcaption>{escape(line)}</figcaption></figure>'
        for line, pixels in shown.items()
    ]
    return HTML(
        f'<p><b>{escape(words)}</b></p><div style="display:flex;flex-wrap:wrap">{"".join(tiles)}</div>'
        f'<a download="{escape(name)}.png" href="{_data(saved(shown, words))}">save as PNG</a>'
    )


def saved(shown: Mapping[str, np.ndarray], words: str = "") -> bytes:
    """The pictures, uint8 (height, width, 3), in one PNG file, ``words`` above."""
    inches = SIDE / 100
    size = (inches * len(shown) + 0.1 * (len(shown) + 1), inches + 0.8)
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    places = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, (line, pixels) in zip(places, shown.items(), strict=True):
        axes.imshow(pixels, interpolation="nearest")
        axes.set_title(shorten(line, 25.4 * inches, 11), fontsize=11)
        axes.set_axis_off()
    figure.suptitle(shorten(words, 25.4 * size[0], 12), fontsize=12)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
    return file.getvalue()


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
