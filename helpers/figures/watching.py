"""Figures of notebook 09: strips in which time goes from left to right."""

from collections.abc import Sequence

import numpy as np

from helpers.figures.base import INK, SOFT, Figure, picture, shorten
from helpers.figures.maps import bar, heat, sheet

TILE, LEFT = 0.52, 0.8  # inches
SHADE = {"facecolor": INK, "alpha": 0.75, "pad": 1, "linewidth": 0}


def _strip(rows: Sequence[str], columns: Sequence[str], with_bar: bool = False):
    lines = max(column.count("\n") for column in columns) + 1
    figure, axes = sheet(len(rows), len(columns), TILE, LEFT, 0.06 + 0.14 * lines, with_bar)
    for ax, column in zip(axes[0], columns, strict=True):
        ax.text(0.5, 1.04, column, fontsize=7, color=INK, ha="center", va="bottom", transform=ax.transAxes)
    for ax, row in zip(axes[:, 0], rows, strict=True):
        ax.text(-0.1, 0.5, shorten(row, 11), fontsize=8, color=INK, ha="right", va="center", transform=ax.transAxes)
    return figure, axes


def maps_over_time(
    rows: Sequence[str], columns: Sequence[str], images: Sequence[np.ndarray | None], maps: Sequence[np.ndarray]
) -> Figure:
    """A column of images, then one of their signed maps for every moment, each map on its own scale.

    Args:
        rows, columns: names; the first column is the image.
        images: (height, width, channels) in 0..255 for each row, or None: the row stays empty.
        maps: for every moment (rows, height, width); those of a row without an image are not shown.
    """
    figure, axes = _strip(rows, columns)
    for row, image in enumerate(images):
        if image is None:
            middle = axes[row, 0]
            middle.text(0.5, 0.5, "none", ha="center", va="center", fontsize=8, color=SOFT, transform=middle.transAxes)
            continue
        for ax in axes[row]:
            ax.axis("on")
        picture(axes[row, 0], image)
        for ax, found in zip(axes[row, 1:], maps, strict=True):
            heat(ax, found[row], True)
    return figure


def kernels_over_time(rows: Sequence[str], columns: Sequence[str], kernels: Sequence[np.ndarray]) -> Figure:
    """Kernels at every moment, all on one scale centred on zero: of three channels as colours, else as their mean.

    Args:
        rows, columns: names.
        kernels: for every moment (rows, height, width, channels).
    """
    colour = kernels[0].shape[-1] == 3
    shown = [found if colour else found.mean(-1) for found in kernels]
    limit = max(float(np.abs(found).max()) for found in shown) or 1.0
    figure, axes = _strip(rows, columns, with_bar=not colour)
    for column, found in enumerate(shown):
        for ax, kernel in zip(axes[:, column], found, strict=True):
            ax.axis("on")
            if colour:
                picture(ax, (127.5 + 127.5 * kernel / limit).astype("uint8"))
            else:
                image = heat(ax, kernel, True, limit)
    if not colour:
        bar(figure, image, "")
        figure.axes[-1].set_title("weight", fontsize=7, pad=3)  # signed numbers leave no room beside them
    return figure


def images_over_time(
    rows: Sequence[str], columns: Sequence[str], images: Sequence[np.ndarray], chances: Sequence[np.ndarray]
) -> Figure:
    """Images at every moment, on each a probability.

    Args:
        rows, columns: names.
        images: for every moment (rows, height, width, channels) in 0..255.
        chances: for every moment (rows,), 0..1.
    """
    figure, axes = _strip(rows, columns)
    for column, (found, believed) in enumerate(zip(images, chances, strict=True)):
        for ax, image, chance in zip(axes[:, column], found, believed, strict=True):
            ax.axis("on")
            picture(ax, np.clip(image, 0, 255).astype("uint8"))
            ax.text(
                0.03, 0.03, f"{chance:.2f}", fontsize=6, color="white", va="bottom", transform=ax.transAxes, bbox=SHADE
            )
    return figure
