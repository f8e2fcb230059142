"""Figures of notebook 07: class images in rows, and what judges make of them."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.ticker import MultipleLocator

from helpers.figures.base import COLOURS, INK, SOFT, WIDTH, Figure, figure_of, percent, picture, shorten

LABEL = 0.85  # inches for the words left of a row
TILE = 0.57  # inches, at most


def image_rows(
    rows: Mapping[str, np.ndarray],
    names: Sequence[str],
    numbers: Mapping[str, Sequence[float]],
    stretched: Collection[str] = (),
) -> Figure:
    """Images in labelled rows, one column a class, and below each a number.

    Args:
        rows: by label, (classes, height, width, 1 or 3) in 0..255; an image with NaN is left blank.
        names: of the classes, at most 11 to stay readable.
        numbers: by label, shares (classes,) to print below, ``.83``; a row without them, or NaN, has none.
        stretched: labels of the rows whose images are each stretched to 0..255.
    """
    tile = min(TILE, (WIDTH - LABEL) / len(names))
    gaps = {label: 0.16 if label in numbers else 0.02 for label in rows}
    height = sum(tile + gap for gap in gaps.values()) + 0.2
    figure = Figure(figsize=(WIDTH, height))
    top = height - 0.18
    for label, images in rows.items():
        figure.text((LABEL - 0.08) / WIDTH, (top - tile / 2) / height, label, ha="right", va="center", fontsize=8.5)
        for k, image in enumerate(images):
            left = LABEL + k * tile
            ax = figure.add_axes(
                (left / WIDTH, (top - tile + 0.03) / height, (tile - 0.03) / WIDTH, (tile - 0.03) / height), anchor="N"
            )
            missing = bool(np.isnan(image).any())
            if label in stretched:
                image = 255 * (image - image.min()) / max(np.ptp(image), 1e-6)
            picture(ax, np.full_like(image, 255) if missing else image.astype("uint8"))
            if missing:
                ax.text(0.5, 0.5, "none", transform=ax.transAxes, ha="center", va="center", fontsize=8, color=SOFT)
            middle = (left + tile / 2 - 0.015) / WIDTH
            if label in numbers and np.isfinite(numbers[label][k]):
                text = f"{numbers[label][k]:.2f}"
                figure.text(middle, (top - tile + 0.01) / height, text, ha="center", va="top", fontsize=8, color=INK)
            if label == next(iter(rows)):
                name = shorten(names[k], max(4, int(tile / 0.062)))
                figure.text(middle, (top + 0.03) / height, name, ha="center", va="bottom", fontsize=8)
        top -= tile + gaps[label]
    return figure


def interval_rows(
    found: Mapping[str, Mapping[str, tuple[float, float, float]]], note: str, base: float, base_name: str = "chance"
) -> Figure:
    """Means with intervals, one row a label, one colour and mark a series; ``base`` is a dotted line.

    Args:
        found: by label, by series: (mean, low, high) in 0..1; NaN is left out.
        note: what the axis shows.
    """
    labels, series = list(found), list(next(iter(found.values())))
    figure, axes = figure_of((0.3 if len(labels) < 6 else 0.21) * len(labels) + 0.55)
    ax = axes[0, 0]
    for place, name in enumerate(series):
        shift = (place - (len(series) - 1) / 2) * 0.22
        values = np.array([found[label][name] for label in labels])
        rows = np.arange(len(labels)) + shift
        ax.hlines(rows, values[:, 1], values[:, 2], color=COLOURS[place], lw=1.4)
        ax.plot(values[:, 0], rows, "osD^"[place % 4], ms=4.5, ls="", color=COLOURS[place], label=name)
    ax.axvline(base, color=SOFT, lw=0.9, ls=":")
    ax.text(base, -0.62, base_name, color=SOFT, fontsize=8, ha="center", va="bottom")
    ax.set(yticks=range(len(labels)), yticklabels=labels, xlabel=note, ylim=(len(labels) - 0.4, -0.6))
    ax.grid(axis="y", visible=False)
    percent(ax.xaxis)
    if np.ptp(ax.get_xlim()) < 0.4:
        ax.xaxis.set_major_locator(MultipleLocator(0.05))  # a half percent would be rounded away
    if len(series) > 1:
        figure.legend(loc="outside right center")
    return figure
