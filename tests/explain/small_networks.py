"""Networks small enough to know by hand, and images for them."""

from functools import cache

import numpy as np

from helpers.backend import keras, layers

SIDE, CLASSES = 12, 3
TARGETS = np.array([0, 1, 2, 0, 1])


def linear(weights: np.ndarray, bias=None, channels: int = 1) -> keras.Model:
    """Logits that are ``weights`` (pixels, classes) times the pixels of a square image."""
    side = round((len(weights) / channels) ** 0.5)
    pixels = layers.Input((side, side, channels))
    logits = layers.Dense(weights.shape[1], name="logits")(layers.Flatten()(pixels))
    model = keras.Model(pixels, logits)
    bias = np.zeros(weights.shape[1]) if bias is None else bias
    model.set_weights([weights.astype("float32"), bias])
    return model


def two_class(weight: np.ndarray, bias: float = 0.0) -> keras.Model:
    """The first logit is a weighted sum of the pixels, the second is 0."""
    flat = weight.ravel()
    return linear(np.stack([flat, 0 * flat], -1), np.array([bias, 0.0]))


@cache
def convolutional(channels: int = 1, side: int = SIDE) -> keras.Model:
    """One network for all tests, since what TensorFlow compiles for it is kept: leave its weights alone."""
    keras.utils.set_random_seed(3)
    pixels = layers.Input((side, side, channels))
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(pixels, layers.Dense(CLASSES, name="logits")(x))


def noise(n: int = 5, side: int = SIDE, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, channels), dtype=np.uint8)
