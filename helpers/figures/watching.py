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


def kernels(start: np.ndarray, end: np.ndarray, titles: Sequence[str]) -> Figure:
    """Kernels (n, height, width, channels) twice, one under the other, on one scale; 16 fill half a page.

    Three channels are shown as colours, of others the signed mean.
    """
    colours = start.shape[-1] == 3
    both = np.stack([start, end] if colours else [start.mean(-1), end.mean(-1)])
    limit = float(np.abs(both).max(initial=0)) or 1.0
    tiles = [
        list(127.5 + 127.5 * line / limit) if colours else [Heat(one, True, limit) for one in line]
        for line in both
    ]
    columns = min(8, len(titles)) or None
    return tiled(tiles, ("start", "end"), titles, left=12, columns=columns).figure
