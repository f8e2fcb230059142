"""Batch normalisation folded into convolutions: the same answers and gradients from the same weights."""

import numpy as np
import pytest

from helpers.backend import keras, layers, tf
from helpers.networks import models, saved
from helpers.networks.folded import Folded, folded

PIXELS = np.random.default_rng(0).uniform(0, 255, (4, 12, 12, 1)).astype("float32")


def random_weights(model):
    """Weights, and statistics of batches, that are not those of a fresh network."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.uniform(0.2, 1, each.shape) for each in model.get_weights()])
    return model


def ours():
    told = {"widths": (4, 8), "convolutions": 2, "stem": 4, "stem_pool": 2, "dropout": 0.1}
    return saved.export(models.cnn((12, 12, 1), 3, residual=True, statistics=None, **told))


def plain(*between, **convolution):
    pixels = layers.Input((12, 12, 1))
    x = layers.Conv2D(4, 3, **convolution)(pixels)
    for layer in between:
        x = layer(x)
    return keras.Model(pixels, layers.Dense(3)(layers.Flatten()(x)))


NETWORKS = {
    "ours": (ours, 6),
    "no bias": (lambda: plain(layers.BatchNormalization(scale=False), use_bias=False), 1),
    "strides": (lambda: plain(layers.BatchNormalization(center=False), strides=2), 1),
    "dilated": (lambda: plain(layers.BatchNormalization(), dilation_rate=2), 1),
    "after its activation": (lambda: plain(layers.BatchNormalization(), activation="relu"), 0),
    "behind a pooling": (lambda: plain(layers.MaxPooling2D(), layers.BatchNormalization()), 0),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_answers_and_gradients_stay_and_follow_the_weights(name):
    make, count = NETWORKS[name]
    model = make()
    other = folded(model)
    assert sum(isinstance(layer, Folded) for layer in other.layers) == count
    random_weights(model)  # after the folding: it reads them where they are
    found, pixels = [], tf.constant(PIXELS)
    for network in (model, other):
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            answers = network(pixels, training=False)
        found.append((answers.numpy(), tape.gradient(answers, pixels).numpy()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-4 * np.abs(ours).max())
