"""Brief trainings that only compare: what normalisation, augmentation, places of pixels and a second softmax change."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from helpers.backend import keras, layers, ops
from helpers.experiments.trainings import cnn, dnn_training, given, train_briefly
from helpers.networks import models
from helpers.networks.recipes import Recipe
from helpers.run import Run

Brief = tuple[np.ndarray, list[dict]]
"""Validation logits float32 (n, classes) and history of a brief training."""


@keras.saving.register_keras_serializable("workbook")
class ShuffledPixels(layers.Layer):
    """Puts every image's pixels into one fixed random order, the same for all images and channels."""

    def __init__(self, seed: int = 0, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        self.seed = seed

    def call(self, images):
        height, width, channels = images.shape[1:]
        order = np.random.default_rng(self.seed).permutation(height * width)
        flat = ops.take(ops.reshape(images, (-1, height * width, channels)), order, axis=1)
        return ops.reshape(flat, (-1, height, width, channels))

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}


def shuffled(make: Callable[[], keras.Model], seed: int = 0) -> Callable[[], keras.Model]:
    """The same network behind shuffled pixels: inside the model, so that augmentation comes before."""

    def behind() -> keras.Model:
        model = make()
        pixels = layers.Input(model.input_shape[1:])
        # Named, here and below: Keras' own names count up, and what is shipped is known by its layers.
        x = ShuffledPixels(seed, name="shuffled_pixels")(pixels)
        return keras.Model(pixels, model(x), name=f"{model.name}_shuffled")

    return behind


def behind_softmax(make: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    """The same network with a softmax at its end: trained as if it gave logits, it goes through softmax twice."""

    def behind() -> keras.Model:
        model = make()
        p = layers.Softmax(dtype="float32", name="softmax")(model.output)
        # Keras takes off a softmax that it sees at the very end of a network.
        p = layers.Rescaling(1.0, dtype="float32", name="probabilities")(p)
        return keras.Model(model.input, p, name=f"{model.name}_softmax")

    return behind


def two_by_two(run: Run, recipe: Recipe) -> dict[tuple[bool, bool], Brief]:
    """Train the CNN briefly in four ways, by (normalised, augmented)."""
    found = {}
    for normalise, augment in ((True, True), (True, False), (False, True), (False, False)):
        name = "cnn" + ("" if normalise else "_raw") + ("" if augment else "_plain")
        how = recipe.training if augment else replace(recipe.training, augmentation=None)
        make = cnn(run, recipe, normalise)
        found[normalise, augment] = train_briefly(run, name, make, recipe, how)
    return found


def shuffled_pixels(
    run: Run, recipe: Recipe, **makers: Callable[[], keras.Model]
) -> dict[str, Brief]:
    """Train networks briefly with pixels in place (``cnn``) and shuffled (``cnn_shuffled``), by these names.

    With pixels in place, notebook 01 has trained the CNN already, and its checkpoint is found.
    """
    found = {}
    for name, make in makers.items():
        how = dnn_training(recipe) if name == "dnn" else recipe.training
        for label, made in {name: make, f"{name}_shuffled": shuffled(make)}.items():
            found[label] = train_briefly(run, label, made, recipe, how)
    return found


def softmax_once_and_twice(run: Run, recipe: Recipe) -> dict[str, Brief]:
    """Train a small DNN briefly with softmax once and twice, by ``once`` and ``twice``.

    Without label smoothing and augmentation, so that the loss has the lowest value that theory gives it.
    """
    plain = {"label_smoothing": 0.0, "augmentation": None, "bfloat16": False}
    how = replace(recipe.training, learning_rate=recipe.dnn_learning_rate, **plain)
    once = partial(models.dnn, widths=(64,), **given(run))
    makers = {"once": once, "twice": behind_softmax(once)}
    return {
        name: train_briefly(run, f"softmax_{name}", make, recipe, how)
        for name, make in makers.items()
    }
