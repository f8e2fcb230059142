"""Figures of notebook 08: dreams of layers and strengths, and where they change the image."""

from collections.abc import Sequence

import numpy as np

from helpers.figures.base import WIDTH, Figure, figure_of, picture, shorten


def dream_grid(
    image: np.ndarray, dreams: Sequence[Sequence[np.ndarray]], layers: Sequence[str], strengths: Sequence[str]
) -> Figure:
    """One image and its dreams: a row a layer, a column a strength, the image itself first in each row.

    Args:
        image: uint8 (H, W, 1 or 3).
        dreams: [layer][strength], images of the same shape.
        layers, strengths: their names.
    """
    columns = len(strengths) + 1
    tile = min(1.1, WIDTH / columns)
    figure, axes = figure_of(len(layers) * tile + 0.25, len(layers), columns)
    for row, (name, line) in enumerate(zip(layers, dreams, strict=True)):
        for ax, one, title in zip(axes[row], [image, *line], ["the image", *strengths], strict=True):
            picture(ax, one, title if row == 0 else "")
        axes[row, 0].set_ylabel(name.replace("_", "\n", 1), fontsize=8.5)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.01, hspace=0.01)
    return figure


def dream_rows(
    images: np.ndarray,
    dreams: np.ndarray,
    change: np.ndarray,
    maps: np.ndarray,
    names: Sequence[str],
    map_name: str,
) -> Figure:
    """One column an image: the image, its dream, where it changed, and an explanation's map.

    Args:
        images, dreams: uint8 (n, H, W, 1 or 3), n at most 11.
        change: (n, height, width) in grey levels; one scale for all.
        maps: (n, height, width), signed; each on its own scale, centred on zero.
        names: over the columns.
        map_name: left of the maps.
    """
    columns = len(names)
    tile = min(0.85, (WIDTH - 0.9) / columns)
    options = {"width_ratios": [*[1] * columns, 0.14]}
    figure, axes = figure_of(4 * tile + 0.35, 4, columns + 1, gridspec_kw=options)
    most = max(float(change.max()), 1e-9)
    for k, name in enumerate(names):
        picture(axes[0, k], images[k], shorten(name, max(4, int(tile / 0.062))))
        picture(axes[1, k], dreams[k])
        changed = _heat(axes[2, k], change[k], "inferno", 0, most)
        limit = max(float(np.abs(maps[k]).max()), 1e-9)
        signed = _heat(axes[3, k], maps[k] / limit, "RdBu_r", -1, 1)
    for row, label in enumerate(("image", "dream", "change", map_name)):
        axes[row, 0].set_ylabel(label, fontsize=8.5)
    for ax in axes[:2, -1]:
        ax.axis("off")
    figure.colorbar(changed, cax=axes[2, -1], label="grey levels")
    figure.colorbar(signed, cax=axes[3, -1], ticks=[-1, 0, 1]).ax.set_yticklabels(["against", "0", "for"])
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure


def _heat(ax, values: np.ndarray, colours: str, low: float, high: float):
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    return ax.imshow(values, cmap=colours, vmin=low, vmax=high, interpolation="nearest")
