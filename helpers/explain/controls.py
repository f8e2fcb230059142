"""Maps that know nothing of the network, or of what it learnt: what a method must beat to mean anything."""

from collections.abc import Callable

import numpy as np
from skimage import filters

from helpers.backend import keras
from helpers.explain.core import blurred


def random(images: np.ndarray, seed: int = 0) -> np.ndarray:
    """Noise between 0 and 1, float32 (n, height, width), for images (n, height, width, channels)."""
    return np.random.default_rng(seed).random(images.shape[:3], "float32")


def centre_gaussian(images: np.ndarray) -> np.ndarray:
    """A Gaussian at the centre with a deviation of a quarter of each side, 0..1, the same for all images."""
    height, width = images.shape[1:3]
    rows, columns = (np.linspace(-1, 1, size) / 0.5 for size in (height, width))
    one = np.exp(-(rows[:, None] ** 2 + columns[None] ** 2) / 2).astype("float32")
    return np.broadcast_to(one, images.shape[:3]).copy()


def sobel(images: np.ndarray) -> np.ndarray:
    """The strength of the edges (Sobel's filter on the mean channel), float32 (n, height, width), 0 and above."""
    return np.stack([filters.sobel(image.mean(-1) / 255) for image in images]).astype("float32")


PICTURES = {"random": random, "centre": centre_gaussian, "sobel": sobel}
"""The controls that know no network: images -> maps."""


def class_mean(maps: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each image the mean map of the other images of its class; of all others where it is the only one."""
    labels = np.asarray(labels)
    found = np.empty_like(maps)
    for label in np.unique(labels):
        of = labels == label
        among = of if of.sum() > 1 else np.ones(len(maps), bool)
        found[of] = (maps[among].sum(0) - maps[of]) / max(1, among.sum() - 1)
    return found


def random_weights(
    model: keras.Model, layers: list[str] | None = None, seed: int = 0
) -> list[np.ndarray]:
    """A network's weights, those of some layers as they were before any training (Adebayo and others 2018,
    https://arxiv.org/abs/1810.03292).

    Args:
        layers: their names; None for all.
        seed: of the weights drawn.

    Returns:
        kernels drawn with He's deviation, batch normalisation and biases as at the start; the other layers' own.
    """
    rng, found = np.random.default_rng(seed), []
    for layer in model.layers:
        free = not isinstance(layer, keras.layers.Normalization)
        drawn = free and (layers is None or layer.name in layers)
        pairs = zip(layer.weights, layer.get_weights(), strict=True)
        found += [_start(variable, value, rng) if drawn else value for variable, value in pairs]
    return found


def randomised(model: keras.Model, layers: list[str] | None = None, seed: int = 0) -> keras.Model:
    """A copy of a network with ``random_weights``."""
    copy = keras.models.clone_model(model)
    copy.set_weights(random_weights(model, layers, seed))
    return copy


def _start(variable, value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if variable.name in ("gamma", "moving_variance"):
        return np.ones_like(value)
    if value.ndim < 2:
        return np.zeros_like(value)
    deviation = np.sqrt(2 / np.prod(value.shape[:-1]))
    return (rng.standard_normal(value.shape) * deviation).astype(value.dtype)


def control_maps(
    method: Callable[..., np.ndarray],
    model: keras.Model,
    images: np.ndarray,
    targets: np.ndarray,
    draws: int = 2,
) -> dict[str, list[np.ndarray]]:
    """Maps of the same images that cannot know what the network learnt, blurred like the method's own.

    Args:
        method: gives maps that are not blurred yet; run on the network with random weights, ``draws`` times.

    Returns:
        ``sobel``, ``centre`` and ``random_weights``, each its maps, float32 (n, height, width), one array a draw.
    """
    found = {"sobel": [sobel(images)], "centre": [centre_gaussian(images)], "random_weights": []}
    network = keras.models.clone_model(model)  # one for all draws: it is compiled once
    for seed in range(draws):
        network.set_weights(random_weights(model, seed=seed))
        found["random_weights"].append(method(network, images, targets))
    return {name: [blurred(maps) for maps in drawn] for name, drawn in found.items()}
