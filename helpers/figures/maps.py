"""Figures of maps over images: image, map and what is left of the image; class means; methods side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from helpers.figures.base import COLOURS, SMALL, TILE, Figure, shorten, write
from helpers.figures.sheet import Heat, Sheet, tiled

SHOWN = 0.2  # share of the pixels that a masked image shows


def masked(image: np.ndarray, map_: np.ndarray) -> np.ndarray:
    """An image (height, width, channels) of which only the ``SHOWN`` of pixels with the largest |map| is not grey."""
    size = np.abs(map_)
    order = np.argsort(-size, axis=None, kind="stable")
    keep = np.zeros(size.size, bool)
    keep[order[: max(1, round(SHOWN * size.size))]] = True
    return np.where(keep.reshape(size.shape)[..., None], image, 225).astype("uint8")


def triples(
    rows: Sequence[str],
    groups: Sequence[str],
    places: Sequence[tuple[int, int]],
    images: np.ndarray,
    maps: np.ndarray,
    notes: Sequence[str],
) -> Figure:
    """A column for every class; image, map and masked image of each group (a rule) below each other.

    Args:
        rows, groups: their names, at most ``base.CLASSES`` classes; where a pair is missing stands a word.
        places: (class, group) of each image.
        images: (n, height, width, channels) in 0..255.
        maps: (n, height, width), signed, each shown on its own scale.
        notes: a short line on each.
    """
    tiles = [[word for _ in rows] for _ in groups for word in (None, "none", None)]
    words = [[""] * len(rows) for _ in tiles]
    for (column, group), image, map_, note in zip(places, images, maps, notes, strict=True):
        for below, tile in enumerate((image, Heat(map_, True), masked(image, map_))):
            tiles[3 * group + below][column] = tile
        words[3 * group][column] = note
    names = [name for group in groups for name in (group, "map", f"top {100 * SHOWN:.0f} %")]
    largest = TILE if len(rows) > 3 else 40
    return tiled(tiles, names, rows, words, over=True, largest=largest).figure


def side_by_side(
    images: np.ndarray,
    titles: Sequence[str],
    maps: Mapping[str, np.ndarray],
    signed: Mapping[str, bool],
) -> Figure:
    """A row of images (n, height, width, channels), below it a row a method of their maps, each on its own scale."""
    tiles = [list(images), *([Heat(one, signed[name]) for one in maps[name]] for name in maps)]
    return tiled(tiles, ["image", *maps], titles, left=20, largest=TILE).figure


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
        boxes: top, left, bottom, right of regions as shares of the side, drawn, and named left of the images.
    """
    limit = float(np.nanmax(np.abs(maps), initial=0)) or 1.0
    heats = ["none" if np.isnan(map_).any() else Heat(map_, False, limit) for map_ in maps]
    names = ["", ""] if boxes else ["mean image", "mean map"]
    scale = (limit, label)
    sheet = tiled([list(images), heats], names, titles, left=14, scale=scale, largest=30)
    for at, axes in enumerate(sheet.figure.axes[: 2 * len(images)]):
        _draw_boxes(axes, boxes or {}, COLOURS[5] if at < len(images) else "white")
    for row, block in np.ndindex(2, sheet.blocks) if len(images) else ():
        _name_boxes(sheet, boxes or {}, row, block)
    return sheet.figure


def _draw_boxes(axes, boxes, colour: str) -> None:
    for top, left, bottom, right in boxes.values():
        look = {"transform": axes.transAxes, "fill": False, "ec": colour, "lw": 0.8}
        axes.add_patch(Rectangle((left, 1 - bottom), right - left, bottom - top, **look))


def _name_boxes(sheet: Sheet, boxes, row: int, block: int) -> None:
    """The regions' names at their height, left of a block's first tile, one under the other and never on it."""
    top, below = sheet.place(row, block * sheet.columns)[1], -1.0
    for name, (upper, _, lower, _) in sorted(boxes.items(), key=lambda one: one[1][0] + one[1][2]):
        below = max(below + 2.7, top + sheet.side * (upper + lower) / 2)
        write(sheet.figure, 13, below, shorten(name, 12.5, SMALL), ha="right", va="center")
