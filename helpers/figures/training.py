"""Figures of notebooks 01 to 03: the data, the trainings, the confusion matrix."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.ticker import MaxNLocator, PercentFormatter

from helpers.evaluation import FEW, ClassScore
from helpers.figures.base import COLOURS, INK, SOFT, WIDTH, Figure, figure_of, percent, picture, shorten


def _epochs(ax, epochs: Sequence[int], most: int = 12) -> None:
    """Whole epochs on the horizontal axis, also where there is only one."""
    if len(epochs) <= most:
        ax.set_xticks(epochs)
        ax.set_xlim(epochs[0] - 0.3, epochs[-1] + 0.3)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=most))


def _marker(rows: Sequence) -> str | None:
    """A dot an epoch, unless there are so many that they would hide whether the line is dashed."""
    return "o" if len(rows) < 13 else None


def examples(images: np.ndarray, labels: np.ndarray, names: Sequence[str], each: int = 4) -> Figure:
    """The first ``each`` images of every class, one column a class; of more than 12 classes one image, in rows.

    Args:
        images: uint8 (n, height, width, 1 or 3).
        labels: int (n,).
        names: of the classes.
        each: images a class.
    """
    columns = min(len(names), 12)
    rows = each if len(names) <= columns else -(-len(names) // columns)
    figure, axes = figure_of(WIDTH / columns * rows * 1.05 + 0.18 * (1 if rows == each else rows), rows, columns)
    for ax in axes.flat:
        ax.axis("off")
    for k, name in enumerate(names):
        for row, index in enumerate(np.flatnonzero(labels == k)[: each if len(names) <= columns else 1]):
            ax = axes[row + k // columns, k % columns]
            picture(ax, images[index], shorten(name, 10) if row == 0 else "")
            ax.axis("on")
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    return figure


def history(rows: Sequence[Mapping], best: int) -> Figure:
    """Loss and accuracy of training and validation against epochs, the best epoch marked."""
    figure, axes = figure_of(2.1, 1, 2)
    epochs = [row["epoch"] for row in rows]
    for ax, key, label in ((axes[0, 0], "loss", "loss (cross-entropy)"), (axes[0, 1], "accuracy", "accuracy")):
        marker = _marker(rows)
        ax.plot(epochs, [row[key] for row in rows], marker=marker, ms=3, color=COLOURS[1], ls="--", label="training")
        ax.plot(epochs, [row[f"val_{key}"] for row in rows], marker=marker, ms=3, color=COLOURS[0], label="validation")
        ax.axvline(best, color=SOFT, lw=0.9, ls=":")
        ax.set(xlabel="epoch", ylabel=label)
        _epochs(ax, epochs)
    percent(axes[0, 1].yaxis)
    side = "right" if best > (epochs[0] + epochs[-1]) / 2 else "left"
    bottom = axes[0, 1].get_ylim()[0]
    axes[0, 1].text(best, bottom, f" best epoch: {best} ", color=SOFT, fontsize=8, va="bottom", ha=side)
    axes[0, 0].legend()
    return figure


def histories(curves: Mapping[str, Sequence[Mapping]]) -> Figure:
    """Training (dashed) and validation accuracy of several networks, one panel a network, equal axes."""
    columns = min(len(curves), 4)
    figure, axes = figure_of(2.1 * -(-len(curves) // columns), -(-len(curves) // columns), columns, sharey=True)
    for ax in axes.flat[len(curves) :]:
        ax.axis("off")
    for ax, (name, rows), colour in zip(axes.flat, curves.items(), COLOURS, strict=False):
        epochs, look = [row["epoch"] for row in rows], {"color": colour, "marker": _marker(rows), "ms": 2.5}
        ax.plot(epochs, [row["accuracy"] for row in rows], ls="--", label="training", **look)
        ax.plot(epochs, [row["val_accuracy"] for row in rows], label="validation", **look)
        ax.set(xlabel="epoch")
        ax.set_title(name, fontsize=8.5)
        _epochs(ax, epochs, 6)
        percent(ax.yaxis)
    axes[0, 0].set_ylabel("accuracy")
    axes[0, 0].legend(loc="lower right")
    return figure


def rates(names: Sequence[str], found: Sequence, note: str, base: float | None = None) -> Figure:
    """Rates (``evaluation.Rate``) as points with their intervals, one row a name; ``base`` is a dotted line."""
    figure, axes = figure_of(0.27 * len(names) + 0.55)
    ax = axes[0, 0]
    for row, rate in enumerate(found):
        low, high = rate.interval
        ax.plot([low, high], [row, row], color=COLOURS[0], lw=1.6, solid_capstyle="butt")
        ax.plot(rate.value, row, "o", ms=5, color=COLOURS[0])
        ax.text(high, row, f"  {100 * rate.value:.1f} %", va="center", fontsize=8, color=INK)
    if base is not None:
        ax.axvline(base, color=SOFT, lw=0.9, ls=":")
        ax.text(base, -0.75, "chance", color=SOFT, fontsize=8, ha="center", va="bottom")
    ax.set(yticks=range(len(names)), yticklabels=names, xlabel=note, ylim=(len(names) - 0.5, -0.8))
    ax.margins(x=0.12)
    ax.grid(axis="y", visible=False)
    percent(ax.xaxis)
    return figure


def confusion(counts: np.ndarray, names: Sequence[str]) -> Figure:
    """Confusion matrix (classes, classes), rows true: the row's share in percent, the count below, colour by share."""
    sizes = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(sizes, 1)
    figure, axes = figure_of(min(WIDTH * 0.8, 0.46 * len(names) + 1.1))
    text = [
        [f"{100 * shares[i, j]:.0f} %\n{counts[i, j]}" for j in range(len(names))] if sizes[i] else [""] * len(names)
        for i in range(len(names))
    ]
    sns.heatmap(
        shares,
        # Numbers of more classes could not be read.
        annot=np.array(text) if len(names) <= 14 else None,
        fmt="",
        vmin=0,
        vmax=1,
        cmap="Blues",
        linewidths=0.6,
        linecolor="white",
        annot_kws={"fontsize": 7.5 if len(names) <= 8 else 6},
        cbar_kws={"label": "share of the true class", "format": PercentFormatter(1, decimals=0)},
        ax=axes[0, 0],
    )
    labels = [f"{shorten(name)}\nn = {n}{' *' if n < FEW else ''}" for name, n in zip(names, sizes[:, 0], strict=True)]
    axes[0, 0].set_xticklabels([shorten(name) for name in names], rotation=35, ha="right", rotation_mode="anchor")
    axes[0, 0].set_yticklabels(labels, rotation=0)
    axes[0, 0].set(xlabel="predicted class", ylabel="true class")
    return figure


def recall_against_size(scores: Sequence[ClassScore]) -> Figure:
    """Recall with its interval against the number of training images, one point a class."""
    figure, axes = figure_of(2.7)
    ax = axes[0, 0]
    for score in scores:
        if not score.recall.n:
            continue
        low, high = score.recall.interval
        ax.plot([score.train_images] * 2, [low, high], color=COLOURS[0], lw=1.2)
        ax.plot(score.train_images, score.recall.value, "o", ms=4.5, color=COLOURS[0])
        ax.annotate(
            shorten(score.name),
            (score.train_images, score.recall.value),
            (5, 3),
            textcoords="offset points",
            fontsize=8,
        )
    ax.set(xlabel="images of the class in training", ylabel="recall", ylim=(0, 1.02))
    ax.set_xlim(0, 1.15 * max(score.train_images for score in scores))
    percent(ax.yaxis)
    return figure


def gallery(images: np.ndarray, titles: Sequence[str], columns: int = 6) -> Figure:
    """Images (n, height, width, 1 or 3) in rows of ``columns``, each with a title of one or two lines."""
    rows = max(1, -(-len(images) // columns))
    lines = max((title.count("\n") + 1 for title in titles), default=1)
    figure, axes = figure_of(rows * (WIDTH / columns + 0.14 * lines), rows, columns)
    for ax, image, title in zip(axes.flat, images, titles, strict=False):
        picture(ax, image, title)
    for ax in axes.flat[len(images) :]:
        ax.axis("off")
    return figure
