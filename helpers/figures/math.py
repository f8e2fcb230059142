"""Figures of notebook 11: where a kernel stands, and what a second softmax does."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from helpers.figures import base as style
from helpers.figures.base import COLOURS, DASHES, SMALL, SOFT, Figure


def kernel_places(n: int, padding: int, kernel: int, begins: Sequence[int]) -> Figure:
    """One axis of ``n`` values with its padding, and below it every place where a kernel stands.

    Args:
        n: values along the axis.
        padding: zeros on either side.
        kernel: how many values the kernel covers.
        begins: where it begins, counted from the first padded value.
    """
    total = n + 2 * padding
    figure, axes = style.chart(14 + 3.6 * (len(begins) + 1.5))
    ax = axes[0, 0]
    style.bare(ax)
    for i in range(total):
        colour = "#cfe3ef" if padding <= i < n + padding else "white"
        ax.add_patch(Rectangle((i, -1), 1, 0.9, fc=colour, ec=SOFT, lw=0.6))
    for row, begin in enumerate(begins):
        ax.add_patch(Rectangle((begin, row + 0.2), kernel, 0.6, fc=COLOURS[1], ec="none"))
    ax.set(xlim=(-0.2, total + 0.2), ylim=(len(begins) + 0.2, -1.2))
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 10**9) if total / s <= 20)
    ax.set_xticks(np.arange(0, total, step) + 0.5, range(0, total, step))
    ax.set_xlabel("place along the axis (white: padding; blue: values; orange: the kernel)")
    return figure


def softmax_twice(
    path: Sequence[np.ndarray],
    images: Sequence[np.ndarray],
    curves: Mapping[str, Sequence[Mapping]],
    lowest: float,
) -> Figure:
    """Left: the gradient's length against the true class's probability. Right: validation loss of two trainings.

    Args:
        path, images: probability of the true class, gradient length with softmax once and twice, each (n,): along
            a line, and of single images.
        curves: the histories of the two trainings by name, softmax once first.
        lowest: the lowest loss that softmax twice can reach.
    """
    figure, axes = style.chart(58, 1, 2, "wide")
    left, right = axes[0]
    for k, (name, colour) in enumerate(zip(curves, COLOURS, strict=False), 1):
        dots = {"ms": 2.5, "alpha": 0.35, "color": colour, "mew": 0, "rasterized": True}
        left.plot(images[0], images[k], ".", **dots)
        left.plot(path[0], path[k], color=colour, ls=DASHES[k - 1], lw=1.5, label=name)
        rows = curves[name]
        epochs = [row["epoch"] for row in rows]
        losses = [row["val_loss"] for row in rows]
        mark = "os"[k - 1] if len(rows) < 13 else None
        right.plot(epochs, losses, color=colour, ls=DASHES[k - 1], marker=mark, ms=3, label=name)
    left.set(xlabel="probability of the true class", ylabel="length of ∂L/∂z")
    left.set(ylim=(0, None), xlim=(-0.02, 1.02))
    style.in_percent(left.xaxis)
    left.legend()
    right.axhline(lowest, color=SOFT, lw=0.9, ls=":")
    look = {"color": SOFT, "fontsize": SMALL, "va": "top", "ha": "right"}
    place = {"xycoords": right.get_yaxis_transform(), "textcoords": "offset points"}
    right.annotate("lowest possible, twice", (0.99, lowest), (0, -2), **place, **look)
    right.set(xlabel="epoch", ylabel="validation loss", ylim=(0, None))
    style.whole(right.xaxis, 8)
    return figure
