"""Brief trainings that only compare: what normalisation, augmentation, places of pixels and a second softmax change."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from helpers import models, training
from helpers.backend import keras, layers, ops
from helpers.experiments import cnn, dnn_training, train_briefly
from helpers.recipes import Recipe
from helpers.run import Run


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
        return keras.Model(
            model.input, layers.Rescaling(1.0, dtype="float32", name="probabilities")(p), name=f"{model.name}_softmax"
        )

    return behind


def two_by_two(run: Run, recipe: Recipe) -> dict[tuple[bool, bool], tuple[np.ndarray, list[dict]]]:
    """Train the CNN briefly in four ways; validation logits and history by (normalised, augmented)."""
    found = {}
    for normalise in (True, False):
        for augment in (True, False):
            name = "cnn" + ("" if normalise else "_raw") + ("" if augment else "_plain")
            how = recipe.training if augment else replace(recipe.training, augmentation=None)
            make = cnn(run, recipe, normalise)
            found[normalise, augment] = train_briefly(run, name, make, how, recipe.brief_epochs, recipe.brief_images)
    return found


def effects(four: dict) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The four paired comparisons of ``two_by_two``, by name."""
    logits = {key: found for key, (found, _) in four.items()}
    return {
        "normalised − raw, both augmented": (logits[True, True], logits[False, True]),
        "normalised − raw, both plain": (logits[True, False], logits[False, False]),
        "augmented − plain, both normalised": (logits[True, True], logits[True, False]),
        "augmented − plain, both raw": (logits[False, True], logits[False, False]),
    }


def shuffled_pixels(run: Run, recipe: Recipe, **makers: Callable[[], keras.Model]) -> dict:
    """Train networks briefly with pixels in place and shuffled; validation logits and history by words.

    With pixels in place, notebook 01 has trained the CNN already, and its checkpoint is found.
    """
    found = {}
    for name, make in makers.items():
        how = dnn_training(recipe) if name == "dnn" else recipe.training
        for change, words in ((lambda make: make, "pixels in place"), (shuffled, "pixels shuffled")):
            label = name if words == "pixels in place" else f"{name}_shuffled"
            result = train_briefly(run, label, change(make), how, recipe.brief_epochs, recipe.brief_images)
            found[f"{name.upper()}, {words}"] = result
    return found


def shuffle_pairs(four: dict) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The two paired comparisons of ``shuffled_pixels``: in place against shuffled, for each network."""
    return {
        f"{name}: in place − shuffled": (four[f"{name}, pixels in place"][0], four[f"{name}, pixels shuffled"][0])
        for name in ("CNN", "DNN")
    }


def softmax_once_and_twice(run: Run, recipe: Recipe) -> dict[str, tuple[np.ndarray, list[dict]]]:
    """Train a small DNN briefly with softmax once and twice; validation outputs (n, classes) and history by name.

    Without label smoothing and augmentation, so that the loss has the lowest value that theory gives it.
    """
    shape, classes = run.dataset.image_shape, len(run.dataset.class_names)
    statistics = training.pixel_statistics(run.dataset.train.images)
    how = replace(
        recipe.training, learning_rate=recipe.dnn_learning_rate, label_smoothing=0.0, augmentation=None, bfloat16=False
    )

    def once() -> keras.Model:
        return models.dnn(shape, classes, (64,), statistics=statistics)

    return {
        name: train_briefly(run, name.replace(" ", "_"), make, how, recipe.brief_epochs, recipe.brief_images)
        for name, make in {"softmax once": once, "softmax twice": behind_softmax(once)}.items()
    }
