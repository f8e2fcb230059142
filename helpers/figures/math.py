"""Figures of notebook 11: where a kernel stands, and what a second softmax does."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from helpers.figures.base import COLOURS, SOFT, Figure, figure_of, percent


def kernel_places(n: int, padding: int, kernel: int, begins: Sequence[int]) -> Figure:
    """One axis of ``n`` values with its padding, and below it every place where a kernel stands.

    Args:
        n: values along the axis.
        padding: zeros on either side.
        kernel: how many values the kernel covers.
        begins: where it begins, counted from the first padded value.
    """
    length = n + 2 * padding
    figure, axes = figure_of(0.5 + 0.13 * (len(begins) + 2))
    ax = axes[0, 0]
    for i in range(length):
        inside = padding <= i < n + padding
        ax.add_patch(Rectangle((i, -1), 1, 0.9, fc="#cfe3ef" if inside else "white", ec=SOFT, lw=0.6))
    for row, begin in enumerate(begins):
        ax.add_patch(Rectangle((begin, row + 0.2), kernel, 0.6, fc=COLOURS[1], ec="none"))
    ax.set(xlim=(-0.2, length + 0.2), ylim=(len(begins) + 0.2, -1.2), yticks=[])
    ax.set_xticks(np.arange(0, length, max(1, length // 20)) + 0.5, range(0, length, max(1, length // 20)))
    ax.set_xlabel("place along the axis; white: padding, blue: image, orange: the kernel's places")
    ax.spines[:].set_visible(False)
    ax.grid(False)
    return figure


def softmax_twice(
    path: Sequence[np.ndarray], images: Sequence[np.ndarray], curves: Mapping[str, Sequence[Mapping]], lowest: float
) -> Figure:
    """Left: the gradient's length against the true class's probability. Right: validation loss of two trainings.

    Args:
        path, images: probability of the true class, gradient length with softmax once and twice, each (n,): along
            a line, and of single images.
        curves: the histories of the two trainings by name, softmax once first.
        lowest: the lowest loss that softmax twice can reach.
    """
    figure, axes = figure_of(2.2, 1, 2)
    left, right = axes[0]
    for k, (name, colour) in enumerate(zip(curves, COLOURS, strict=False), 1):
        left.plot(images[0], images[k], ".", ms=2.5, alpha=0.35, color=colour, mew=0, rasterized=True)
        left.plot(path[0], path[k], color=colour, lw=1.4, label=name)
        rows = curves[name]
        right.plot(
            [row["epoch"] for row in rows],
            [row["val_loss"] for row in rows],
            color=colour,
            marker="o",
            ms=3,
            label=name,
        )
    left.set(xlabel="probability of the true class", ylabel="length of ∂L/∂z", ylim=(0, None), xlim=(-0.02, 1.02))
    percent(left.xaxis)
    left.legend()
    epochs = [row["epoch"] for rows in curves.values() for row in rows]
    right.axhline(lowest, color=SOFT, lw=0.9, ls=":")
    right.text(max(epochs), lowest, "lowest possible, twice", color=SOFT, fontsize=8, va="bottom", ha="right")
    right.set(xlabel="epoch", ylabel="validation loss", ylim=(0, None))
    right.set_xticks(range(min(epochs), max(epochs) + 1, max(1, max(epochs) // 8)))
    return figure
