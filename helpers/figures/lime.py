"""Figures of notebook 06: LIME's weights beside the images, and their averages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import Normalize

from helpers.figures.base import SIGNED, Figure
from helpers.figures.sheet import lines, tiled


@dataclass(frozen=True)
class LimeExample:
    """One image with the maps that explain it.

    Attributes:
        image: uint8 (height, width, 1 or 3).
        maps: signed, each (height, width).
        titles: words under the image and under each map; may be empty.
    """

    image: np.ndarray
    maps: Sequence[np.ndarray]
    titles: Sequence[str]


def overlaid(image: np.ndarray, map_: np.ndarray, largest: float) -> np.ndarray:
    """A signed map in colour over the grey image, uint8 (height, width, 3); ``largest`` is full colour."""
    colour = SIGNED(Normalize(-largest, largest)(map_))[..., :3]
    return (255 * 0.7 * colour + 0.3 * image.mean(-1, keepdims=True)).astype("uint8")


def lime_examples(
    rows: Mapping[str, Sequence[LimeExample | str]], heads: Sequence[Sequence[str]]
) -> Figure:
    """A row a class; in it one or more examples: an image, then its maps, on the example's own scale.

    Args:
        rows: by class, ``base.CLASSES`` at most: for each group of columns an example, or words: why there is none.
        heads: for each group, a heading of one or two lines for the image and for each map.
    """
    starts = np.cumsum([0, *map(len, heads)]).tolist()
    tiles, words = [], []
    for examples in rows.values():
        parts = [_example(*pair) for pair in zip(examples, map(len, heads), strict=True)]
        tiles.append([tile for part, _ in parts for tile in part])
        words.append([word for _, part in parts for word in part])
    titles = [title for head in heads for title in head]
    scale = (1, "weight, as a share of the largest of the image's maps", True)
    options = {"groups": starts[1:-1], "columns": starts[-1] or None, "head": lines(titles)}
    return tiled(tiles, list(rows), titles, words, scale=scale, **options).figure


def _example(example: LimeExample | str, size: int) -> tuple[list, list[str]]:
    """The tiles of an example and the words under them."""
    if isinstance(example, str):
        return [example, *[None] * (size - 1)], [""] * size
    largest = max((float(np.abs(map_).max()) for map_ in example.maps), default=0) or 1.0
    shown = [overlaid(example.image, map_, largest) for map_ in example.maps]
    return [example.image, *shown], list(example.titles)


def lime_averages(means: np.ndarray, maps: np.ndarray, names: Sequence[str]) -> Figure:
    """The mean map of every class over its mean image, all maps on one scale.

    Args:
        means: (classes, height, width, channels), 0..255.
        maps: (classes, height, width), signed, in logits; NaN for a class without images.
        names: of the classes.
    """
    largest = float(np.nanmax(np.abs(maps), initial=0)) or 1.0
    line = [
        "none" if np.isnan(map_).any() or np.isnan(mean).any() else overlaid(mean, map_, largest)
        for mean, map_ in zip(means, maps, strict=True)
    ]
    scale = (largest, "mean weight of a cell for the class, in logits", True)
    return tiled([line], heads=names, scale=scale, largest=30).figure
