"""Figures of trainings: loss and accuracy against epochs, the best epoch marked."""

from collections.abc import Mapping, Sequence

from helpers.figures import base as style
from helpers.figures.base import COLOURS, DASHES, SMALL, SOFT, WIDTHS, Figure

LABELS = {"loss": "loss (cross-entropy)", "accuracy": "accuracy"}


def _curve(ax, rows: Sequence[Mapping], key: str, best: int | None) -> None:
    """Training dashed and validation solid, a dot an epoch while they are few, and the best epoch's line."""
    epochs = [row["epoch"] for row in rows]
    mark = {"marker": "o", "ms": 2.5} if len(rows) < 13 else {}
    for name, part, colour, dash in (("training", "", 1, 1), ("validation", "val_", 0, 0)):
        values = [row[part + key] for row in rows]
        ax.plot(epochs, values, color=COLOURS[colour], ls=DASHES[dash], label=name, **mark)
    style.whole(ax.xaxis, 5)
    ax.set_xlim(epochs[0] - 0.02 * epochs[-1] - 0.05, epochs[-1] * 1.02 + 0.05)
    if best is not None:
        ax.axvline(best, color=SOFT, lw=0.9, ls=":")
        side = "right" if best > (epochs[0] + epochs[-1]) / 2 else "left"
        look = {"color": SOFT, "fontsize": SMALL, "va": "bottom", "ha": side}
        if key == "accuracy":
            ax.text(best, 0.02, f" best: epoch {best} ", transform=ax.get_xaxis_transform(), **look)


def _floor(ax, floor: float | None) -> None:
    """The lowest loss that label smoothing leaves, named under its line."""
    if floor:
        ax.axhline(floor, color=SOFT, lw=0.9, ls=DASHES[4])
        ax.set_ylim(bottom=min(ax.get_ylim()[0], floor - 0.17 * (ax.get_ylim()[1] - floor)))
        look = {"fontsize": SMALL, "va": "top", "color": SOFT, "textcoords": "offset points"}
        across = ax.get_yaxis_transform()
        told = f"lowest possible: {floor:.2f}"
        ax.annotate(told, (0.02, floor), (0, -2), xycoords=across, **look)


def history(rows: Sequence[Mapping], best: int | None, *, floor: float | None = None) -> Figure:
    """Loss and accuracy of training and validation against epochs.

    Args:
        rows: one an epoch: ``epoch``, ``loss``, ``val_loss``, ``accuracy``, ``val_accuracy``.
        best: the epoch to mark, or None.
        floor: the lowest loss that can be reached, not 0 where labels are smoothed.
    """
    figure, axes = style.chart(54, 1, 2)
    for ax, (key, label) in zip(axes[0], LABELS.items(), strict=True):
        _curve(ax, rows, key, best)
        ax.set(xlabel="epoch", ylabel=label)
    _floor(axes[0, 0], floor)
    style.in_percent(axes[0, 1].yaxis)
    axes[0, 0].legend(loc="best")
    return figure


def histories(
    curves: Mapping[str, Sequence[Mapping]],
    *,
    best: Mapping[str, int] | None = None,
    floor: float | None = None,
) -> Figure:
    """Loss above and accuracy below of several networks, a column a network, equal axes.

    Args:
        curves: the rows of ``history`` by title, up to four.
        best: the epoch to mark in each.
        floor: the lowest loss that can be reached.
    """
    columns = max(1, len(curves))
    figure, axes = style.chart(84, 2, columns, "wide", sharey="row", sharex="col")
    for at, (name, rows) in enumerate(curves.items()):
        for ax, key in zip(axes[:, at], LABELS, strict=True):
            _curve(ax, rows, key, (best or {}).get(name))
        axes[0, at].set_title(style.shorten(name, WIDTHS["wide"] / columns - 8))
        axes[1, at].set_xlabel("epoch")
    for ax, key in zip(axes[:, 0], LABELS, strict=True):
        ax.set_ylabel(key)
    for ax in axes[0]:
        _floor(ax, floor)
    style.in_percent(axes[1, 0].yaxis)
    if curves:
        axes[0, 0].legend(loc="best")
    return figure
