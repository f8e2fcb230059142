"""One's own photo, made into what the network takes."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers import ROOT
from helpers.errors import UserError


def read(path: str | Path, shape: tuple[int, int, int]) -> np.ndarray:
    """A photo as the network takes it: turned upright, its centre cut out, made grey or colour, scaled.

    Args:
        path: a JPEG, PNG or any file that Pillow reads: in full, or from the notebook's or the workbook's folder;
            ``~`` is the home folder; blanks and quotation marks around it, as a file manager copies them, do not count.
        shape: (height, width, channels) of the network's images.

    Returns:
        uint8 (1, height, width, channels).

    Raises:
        UserError: no such file, or none that is a picture.
    """
    height, width, channels = shape
    path = Path(str(path).strip(" \"'")).expanduser()
    try:
        with Image.open(path if path.exists() else ROOT / path) as file:
            upright = ImageOps.exif_transpose(file).convert("L" if channels == 1 else "RGB")
    except FileNotFoundError:
        raise UserError(
            f"there is no photo {path}: give the path of a JPEG or PNG file, in full or from the workbook's folder"
        ) from None
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as fault:
        raise UserError(
            f"{path.name} is not a picture that can be read ({fault}): give a JPEG or PNG file"
        ) from fault
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(fitted).reshape(1, height, width, channels)
