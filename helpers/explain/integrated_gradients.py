"""Integrated gradients: the gradient summed along the straight way from a baseline to the image, times that way.

    map = (I - I') · ∫₀¹ ∂s/∂I ( I' + t (I - I') ) dt        by the trapezoidal rule; channels are summed

Signed, in logits. Complete: a map adds up to s(I) - s(I'), but for the error of the numerical integral. What is like
the baseline I' gets 0: mid-grey skin under a mid-grey baseline.

Sundararajan, Taly and Yan 2017, https://arxiv.org/abs/1703.01365.

    said = core.logits_of(model, images).argmax(-1)
    maps, errors = integrated_gradients(model, images, said, steps=50, with_error=True)  # (n, height, width), (n,)
    error = completeness(maps, errors)["error"]          # median, in logits
"""

import numpy as np

from helpers.backend import keras
from helpers.explain import core


def integrated_gradients(
    model: keras.Model,
    images: np.ndarray,
    targets: np.ndarray,
    *,
    baseline: str = "grey",
    steps: int = 50,
    with_error: bool = False,
):
    """Integrated gradients, float32 (n, height, width), signed, in logits.

    Args:
        baseline: see ``core.baseline``.
        steps: intervals of the trapezoidal rule, 1 or more.
        with_error: whether to return the completeness error too.

    Returns:
        the maps; or the maps and, float32 (n,), the sum of each map minus the difference of the scores of image and
        baseline, in logits: 0 but for the error of the numerical integral.

    Raises:
        ValueError: images or targets that do not fit the network, another baseline, or no steps.
    """
    if steps < 1:
        raise ValueError(f"steps={steps}: take 1 or more")
    images, weights = core.checked(model, images, targets)
    start = core.baseline(images, baseline)
    shares = np.linspace(0, 1, steps + 1, dtype="float32")[:, None, None, None]
    parts = np.ones_like(shares)
    parts[[0, -1]] = 0.5  # of the trapezoidal rule

    def between(rows, k):
        return start[rows] + shares[k] * (images[rows] - start[rows])

    (total,) = core.gradient_sums(
        model, images, weights, steps + 1, between, lambda g, k: g * parts[k]
    )
    maps = (total / steps * (images - start)).sum(-1)
    if not with_error:
        return maps.astype("float32")
    ends = [core.scores_of(model, end, targets) for end in (images, start)]
    return maps.astype("float32"), (maps.sum((1, 2)) - (ends[0] - ends[1])).astype("float32")


def completeness(maps: np.ndarray, errors: np.ndarray) -> dict[str, float]:
    """How well maps add up: the median absolute ``error`` in logits, and as a ``share`` of the median sum."""
    error = float(np.median(np.abs(errors)))
    return {"error": error, "share": error / float(np.median(np.abs(maps.sum((1, 2)))) or 1)}
