"""Integrated gradients: the gradient summed along the straight way from a baseline to the image, times that way.

    map = (I - I') · ∫₀¹ ∂s/∂I ( I' + t (I - I') ) dt        by the trapezoidal rule; channels are summed

Signed, in logits. Complete: a map adds up to s(I) - s(I'), but for the error of the numerical integral. What is like
the baseline I' gets 0: mid-grey skin under a mid-grey baseline.

Sundararajan, Taly and Yan 2017, https://arxiv.org/abs/1703.01365.

    said = core.logits_of(model, images).argmax(-1)
    maps = integrated_gradients(model, images, said, steps=50)  # float32 (n, height, width)
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
) -> np.ndarray:
    """Integrated gradients, float32 (n, height, width), signed, in logits.

    Args:
        baseline: see ``core.baseline``.
        steps: intervals of the trapezoidal rule, 1 or more.

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
    return (total / steps * (images - start)).sum(-1).astype("float32")
