"""Occlusion: how far the score falls when a square of the image is covered (Zeiler and Fergus 2014)."""

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
    """The fall of the score, in logits, averaged over all squares that cover a pixel; signed.

    Arguments and errors as for ``gradients``, and:

    Args:
        size: the square's side in pixels, from 1 up to the image's; by default an eighth of the image's side.
        stride: pixels from one square to the next, at most ``size``; by default a third of ``size``.
        fill: what covers, see ``core.baseline``.

    Returns:
        float32 (n, height, width); exactly 0 where no covered pixel matters.
    """
    images, weights = core.checked(model, images, targets)
    height, width = images.shape[1:3]
    size = size or max(1, round(min(height, width) / 8))
    stride = stride or max(1, size // 3)
    if not 1 <= stride <= size <= min(height, width):
        raise ValueError(f"size={size}, stride={stride}: take 1 <= stride <= size <= {min(height, width)}")
    corners = [(top, left) for top in _starts(height, size, stride) for left in _starts(width, size, stride)]
    covered = np.zeros((len(corners), height, width), bool)
    for mask, (top, left) in zip(covered, corners, strict=True):
        mask[top : top + size, left : left + size] = True
    rows, masks = (grid.ravel() for grid in np.indices((len(images), len(corners))))
    logits = core.perturbed_logits(model, images, core.baseline(images, fill), ~covered, rows, masks)
    after = (logits.reshape(len(images), len(corners), -1) * weights[:, None]).sum(-1)
    before = (core.logits_of(model, images) * weights).sum(-1)
    falls = before[:, None] - after
    maps = np.tensordot(falls, covered.astype("float32"), 1) / covered.sum(0)
    return maps.astype("float32")


def _starts(length: int, size: int, stride: int) -> list[int]:
    """Where the squares begin along one side; the last one ends with the image."""
    return sorted({*range(0, length - size + 1, stride), length - size})
