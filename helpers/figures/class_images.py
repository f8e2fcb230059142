"""Figures of notebook 07: class images, large and in rows."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from helpers.figures.base import Figure
from helpers.figures.sheet import tiled


def winners(images: np.ndarray, titles: Sequence[str], notes: Sequence[str] = ()) -> Figure:
    """One row of class images (n, height, width, 1 or 3), four a line and so enlarged, a note under each."""
    columns = min(4, len(images)) or None
    return tiled([images], heads=titles, words=[notes], columns=columns, largest=42).figure


def image_rows(
    rows: Mapping[str, np.ndarray],
    names: Sequence[str],
    numbers: Mapping[str, Sequence[float]],
    stretched: Collection[str] = (),
) -> Figure:
    """Images in labelled rows, one column a class, and below each a number.

    Args:
        rows: by label, (classes, height, width, 1 or 3) in 0..255; an image with NaN is left blank.
        names: of the classes.
        numbers: by label, shares (classes,) to print below, ``0.83``; a row without them, or NaN, has none.
        stretched: labels of the rows whose images are each stretched to 0..255.
    """
    tiles = [[_stretch(one) if name in stretched else one for one in rows[name]] for name in rows]
    words = [["" if np.isnan(v) else f"{v:.2f}" for v in numbers.get(name, ())] for name in rows]
    return tiled(tiles, list(rows), names, words, left=19).figure


def _stretch(image: np.ndarray) -> np.ndarray:
    return 255 * (image - image.min()) / max(float(np.ptp(image)), 1e-6)
