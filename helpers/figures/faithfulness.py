"""Figures of notebook 10: deletion and insertion curves, maps of forgetting networks, two known truths."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np

from helpers.figures.base import COLOURS, INK, SOFT, WIDTH, Figure, figure_of, percent, picture, shorten
from helpers.figures.maps import heat


def curves(deletion: Mapping[str, np.ndarray], insertion: Mapping[str, np.ndarray], controls: Sequence[str]) -> Figure:
    """Mean probability against the share of the pixels deleted, and inserted; controls are dashed and grey.

    Args:
        deletion, insertion: by title, (steps + 1,).
        controls: which titles are controls.
    """
    figure, axes = figure_of(1.75, 1, 2, sharey=True)
    dashes = iter(("--", ":", "-.", (0, (1, 3))))
    styles = {title: (SOFT, next(dashes)) for title in controls}
    styles |= dict(zip((t for t in deletion if t not in styles), ((c, "-") for c in COLOURS), strict=False))
    for ax, found, what in ((axes[0, 0], deletion, "deleted"), (axes[0, 1], insertion, "inserted")):
        for title, curve in found.items():
            colour, dash = styles.get(title, (INK, "-"))
            ax.plot(np.linspace(0, 1, len(curve)), curve, color=colour, ls=dash, label=shorten(title, 22))
        ax.set_xlabel(f"pixels {what}")
        percent(ax.xaxis)
        percent(ax.yaxis)
    axes[0, 0].set_ylabel("probability")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right center")
    return figure


def forgetting(image: np.ndarray, strips: Mapping[str, np.ndarray], stages: Sequence[str], alike: Mapping) -> Figure:
    """Maps of one image as the network forgets, one method a row; above each the correlation over all images.

    Args:
        image: (height, width, 1 or 3), 0..255.
        strips: by title, (1 + stages, height, width), absolute maps: of the trained network, then stage by stage.
        stages: the lowest stage drawn anew, from the top of the network down.
        alike: by title, (stages,), the mean Spearman correlation with the trained network's maps.
    """
    columns = 2 + len(stages)
    tile = min(0.7, (WIDTH - 1.5) / columns)
    figure = Figure(figsize=(WIDTH, len(strips) * (tile + 0.16) + 0.22))
    for row, (title, maps) in enumerate(strips.items()):
        for column in range(columns):
            ax = _square(figure, 0.85 + column * tile, 0.34 + row * (tile + 0.16), 0.94 * tile)
            if not column:
                picture(ax, image)
                ax.text(-0.08, 0.5, fill(title, 11), transform=ax.transAxes, fontsize=8, ha="right", va="center")
                continue
            drawn = _tile(ax, maps[column - 1])
            number = "" if column == 1 else f"{alike[title][column - 2]:+.2f}".replace("-", "−")
            ax.text(0.5, 1.02, number, transform=ax.transAxes, fontsize=8, ha="center", va="bottom")
            if not row:
                head = "trained" if column == 1 else ("+ " if column > 2 else "") + stages[column - 2]
                ax.text(0.5, 1.2, shorten(head, 12), transform=ax.transAxes, fontsize=8, ha="center", va="bottom")
    bar = figure.colorbar(drawn, cax=_square(figure, 0.95 + columns * tile, 0.34, 0.94 * tile, 0.08), ticks=[0, 1])
    bar.ax.set_yticklabels(["0", "tile's\nmax."], fontsize=7)
    return figure


def _square(figure, left: float, top: float, height: float, width: float | None = None):
    """Axes at a place in inches from the top left corner, square where no width is given."""
    wide, tall = figure.get_size_inches()
    return figure.add_axes(
        [left / wide, (tall - top - height) / tall, (height if width is None else width) / wide, height / tall]
    )


def _tile(ax, tile: np.ndarray):
    """The positive part of a map on a scale of its own, from 0 to its maximum."""
    positive = np.maximum(tile, 0)
    return heat(ax, positive / max(positive.max(), 1e-12), False, 1)


def truths(titles: Sequence[str], regions: Sequence | None, marks: Mapping[str, Sequence], controls: int) -> Figure:
    """How methods do where the truth is known: regions drawn at rest, and a planted mark.

    Args:
        titles: of methods and then of controls, top to bottom.
        regions: for each title the mean rank correlation and its interval, (value, low, high); None without regions.
        marks: by network, for each title the share of images that point at the mark, and its interval.
        controls: how many of the titles, at the end, are controls.
    """
    figure, axes = figure_of(0.125 * len(titles) + 0.6, 1, 1 if regions is None else 2, sharey=True)
    places = np.arange(len(titles))[::-1]
    if regions is not None:
        _intervals(axes[0, 0], places, regions, COLOURS[0], "o", 0)
        axes[0, 0].axvline(0, color=SOFT, lw=0.8)
        axes[0, 0].set_xlabel("rank correlation with redrawn regions")
    ax = axes[0, -1]
    for index, (network, found) in enumerate(marks.items()):
        _intervals(ax, places, found, COLOURS[index], "os"[index % 2], 0.14 - 0.28 * index, f"mark {network}")
    ax.set(xlim=(-0.04, 1.04), xlabel="images whose top pixel is at the mark")
    percent(ax.xaxis)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    for axis in axes.flat:
        axis.axhspan(-0.5, controls - 0.5, color="#f2f2f2", zorder=0)
        axis.set_ylim(-0.6, len(titles) - 0.4)
    axes[0, 0].set_yticks(places, [shorten(title, 34) for title in titles])
    return figure


def _intervals(ax, places, found, colour, marker, shift, label=None) -> None:
    value, low, high = (np.array(part, float) for part in zip(*found, strict=True))
    ax.hlines(places + shift, low, high, color=colour, lw=1.4)
    ax.plot(value, places + shift, marker, ms=4, color=colour, label=label)


def marked(images: np.ndarray, rows: Mapping[str, np.ndarray]) -> Figure:
    """Images with the mark, and below them one method's map a row, in positive importance."""
    figure, axes = figure_of((1 + len(rows)) * (WIDTH / len(images)) + 0.35, 1 + len(rows), len(images))
    for ax, image in zip(axes[0], images, strict=True):
        picture(ax, image)
    axes[0, 0].set_ylabel("image", fontsize=8)
    for row, (title, maps) in enumerate(rows.items(), 1):
        for ax, tile in zip(axes[row], maps, strict=True):
            drawn = _tile(ax, tile)
        axes[row, 0].set_ylabel(title, fontsize=8)
    bar = figure.colorbar(drawn, ax=axes, location="bottom", shrink=0.3, aspect=30, pad=0.01, ticks=[0, 1])
    bar.ax.set_xticklabels(["0", "the tile's maximum"])
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    return figure
