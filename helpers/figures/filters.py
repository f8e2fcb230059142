"""Figures of notebook 05: what excites the filters, and what they put out."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.figures.base import Figure
from helpers.figures.sheet import Heat, tiled

OUTPUTS = 7  # filters a row, beside the image
GRID = 11  # filters a line
SMALLER = {"least": 14, "largest": 16}  # millimetres of a tile: patterns need less than faces


def filter_grid(images: np.ndarray, titles: Sequence[str]) -> Figure:
    """All images of one layer's filters (n, height, width, 1 or 3), eleven a line, over each its number."""
    starts = range(0, len(images), GRID)
    tiles, words = ([list(each[at : at + GRID]) for at in starts] for each in (images, titles))
    return tiled(tiles, words=words, over=True, **SMALLER).figure


def filter_pairs(rows: Sequence[tuple[str, np.ndarray, Sequence[str]]]) -> Figure:
    """Rows of images, each with a title, such as what excites filters and the real image that does so most.

    Args:
        rows: the row's name, images (n, height, width, 1 or 3) in 0..255, and their titles; eight are shown.
    """
    names = [name for name, *_ in rows]
    tiles = [list(images[:8]) for _, images, _ in rows]
    titles = [list(titles[:8]) for *_, titles in rows]
    return tiled(tiles, names, words=titles, over=True, **SMALLER).figure


def filter_outputs(
    image: np.ndarray, maps: Mapping[str, np.ndarray], titles: Mapping[str, Sequence[str]]
) -> Figure:
    """What filters put out for one image: a row a layer, the image first; a scale a row, from 0.

    Args:
        image: (height, width, 1 or 3), 0..255.
        maps: by layer, (filters, height, width), 0 and above; as many are shown as fit.
        titles: by layer, one a filter.
    """
    shown = {name: found[:OUTPUTS] for name, found in maps.items()}
    tops = {name: max(float(found.max(initial=0)), 1e-6) for name, found in shown.items()}
    tiles = [
        [image, *(Heat(one, False, tops[name], "viridis") for one in found)]
        for name, found in shown.items()
    ]
    words = [["image", *titles[name][: len(found)]] for name, found in shown.items()]
    names = [f"{name}\n0 to {tops[name]:.2g}" for name in shown]
    return tiled(tiles, names, words=words, over=True, **SMALLER).figure
