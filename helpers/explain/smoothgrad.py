"""SmoothGrad: the gradient averaged over noisy copies of the image, so that its fine noise cancels out.

    map = 1/n Σ_k  f( ∂s/∂I (I + ε_k) ),   ε_k ~ N(0, σ²),   f(g) = g, |g| or g²; channels are summed

Smilkov and others 2017, https://arxiv.org/abs/1706.03825 (σ of 10 to 20 % of the range, n = 50); squared: Hooker and
others 2019, https://arxiv.org/abs/1806.10758. In logits a grey level, or their square.

    said = core.logits_of(model, images).argmax(-1)
    maps = smoothgrad(model, images, said, reduce="squared", samples=50, sigma=0.15)  # float32 (n, height, width)
    shown = core.blurred(maps)
"""

import numpy as np

from helpers.backend import keras
from helpers.explain import core

AVERAGED = {"mean": lambda g: g, "absolute": np.abs, "squared": np.square}


def smoothgrad(
    model: keras.Model, images: np.ndarray, targets: np.ndarray, *, reduce="squared", **options
) -> np.ndarray:
    """The averaged gradient, float32 (n, height, width); every image gets the same noise.

    Args:
        reduce: what is averaged: ``mean`` (the signed gradient), ``absolute`` or ``squared`` values of it.
        options: ``samples``, ``sigma`` and ``seed`` of ``smoothgrads``.

    Raises:
        ValueError: images or targets that do not fit the network.
        KeyError: another ``reduce``.
    """
    return smoothgrads(model, images, targets, **options)[reduce]


def smoothgrads(
    model: keras.Model, images: np.ndarray, targets: np.ndarray, samples=50, sigma=0.15, seed=0
) -> dict[str, np.ndarray]:
    """All that ``smoothgrad`` can average, by ``reduce``, from the same gradients.

    Args:
        samples: noisy copies, 1 or more.
        sigma: the noise's standard deviation as a share of the range 0..255; at 0 the result is the gradient's.
        seed: of the noise.
    """
    images, weights = core.checked(model, images, targets)
    noise = np.random.default_rng(seed).standard_normal((samples, *images.shape[1:]), "float32")
    noise *= np.float32(255 * sigma)
    changes = [lambda g, k, change=change: change(g) for change in AVERAGED.values()]

    def noisy(rows, k):
        return images[rows] + noise[k]

    totals = core.gradient_sums(model, images, weights, samples, noisy, *changes)
    means = [(total.sum(-1) / samples).astype("float32") for total in totals]
    return dict(zip(AVERAGED, means, strict=True))


def resolved(model: keras.Model, **options) -> dict:
    """The settings: ``reduce``, ``samples``, ``sigma`` and ``seed``."""
    return {**core.defaults(smoothgrads), **options}
