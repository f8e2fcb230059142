"""Class images: activation maximisation of each class from noise (Simonyan and others 2014), and how it is judged.

An image that convinces the network it was made for may still be one that only this network believes. So other networks
judge it, and beside it stands an adversarial image (Szegedy and others 2014), which convinces the same network just as
much and shows nothing of the class. Such patterns transfer between networks trained on the same data: to convince a
judge is necessary, and no proof.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from helpers.backend import keras
from helpers.evaluation import probabilities
from helpers.explain import core
from helpers.explain.ascent import ascend
from helpers.explain.regions import mean_interval

MOST = 22  # classes that get an image: two figures of readable columns
SUREST = 0.999  # the probability that an adversarial image has to reach at most: 1 cannot be reached


def class_images(
    model: keras.Model,
    classes: Sequence[int],
    *,
    regulariser: str = "fourier",
    steps: int = 192,
    seed: int = 0,
) -> np.ndarray:
    """For each class the image that raises its class-centred logit, all climbing at once from the same noise.

    Args:
        model: raw pixels in, logits out.
        classes: one an image.
        regulariser, steps, seed: see ``ascent.ascend``.

    Returns:
        float32 (n, height, width, channels), 0..255.

    Raises:
        ValueError: a class that there is not, or no such regulariser.
    """
    weights = core.target_weights(np.asarray(classes, int), model.output_shape[-1])

    def score(pixels: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(model(pixels, training=False) * tf.gather(weights, rows), -1)

    shape = tuple(model.input_shape[1:])
    return ascend(score, shape, len(classes), regulariser=regulariser, steps=steps, seed=seed).images


def adversarial(
    model: keras.Model,
    images: np.ndarray,
    classes: Sequence[int],
    chances: np.ndarray,
    *,
    step: float = 0.25,
    most: int = 200,
) -> np.ndarray:
    """Each image changed as little as possible until the network gives a class a certain probability.

    It follows the gradient of the class's log probability in short steps of equal length until the probability is
    reached, then goes back along the straight line as far as it can.

    Args:
        images: (n, height, width, channels), 0..255, of other classes.
        classes: int (n,), what they shall be taken for.
        chances: (n,), the probability to reach, at most ``SUREST``.
        step: root mean square of a step, in grey levels.
        most: steps; what has not arrived by then is returned as it is.

    Returns:
        float32, the images' shape, 0..255.
    """
    first = np.asarray(images, "float32")
    one_hot = np.eye(model.output_shape[-1], dtype="float32")[np.asarray(classes, int)]
    goal = np.log(np.minimum(chances, SUREST)).astype("float32")

    def believed(pixels):
        return tf.reduce_sum(tf.nn.log_softmax(model(pixels, training=False)) * one_hot, -1)

    def towards(turn, pixels):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            found = believed(pixels)
        gradient = tape.gradient(found, pixels)
        size = tf.sqrt(tf.reduce_mean(gradient**2, (1, 2, 3), keepdims=True))
        moved = tf.clip_by_value(pixels + step * tf.math.divide_no_nan(gradient, size), 0, 255)
        return turn + 1, tf.where((found >= goal)[:, None, None, None], pixels, moved)

    def halve(_, ends):
        low, high = ends
        middle = (low + high) / 2
        enough = believed(first + middle[:, None, None, None] * (last - first)) >= goal
        return tf.where(enough, low, middle), tf.where(enough, middle, high)

    last = tf.function(lambda: tf.while_loop(lambda turn, _: turn < most, towards, (tf.constant(0), first))[1])()
    ends = tf.zeros(len(first)), tf.ones(len(first))
    for turn in range(6):
        ends = halve(turn, ends)
    return np.asarray(first + ends[1][:, None, None, None] * (last - first), "float32")


def other_images(
    classes: Sequence[int], chosen: Mapping[int, Mapping[str, int]], rule: str, start: int = 0
) -> list[int | None]:
    """For each class the index of a real image of another class, the next one that has an image by this rule.

    Args:
        chosen: from ``selection.choose``.
        start: how many classes to pass over.
    """
    have = [label for label, picks in sorted(chosen.items()) if rule in picks]
    found = []
    for label in classes:
        others = [k for k in have if k > label] + [k for k in have if k < label]
        found.append(chosen[others[start % len(others)]][rule] if others else None)
    return found


def class_means(images: np.ndarray, labels: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """The mean image of each class, float32 (classes, height, width, channels); NaN for a class without images."""
    means = [images[labels == k].mean(0, dtype="float32") if (labels == k).any() else None for k in classes]
    missing = np.full(images.shape[1:], np.nan, "float32")
    return np.stack([missing if mean is None else mean for mean in means])


def taken(images: np.ndarray, indices: Sequence[int | None]) -> np.ndarray:
    """Images by index, float32; NaN all over for None."""
    missing = np.full(images.shape[1:], np.nan, "float32")
    return np.stack([missing if index is None else images[index].astype("float32") for index in indices])


def chances(models: Mapping[str, keras.Model], images: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """The probability that each network gives each image's class, float64 (networks, n); NaN where an image is NaN."""
    rows = np.arange(len(images)), np.asarray(classes, int)
    found = np.stack([probabilities(core.logits_of(model, images))[rows] for model in models.values()])
    return np.where(np.isnan(images).any((1, 2, 3)), np.nan, found)


def over_classes(values: np.ndarray) -> tuple[float, float, float]:
    """Mean over the classes and its 95 % bootstrap interval; classes without a value (NaN) are left out."""
    values = np.asarray(values, "float64")
    values = values[~np.isnan(values)]
    return tuple(map(float, mean_interval(values))) if len(values) else (float("nan"),) * 3
