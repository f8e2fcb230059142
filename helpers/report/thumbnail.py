"""The tiny pictures of page 1: a drawing whole, of a picture the part where its first tiles are."""

import base64
import io
import json

import numpy as np
from PIL import Image

from helpers.report.document import Figure

ASPECT = 24 / 10.5
SHOWN = 60  # millimetres of a picture: three tiles beside each other
PIXELS = 320  # of a thumbnail's width
INK = 245  # of 255: what is lighter is paper


def window(figure: Figure) -> tuple[float, float, float] | None:
    """The part that is shown: left, top and width in millimetres; None for the whole of it.

    It begins where a row, and a column, is full of ink: right of labels and below headings.
    """
    width, height = figure.size()
    if figure.path.suffix == ".svg" or width <= SHOWN:
        return None
    with Image.open(figure.path) as image:
        ink = np.asarray(image.convert("L")) < INK
    mm = width / ink.shape[1]
    top = _first(ink.mean(axis=1))
    left = _first(ink[top : top + round(SHOWN / ASPECT / mm)].mean(axis=0))
    return min(left * mm, width - SHOWN), max(0, min(top * mm, height - SHOWN / ASPECT)), SHOWN


def _first(shares: np.ndarray) -> int:
    """The first line with more than half of the ink that the fullest has."""
    return int(np.argmax(shares > 0.5 * shares.max()))


def uri(figure: Figure) -> str | None:
    """A small PNG as a data URI; None where Typst, which draws drawings, is missing."""
    if (place := window(figure)) is None:
        data = _drawn(figure)
    else:
        with Image.open(figure.path) as image:
            scale = image.width / figure.size()[0]
            left, top, width = (round(length * scale) for length in place)
            shown = image.convert("RGB").crop(
                (left, top, left + width, top + round(width / ASPECT))
            )
        buffer = io.BytesIO()
        shown.thumbnail((PIXELS, PIXELS))
        shown.quantize(64, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        data = buffer.getvalue()
    return data and f"data:image/png;base64,{base64.b64encode(data).decode()}"


def _drawn(figure: Figure) -> bytes | None:
    try:
        import typst
    except ImportError:
        return None
    code = "#set page(width: auto, height: auto, margin: 0pt)\n"
    code += f"#image({json.dumps(figure.path.name)}, height: 13mm)"
    look = {"format": "png", "ppi": 200, "ignore_system_fonts": True}
    return typst.compile(code.encode(), root=str(figure.path.parent), **look)
