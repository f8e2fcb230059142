"""Class images: activation maximisation of each class from noise (Simonyan and others 2014), and how it is judged.

An image that convinces the network it was made for may still be one that only this network believes. So other networks
judge it, and beside it stands an adversarial image (Szegedy and others 2014), which convinces the same network just as
much and shows nothing of the class. Such patterns transfer between networks trained on the same data: to convince a
judge is necessary, and no proof.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.backend import keras, tf
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

    def towards(turn, pixels, _):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            found = believed(pixels)
        gradient = tape.gradient(found, pixels)
        size = tf.sqrt(tf.reduce_mean(gradient**2, (1, 2, 3), keepdims=True))
        moved = tf.clip_by_value(pixels + step * tf.math.divide_no_nan(gradient, size), 0, 255)
        under_way = found < goal
        return turn + 1, tf.where(under_way[:, None, None, None], moved, pixels), tf.reduce_any(under_way)

    @tf.function(autograph=False)
    def climb():
        start = tf.constant(0), tf.constant(first), tf.constant(True)
        return tf.while_loop(lambda turn, _, under_way: under_way & (turn < most), towards, start)[1]

    last = climb()
    low, high = tf.zeros((len(first), 1, 1, 1)), tf.ones((len(first), 1, 1, 1))
    for _ in range(6):
        middle = (low + high) / 2
        enough = (believed(first + middle * (last - first)) >= goal)[:, None, None, None]
        low, high = tf.where(enough, low, middle), tf.where(enough, middle, high)
    return np.asarray(first + high * (last - first), "float32")


def other_images(classes: Sequence[int], chosen: Mapping[int, Mapping[str, int]], rule: str) -> list[int | None]:
    """For each class the index of a real image of another class, the next one that has an image by this rule.

    Args:
        chosen: from ``selection.choose``.
        rule: one of ``selection.RULES``.
    """
    have = [label for label, picks in sorted(chosen.items()) if rule in picks]
    found = []
    for label in classes:
        others = [k for k in have if k > label] + [k for k in have if k < label]
        found.append(chosen[others[0]][rule] if others else None)
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
    """Mean over the classes and its 95 % interval; classes without a value (NaN) are left out."""
    values = np.asarray(values, "float64")
    values = values[~np.isnan(values)]
    return tuple(map(float, mean_interval(values))) if len(values) else (float("nan"),) * 3
