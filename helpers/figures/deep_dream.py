"""Figures of notebook 08: before and after, dreams of layers and strengths, and where they change the image."""

from collections.abc import Sequence

import numpy as np

from helpers.figures.base import Figure
from helpers.figures.sheet import Heat, tiled


def before_after(image: np.ndarray, dream: np.ndarray) -> Figure:
    """An image and its dream beside it, (H, W, 1 or 3) in 0..255, as large as the width allows."""
    shape = image.shape[0] / image.shape[1]
    options = {"columns": 2, "width": "text", "largest": 62, "shape": shape}
    return tiled([[image, dream]], heads=("the image", "the dream"), **options).figure


def dream_grid(
    image: np.ndarray,
    dreams: Sequence[Sequence[np.ndarray]],
    layers: Sequence[str],
    strengths: Sequence[str],
) -> Figure:
    """One image and its dreams: a row a layer, a column a strength, the image itself first in each row.

    Args:
        image: uint8 (H, W, 1 or 3).
        dreams: [layer][strength], images of the same shape.
        layers, strengths: their names.
    """
    tiles, heads = [[image, *line] for line in dreams], ["the image", *strengths]
    return tiled(tiles, layers, heads, left=15, width="text", largest=40).figure


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
        images, dreams: uint8 (n, H, W, 1 or 3).
        change: (n, height, width) in grey levels; one scale for all.
        maps: (n, height, width), signed; each on its own scale, centred on zero.
        names: over the columns.
        map_name: left of the maps.
    """
    most = max(float(change.max(initial=0)), 1e-9)
    changed, signed = [Heat(one, False, most) for one in change], [Heat(one, True) for one in maps]
    rows = ["image", "dream", "change", map_name]
    tiles = [list(images), list(dreams), changed, signed]
    return tiled(tiles, rows, names, left=15, scale=(most, "change in grey levels")).figure
