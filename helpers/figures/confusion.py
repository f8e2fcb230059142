"""Figures of notebook 03: the confusion matrix, recall, mistakes beside what they were taken for."""

from collections.abc import Sequence

import numpy as np

from helpers.figures.base import COLOURS, SMALL, WIDTHS, Figure, chart, in_percent, shorten, whole
from helpers.figures.charts import cells, ends
from helpers.figures.sheet import tiled

FEW = 30  # images of a class, below which its row is marked
NEAR = 3  # training images beside a mistake


def confusion(counts: np.ndarray, names: Sequence[str], width: str = "wide") -> Figure:
    """Confusion matrix (classes, classes), rows true: the row's share in percent, the count below, colour by share.

    Rows of fewer than 30 images have a star; of more than 14 classes only shares of 10 % and more are written.
    """
    many, sizes = len(names), counts.sum(axis=1)
    shares = counts / np.maximum(sizes[:, None], 1)
    cell = (WIDTHS[width] - 40) / max(many, 1)
    size = SMALL if cell > 9 else 7
    texts = np.full(counts.shape, "", object)
    for place in zip(
        *np.nonzero((sizes[:, None] > 0) & ((many <= 14) | (shares >= 0.1))), strict=True
    ):
        share = f"{100 * shares[place]:.0f}"
        texts[place] = f"{share} %\n{counts[place]}" if cell > 9 else share
    figure, axes = chart(min(cell, 9.5) * many + 24, width=width)
    room = 27 if width == "wide" else 18
    rows = [
        f"{shorten(name, room)}  {n:,}{'*' if n < FEW else ''}"
        for name, n in zip(names, sizes, strict=True)
    ]
    cells(axes[0, 0], shares, texts, rows, names, cell, size, cmap="Blues", vmin=0, vmax=1)
    axes[0, 0].set(xlabel="predicted class", ylabel="true class, and its images")
    return figure


def recall_against_size(sizes: Sequence[int], recalls: Sequence, names: Sequence[str]) -> Figure:
    """Recall with its interval against the number of training images, one point a class.

    Args:
        sizes: training images of each class.
        recalls: an estimate a class; one that is NaN is left out.
        names: of the classes.
    """
    figure, axes = chart(62)
    ax, found = axes[0, 0], np.array([ends(one) for one in recalls]).reshape(-1, 3)
    ax.vlines(sizes, found[:, 1], found[:, 2], color=COLOURS[0], lw=1.2)
    ax.plot(sizes, found[:, 0], "o", ms=4, color=COLOURS[0])
    most = max([1, *sizes])
    ax.set(xlabel="images of the class in training", ylabel="recall", ylim=(0, 1.02))
    ax.set_xlim(0, 1.2 * most)
    in_percent(ax.yaxis)
    whole(ax.xaxis)
    known = sorted(
        (v, size, n) for v, size, n in zip(found[:, 0], sizes, names, strict=True) if v == v
    )
    taken: list[tuple[float, float]] = []
    for value, size, name in reversed(known):  # moved down where one would stand on another
        y, name = value, shorten(name, 18, SMALL)
        near = [x - size for v, x, _ in known if abs(v - value) < 0.12]
        left = size > 0.3 * most and any(0 < x < 0.25 * most for x in near)
        while any(abs(size - x) < 0.25 * most and abs(y - other) < 0.055 for x, other in taken):
            y -= 0.01
        taken.append((size, y))
        look = {"ha": "right" if left else "left", "va": "center", "fontsize": SMALL}
        ax.annotate(name, (size, y), (-4 if left else 4, 0), textcoords="offset points", **look)
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
    return tiled([list(first), list(second)], titles, left=15, width="text").figure
