"""Occlusion: how far the score falls when a square of the image is covered.

    map(y, x) = mean over all squares q that cover (y, x) of  s(I) - s(I with q covered)

Signed, in logits; exactly 0 where no covered pixel matters.

Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901.

    said = core.logits_of(model, images).argmax(-1)
    maps = occlusion(model, images, said, fill="grey")   # float32 (n, height, width)
    side = resolved(model)["size"]                       # of the square, in pixels
"""

from itertools import product

import numpy as np

from helpers.backend import keras
from helpers.explain import core


def occlusion(
    model: keras.Model,
    images: np.ndarray,
    targets: np.ndarray,
    *,
    size: int | None = None,
    stride: int | None = None,
    fill: str = "grey",
) -> np.ndarray:
    """The fall of the score, float32 (n, height, width), signed, in logits.

    Args:
        size: the square's side in pixels; by default an eighth of the image's side.
        stride: pixels from one square to the next, at most ``size``; by default half of ``size``.
        fill: what covers, see ``core.baseline``.

    Raises:
        ValueError: images or targets that do not fit the network, another fill, or squares that do not fit the image.
    """
    images, weights = core.checked(model, images, targets)
    height, width = images.shape[1:3]
    size, stride, fill = resolved(model, size, stride, fill).values()
    if not 1 <= stride <= size <= min(height, width):
        most = min(height, width)
        raise ValueError(f"size={size}, stride={stride}: take 1 <= stride <= size <= {most}")
    corners = list(product(*(_starts(side, size, stride) for side in (height, width))))
    covered = np.zeros((len(corners), height, width), bool)
    for mask, (top, left) in zip(covered, corners, strict=True):
        mask[top : top + size, left : left + size] = True
    rows, masks = (grid.ravel() for grid in np.indices((len(images), len(corners))))
    fills = core.baseline(images, fill)
    logits = core.perturbed_logits(model, images, fills, ~covered, rows, masks)
    logits = logits.reshape(len(images), len(corners), weights.shape[-1])
    after = (logits * weights[:, None]).sum(-1)
    before = (core.logits_of(model, images) * weights).sum(-1)
    falls = before[:, None] - after
    maps = np.tensordot(falls, covered.astype("float32"), 1) / covered.sum(0)
    return maps.astype("float32")


def resolved(model: keras.Model, size=None, stride=None, fill: str = "grey") -> dict:
    """The settings as they come out for a network: ``size`` and ``stride`` in pixels, ``fill``."""
    size = size or max(1, round(min(model.input_shape[1:3]) / 8))
    return {"size": size, "stride": stride or max(1, size // 2), "fill": fill}


def _starts(length: int, size: int, stride: int) -> list[int]:
    """Where the squares begin along one side; the last one ends with the image."""
    return sorted({*range(0, length - size + 1, stride), length - size})
