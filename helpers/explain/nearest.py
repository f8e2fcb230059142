"""Which training images a network holds most like a given one: cosine similarity of its last features.

    sim(I, J) = φ(I)·φ(J) / (‖φ(I)‖ ‖φ(J)‖),   φ: what the last layer reads

Beside a mistake, the neighbours are "what it took it for"; a similarity near 1 may be a duplicate.

Features as a measure of likeness: Zhang and others 2018, https://arxiv.org/abs/1801.03924.

    found = nearest(model, images[[mistake]], data.train.images, k=3)
    data.train.labels[found.indices[0]]                  # int (3,), nearest first
    found.similarities[0]                                # float32 (3,), at most 1
"""

from typing import NamedTuple

import numpy as np

from helpers.backend import keras, tf
from helpers.explain import core

BLOCK = 2048  # training images looked at at once


class Nearest(NamedTuple):
    """``indices`` int64 (n, k) of training images, nearest first, and ``similarities`` float32 (n, k), -1..1."""

    indices: np.ndarray
    similarities: np.ndarray


def features(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """What the last layer reads of images (n, height, width, channels), of length 1: float32 (n, features)."""

    def make():
        cut = keras.Model(model.inputs[0], keras.layers.Flatten()(model.layers[-1].input))
        return tf.function(lambda part: (cut(part, training=False),), autograph=False)

    pixels = np.asarray(images, "float32")
    (found,) = core.batched(core.compiled(model, "features", make), pixels)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)


def nearest(model: keras.Model, images: np.ndarray, train: np.ndarray, k: int = 3) -> Nearest:
    """The ``k`` training images most like each image; equals: the first. Memory stays flat: ``BLOCK`` at a time."""
    own = features(model, images)
    indices, best = np.zeros((len(own), 0), int), np.zeros((len(own), 0), "float32")
    for start in range(0, len(train), BLOCK):
        alike = own @ features(model, train[start : start + BLOCK]).T
        here = np.broadcast_to(np.arange(start, start + alike.shape[1]), alike.shape)
        indices, best = np.concatenate([indices, here], 1), np.concatenate([best, alike], 1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :k]
        indices, best = (np.take_along_axis(each, order, 1) for each in (indices, best))
    return Nearest(indices, best)
