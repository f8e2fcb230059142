"""One's own photo, made into what the network takes: opened, the face found, cut out, scaled."""

import warnings
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from helpers import ROOT
from helpers.datasets import images
from helpers.datasets.source import MAX_IMAGE
from helpers.errors import UserError

SEARCHED = 320  # pixels of the longer side in which a face is looked for


def opened(source: str | Path | bytes, name: str = "") -> Image.Image:
    """A photo upright and in full, RGB with 8 bits a channel; what is transparent becomes white.

    Args:
        source: a JPEG, PNG or any other image that a data set may hold: its content, or its path in full or from the
            notebook's or the workbook's folder; ``~`` is the home folder; blanks and quotation marks around it, as a
            file manager copies them, do not count.
        name: what messages call a content.

    Raises:
        UserError: no such file, none that is a picture, or too large a one.
    """
    if not isinstance(source, bytes):
        path = Path(str(source).strip(" \"'")).expanduser()
        name, source = path.name, path if path.exists() else ROOT / path
    try:
        if not isinstance(source, bytes):
            with source.open("rb") as file:
                source = file.read(MAX_IMAGE)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            pixels, _ = images.decoded(source, name)
    except FileNotFoundError:
        raise UserError(
            f"there is no photo {path}: give the path of a JPEG or PNG file, in full or from the workbook's folder"
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        most = f"{Image.MAX_IMAGE_PIXELS / 1e6:.0f} megapixels"
        raise UserError(f"{name} is too large: give a photo of at most {most}") from None
    except Exception as fault:  # decoders raise OSError, struct.error, SyntaxError, IndexError
        raise UserError(
            f"{name} is not a picture that can be read ({fault}): give a JPEG or PNG file"
        ) from fault
    return Image.fromarray(pixels.repeat(3 // pixels.shape[-1], axis=-1))


def centre(photo: Image.Image, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """The largest box of the network's proportions in the middle of a photo: left, top and width in pixels."""
    height, width, _ = shape
    wide = min(photo.width, photo.height * width // height)
    return (photo.width - wide) // 2, (photo.height - wide * height // width) // 2, wide


def face(photo: Image.Image, shape: tuple[int, int, int]) -> tuple[int, int, int] | None:
    """A tight box around the largest face, as FER2013 cuts its faces; left, top and width in pixels, or None.

    By the cascade of local binary patterns that comes with scikit-image.
    """
    small = photo.convert("L")
    small.thumbnail((SEARCHED, SEARCHED))
    options = {"scale_factor": 1.2, "step_ratio": 1, "min_size": (32, 32)}
    found = _cascade().detect_multi_scale(
        np.asarray(small), max_size=(SEARCHED, SEARCHED), **options
    )
    if not found:
        return None
    largest, scale = max(found, key=lambda box: box["width"]), photo.width / small.width
    left, top, wide = (largest[key] * scale for key in ("c", "r", "width"))
    # The cascade's box ends above the chin.
    return inside(photo, shape, round(left - wide / 20), round(top - wide / 50), round(1.1 * wide))


@cache
def _cascade():
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def inside(photo: Image.Image, shape: tuple[int, int, int], left: int, top: int, wide: int):
    """A box moved, and where it must be made smaller, so that it lies in the photo."""
    wide = max(1, min(wide, centre(photo, shape)[2]))
    tall = max(1, wide * shape[0] // shape[1])
    return max(0, min(left, photo.width - wide)), max(0, min(top, photo.height - tall)), wide


def cut(photo: Image.Image, shape: tuple[int, int, int], box: tuple[int, int, int]) -> np.ndarray:
    """What a network sees of a photo.

    Args:
        photo: from ``opened``.
        shape: (height, width, channels) of the network's images.
        box: left, top and width in pixels.

    Returns:
        uint8 (1, height, width, channels).
    """
    height, width, channels = shape
    left, top, wide = box
    part = photo.crop((left, top, left + wide, top + max(1, wide * height // width)))
    fitted = part.convert("L" if channels == 1 else "RGB").resize(
        (width, height), Image.Resampling.LANCZOS
    )
    return np.asarray(fitted).reshape(1, height, width, channels)
