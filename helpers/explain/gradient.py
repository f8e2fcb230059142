"""The gradient of the score by the pixels: how the score would change if a pixel became brighter.

    map(y, x) = Σ_c  ∂s/∂I(y, x, c)              gradient, in logits a grey level
    map(y, x) = Σ_c  ∂s/∂I(y, x, c) · I(y, x, c)  gradient × input, in logits

s is the class-centred logit, or the difference of two logits (``core.target_weights``). A linear network's gradient
is its weight. It is a sensitivity: its sign says in which direction a pixel should change.

Simonyan, Vedaldi and Zisserman 2014, https://arxiv.org/abs/1312.6034; times the input: Shrikumar and others 2016,
https://arxiv.org/abs/1605.01713.

    said = core.logits_of(model, images).argmax(-1)      # images (n, height, width, channels), 0..255
    maps = gradient(model, images, said)                 # float32 (n, height, width), signed
    shown = core.blurred(np.abs(maps))
"""

import numpy as np

from helpers.backend import keras
from helpers.explain import core


def gradient(model: keras.Model, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The gradient by the pixels, float32 (n, height, width), signed, in logits a grey level."""
    images, weights = core.checked(model, images, targets)
    return core.gradients_of(model, images, weights).sum(-1)


def gradient_x_input(model: keras.Model, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The gradient times the pixel's own value, signed, in logits; a black pixel gets 0."""
    images, weights = core.checked(model, images, targets)
    return (core.gradients_of(model, images, weights) * images).sum(-1)
