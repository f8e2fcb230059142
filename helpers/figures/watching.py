"""Figures of notebook 09: strips in which time goes from left to right, and the first filters before and after."""

from collections.abc import Sequence

import numpy as np

from helpers.figures.base import Figure
from helpers.figures.sheet import Heat, tiled


def maps_over_time(
    rows: Sequence[str],
    columns: Sequence[str],
    images: Sequence[np.ndarray | None],
    maps: Sequence[np.ndarray],
) -> Figure:
    """A column of images, then one of their signed maps for every moment, each map on its own scale.

    Args:
        rows, columns: names; the first column is the image.
        images: (height, width, channels) in 0..255 for each row, or None: the row stays empty.
        maps: for every moment (rows, height, width); those of a row without an image are not shown.
    """
    tiles = [
        ["none"] if image is None else [image, *(Heat(found[row], True) for found in maps)]
        for row, image in enumerate(images)
    ]
    return tiled(tiles, rows, columns, left=15).figure


def kernels(
    start: np.ndarray,
    end: np.ndarray,
    titles: Sequence[str],
) -> Figure:
    """Kernels (n, height, width, channels) twice, one under the other, on one scale; 16 fill half a page."""
    tiles = _kernels(np.stack([start, end]))
    return tiled(
        tiles, ("start", "end"), titles, left=12, columns=min(8, len(titles)) or None
    ).figure


def _kernels(found: np.ndarray) -> list[list]:
    """Kernels (rows, columns, height, width, channels) as tiles: three channels as colours, else signed means."""
    shown = found if found.shape[-1] == 3 else found.mean(-1)
    limit = float(np.abs(shown).max(initial=0)) or 1.0
    if found.shape[-1] == 3:
        return [list(127.5 + 127.5 * line / limit) for line in shown]
    return [[Heat(one, True, limit) for one in line] for line in shown]


def images_over_time(
    rows: Sequence[str],
    columns: Sequence[str],
    images: Sequence[np.ndarray],
    chances: Sequence[np.ndarray],
) -> Figure:
    """Images at every moment, under each a probability.

    Args:
        rows, columns: names.
        images: for every moment (rows, height, width, channels) in 0..255.
        chances: for every moment (rows,), 0..1.
    """
    tiles = [[found[row] for found in images] for row in range(len(rows))]
    words = [[f"{found[row]:.2f}" for found in chances] for row in range(len(rows))]
    return tiled(tiles, rows, columns, words, left=15).figure
