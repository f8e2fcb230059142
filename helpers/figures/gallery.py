"""Images in rows: the first of every class, a strip, any gallery with titles, pairs of duplicates."""

from collections.abc import Sequence

import numpy as np

from helpers.figures.base import TILE, WIDTHS, Figure
from helpers.figures.sheet import GAP, tiled


def gallery(images: np.ndarray, titles: Sequence[str], columns: int | None = None) -> Figure:
    """Images (n, height, width, 1 or 3) in lines of ``columns``, over each a title of one or two lines."""
    return tiled([images], heads=titles, columns=columns).figure


def strip(images: np.ndarray, titles: Sequence[str] = ()) -> Figure:
    """The first images (n, height, width, 1 or 3), as many as fit into one line."""
    fit = int((WIDTHS["wide"] + GAP) // (TILE + GAP))
    return gallery(images[:fit], titles[:fit], min(len(images), fit) or None)


def examples(images: np.ndarray, labels: np.ndarray, names: Sequence[str], each: int = 4) -> Figure:
    """The first ``each`` images of every class, of more than 12 classes one; a column a class.

    Args:
        images: (n, height, width, 1 or 3), 0..255.
        labels: int (n,).
        names: of the classes.
        each: images a class.
    """
    of = [np.flatnonzero(labels == k)[: each if len(names) <= 12 else 1] for k in range(len(names))]
    rows = range(max(map(len, of), default=0))
    tiles = [[images[some[row]] if row < len(some) else None for some in of] for row in rows]
    return tiled(tiles, heads=names).figure


def pairs(first: np.ndarray, second: np.ndarray, titles: Sequence[str]) -> Figure:
    """Pairs of images (n, height, width, 1 or 3), such as near duplicates, a title over each."""
    columns = 2 * max(1, min(len(first), 4))
    line = [image for pair in zip(first, second, strict=True) for image in pair]
    groups = range(2, columns, 2)
    return tiled([line], heads=titles, span=2, columns=columns, groups=groups).figure
