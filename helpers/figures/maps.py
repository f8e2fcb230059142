"""Figures of maps over images: saliency, side by side, averaged, counted by region."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from helpers.figures.base import COLOURS, INK, SOFT, WIDTH, Figure, picture, shorten

SIGNED, UNSIGNED = "RdBu_r", "inferno"
SHOWN = 0.2  # share of the pixels that a masked image shows


def heat(axes, map_: np.ndarray, signed: bool, limit: float | None = None):
    """One map (height, width) on its axes, signed ones centred on zero; the scale ends at ``limit`` or its maximum."""
    limit = float(np.abs(map_).max() if limit is None else limit) or 1.0
    image = axes.imshow(
        map_, cmap=SIGNED if signed else UNSIGNED, vmin=-limit if signed else 0, vmax=limit, interpolation="nearest"
    )
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return image


def masked(image: np.ndarray, map_: np.ndarray, share: float = SHOWN) -> np.ndarray:
    """An image (height, width, channels) of which only the ``share`` of pixels with the largest |map| is not grey."""
    size = np.abs(map_)
    order = np.argsort(-size, axis=None, kind="stable")
    keep = np.zeros(size.size, bool)
    keep[order[: max(1, round(share * size.size))]] = True
    return np.where(keep.reshape(size.shape)[..., None], image, 225).astype("uint8")


def sheet(rows: int, columns: int, tile: float, left: float, top: float, bar: bool = False):
    """A Figure of square tiles as axes (rows, columns), ``left`` and ``top`` inches kept for the names."""
    right = 0.75 if bar else 0.02
    tile = min(tile, (WIDTH - left - right) / columns)
    height = top + rows * tile + 0.02
    figure = Figure(figsize=(left + columns * tile + right, height))
    axes = np.empty((rows, columns), object)
    for row in range(rows):
        for column in range(columns):
            box = (left + column * tile, height - top - (row + 1) * tile, tile * 0.94, tile * 0.94)
            axes[row, column] = figure.add_axes(
                [v / s for v, s in zip(box, (*figure.get_size_inches(),) * 2, strict=True)]
            )
            axes[row, column].axis("off")
    return figure, axes


def bar(figure: Figure, image, label: str) -> None:
    """A colour bar at the right edge of a ``sheet`` made with ``bar=True``."""
    width, height = figure.get_size_inches()
    tall = min(height - 0.3, 1.6)
    axes = figure.add_axes([(width - 0.7) / width, (height - 0.22 - tall) / height, 0.09 / width, tall / height])
    figure.colorbar(image, cax=axes).set_label(label, fontsize=7)
    axes.tick_params(labelsize=7)


def triples(
    rows: Sequence[str],
    groups: Sequence[str],
    places: Sequence[tuple[int, int]],
    images: np.ndarray,
    maps: np.ndarray,
    notes: Sequence[str],
    signed: bool = True,
) -> Figure:
    """Image, map and masked image for every row (a class) and group (a rule); a missing pair leaves a word.

    Args:
        rows, groups: their names.
        places: (row, group) of each image.
        images: (n, height, width, channels) in 0..255.
        maps: (n, height, width), each shown on its own scale.
        notes: a short line on each image.
        signed: whether the maps are.
    """
    figure, axes = sheet(len(rows), 3 * len(groups), 0.5, 0.85, 0.34)
    for row, name in enumerate(rows):
        _beside(axes[row, 0], name)
    for row, group in {*np.ndindex(len(rows), len(groups))} - set(places):
        middle = axes[row, 3 * group + 1]
        middle.text(0.5, 0.5, "none", ha="center", va="center", fontsize=8, color=SOFT, transform=middle.transAxes)
    shade = {"facecolor": INK, "alpha": 0.75, "pad": 1, "linewidth": 0}
    for (row, group), image, map_, note in zip(places, images, maps, notes, strict=True):
        at = axes[row, 3 * group : 3 * group + 3]
        for ax in at:
            ax.axis("on")
        picture(at[0], image)
        heat(at[1], map_, signed)
        picture(at[2], masked(image, map_))
        at[0].text(
            0.02,
            0.02,
            note,
            fontsize=6,
            linespacing=0.9,
            color="white",
            va="bottom",
            transform=at[0].transAxes,
            bbox=shade,
        )
    for group, name in enumerate(groups):
        axes[0, 3 * group + 1].set_title(name, fontsize=8, color=INK, pad=12)
        for ax, word in zip(axes[0, 3 * group : 3 * group + 3], ("image", "map", f"top {SHOWN:.0%}"), strict=True):
            ax.text(0.5, 1.03, word, fontsize=7, color=SOFT, ha="center", va="bottom", transform=ax.transAxes)
    return figure


def _beside(axes, name: str) -> None:
    axes.text(-0.08, 0.5, shorten(name, 11), ha="right", va="center", fontsize=8, color=INK, transform=axes.transAxes)


def side_by_side(
    images: np.ndarray, titles: Sequence[str], maps: Mapping[str, np.ndarray], signed: Mapping[str, bool]
) -> Figure:
    """A row of images (n, height, width, channels), below it a row a method of their maps, each on its own scale."""
    figure, axes = sheet(1 + len(maps), len(images), 0.48, 1.0, 0.2)
    for ax, image, title in zip(axes[0], images, titles, strict=True):
        ax.axis("on")
        picture(ax, image, shorten(title, 11 if len(images) < 9 else 7))
    for row, (name, found) in enumerate(maps.items(), 1):
        _beside_wrapped(axes[row, 0], name)
        for ax, map_ in zip(axes[row], found, strict=True):
            ax.axis("on")
            heat(ax, map_, signed[name])
    return figure


def _beside_wrapped(axes, name: str) -> None:
    text = name.replace(", ", ",\n").replace(" gradients", "\ngradients")
    axes.text(-0.08, 0.5, text, ha="right", va="center", fontsize=8, color=INK, transform=axes.transAxes)


def means(
    images: np.ndarray,
    maps: np.ndarray,
    titles: Sequence[str],
    label: str,
    boxes: Mapping[str, Sequence[float]] | None = None,
) -> Figure:
    """Each class's mean image and, below, its mean map, all maps on one scale.

    Args:
        images: (classes, height, width, channels), 0..255.
        maps: (classes, height, width), 0 and above.
        titles: one a class.
        label: of the colour bar, with the unit.
        boxes: top, left, bottom, right of regions as shares of the side, drawn, and named left of the first image.
    """
    columns = min(len(images), 11)
    blocks = -(-len(images) // columns)
    figure, axes = sheet(2 * blocks, columns, 0.55, 0.45 if boxes else 0.05, 0.2, bar=True)
    limit = float(np.abs(maps).max()) or 1.0
    for at, (image, map_, title) in enumerate(zip(images, maps, titles, strict=True)):
        block, column = divmod(at, columns)
        upper, lower = axes[2 * block, column], axes[2 * block + 1, column]
        for ax in (upper, lower):
            ax.axis("on")
        picture(upper, image, shorten(title, 11 if columns < 9 else 8) if blocks == 1 else "")
        shown = heat(lower, map_, False, limit)
        for ax, colour in ((upper, COLOURS[5]), (lower, "white")):
            _draw_boxes(ax, boxes or {}, image.shape[:2], colour, named=ax is upper and column == 0)
    bar(figure, shown, label)
    return figure


def _draw_boxes(axes, boxes, size, colour, named: bool) -> None:
    for name, (top, left, bottom, right) in boxes.items():
        corner = left * size[1] - 0.5, top * size[0] - 0.5
        axes.add_patch(
            Rectangle(corner, (right - left) * size[1], (bottom - top) * size[0], fill=False, ec=colour, lw=0.7)
        )
        if named:
            axes.text(
                -0.06,
                1 - (top + bottom) / 2,
                name,
                color=INK,
                fontsize=7,
                ha="right",
                va="center",
                transform=axes.transAxes,
            )


def table_heat(values: np.ndarray, rows: Sequence[str], columns: Sequence[str], label: str, centre: float) -> Figure:
    """A table of numbers (rows, columns) as coloured cells, centred on ``centre``."""
    import seaborn as sns

    from helpers.figures.base import figure_of

    figure, axes = figure_of(0.3 * len(rows) + 0.9)
    spread = float(np.abs(values - centre).max()) or 1.0
    sns.heatmap(
        values,
        annot=True,
        fmt=".2f",
        cmap=SIGNED,
        vmin=centre - spread,
        vmax=centre + spread,
        linewidths=0.6,
        linecolor="white",
        annot_kws={"fontsize": 8},
        cbar_kws={"label": label},
        ax=axes[0, 0],
    )
    axes[0, 0].set_xticklabels([shorten(name, 20) for name in columns], rotation=25, ha="right", rotation_mode="anchor")
    axes[0, 0].set_yticklabels([shorten(name) for name in rows], rotation=0)
    return figure
