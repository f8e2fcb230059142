"""Figures of notebook 03: the confusion matrix, recall, mistakes beside what they were taken for."""

from collections.abc import Sequence

import numpy as np

from helpers.figures.base import COLOURS, SMALL, WIDTHS, Figure, chart, shorten
from helpers.figures.charts import cells
from helpers.figures.sheet import tiled

FEW = 30  # images of a class, below which its row is marked
NEAR = 3  # training images beside a mistake


def confusion(counts: np.ndarray, names: Sequence[str]) -> Figure:
    """Confusion matrix (classes, classes), rows true: the row's share in percent, the count below, colour by share.

    Rows of fewer than 30 images have a star; of more than 14 classes only shares of 10 % and more are written.
    """
    many, sizes = len(names), counts.sum(axis=1)
    shares = counts / np.maximum(sizes[:, None], 1)
    cell = (WIDTHS["wide"] - 40) / max(many, 1)
    size = SMALL if cell > 9 else 7
    texts = np.full(counts.shape, "", object)
    written = (sizes[:, None] > 0) & ((many <= 14) | (shares >= 0.1))
    for place in zip(*np.nonzero(written), strict=True):
        share = f"{100 * shares[place]:.0f}"
        texts[place] = f"{share} %\n{counts[place]}" if cell > 9 else share
    figure, axes = chart(min(cell, 9.5) * many + 24, width="wide")
    counted = zip(names, sizes, strict=True)
    rows = [f"{shorten(name, 27)}  {n:,}{'*' if n < FEW else ''}" for name, n in counted]
    cells(axes[0, 0], shares, texts, rows, names, cell, size, cmap="Blues", vmin=0, vmax=1)
    axes[0, 0].set(xlabel="predicted class", ylabel="true class, and its images")
    return figure


def mistakes(
    images: np.ndarray,
    titles: Sequence[str],
    near: np.ndarray,
    near_titles: Sequence[Sequence[str]],
) -> Figure:
    """Mistaken images, framed, and beside each the three training images nearest to it: what it was taken for.

    Two stand side by side.

    Args:
        images: (n, height, width, 1 or 3), 0..255.
        titles: over each, of one or two lines.
        near: (n, 3, height, width, 1 or 3).
        near_titles: over each of those.
    """
    block, across = 1 + NEAR, min(2, max(1, len(images)))
    tiles = [tile for image, some in zip(images, near, strict=True) for tile in (image, *some)]
    heads = [
        head for title, some in zip(titles, near_titles, strict=True) for head in (title, *some)
    ]
    options = {"columns": block * across, "groups": range(block, block * across, block)}
    sheet = tiled([tiles], heads=heads, **options)
    for axes in sheet.figure.axes[::block]:
        axes.spines[:].set(visible=True, color=COLOURS[1], linewidth=1.4)
    return sheet.figure


def worst_pair(first: np.ndarray, second: np.ndarray, titles: Sequence[str]) -> Figure:
    """Example images of two classes (n, height, width, 1 or 3), a row each, with the row's name."""
    return tiled([list(first), list(second)], titles, left=15, width="text", largest=20).figure
