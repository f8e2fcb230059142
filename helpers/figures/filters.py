"""Figures of notebook 05: what excites the filters, what they put out, and how far ascent gets."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.figures.base import COLOURS, INK, MARKS, SIZE, SOFT, Figure, chart
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
    image: np.ndarray,
    maps: Mapping[str, np.ndarray],
    titles: Mapping[str, Sequence[str]],
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


def climbs(found: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Activations in units of the highest by a real image: a row a layer, a dot a filter, a line the median.

    Args:
        found: by layer, then by what excites (``image found`` or the like), values (n,).
    """
    figure, axes = chart(13 * len(found) + 22)
    ax, kinds = axes[0, 0], list(next(iter(found.values()), {}))
    looks = dict(zip(kinds, zip((SOFT, COLOURS[1], COLOURS[0]), MARKS, strict=False), strict=False))
    for row, values in enumerate(found.values()):
        for place, (kind, (colour, mark)) in enumerate(looks.items()):
            y, ratio = row + 0.26 * (place - (len(kinds) - 1) / 2), np.asarray(values[kind], float)
            ax.plot(ratio, np.full(len(ratio), y), mark, ms=3, mew=0, alpha=0.5, color=colour)
            if len(ratio):
                ax.plot([np.median(ratio)] * 2, [y - 0.12, y + 0.12], color=INK, lw=1.6)
    for kind, (colour, mark) in looks.items():
        ax.plot([], [], mark, ms=4, color=colour, label=kind)
    ax.axvline(1, color=INK, lw=0.9, ls=":")
    ax.set_yticks(range(len(found)), [name.replace("_", " ") for name in found], fontsize=SIZE)
    ax.set(
        ylim=(max(len(found), 1) - 0.5, -0.5), xlabel="activation (1: the best validation image)"
    )
    ax.grid(axis="y", visible=False)
    ax.set_xlim(left=-0.1)
    if kinds:
        figure.legend(loc="outside upper center", ncols=len(kinds), handletextpad=0.3)
    return figure
