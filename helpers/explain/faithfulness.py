"""Are the maps true? Deletion and insertion curves, agreement with regions, stability; paired statistics.

All take importance maps: what a method says, made positive-is-important and equally smooth (``importance``).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.backend import keras, tf
from helpers.explain import core, regions

STEPS = 24
BASELINES = ("mean", "blur")  # what stands where a pixel is deleted, see ``core.baseline``
SENSITIVITIES = ("gradient", "smoothgrad")
"""Methods whose sign says in which direction a pixel should change, not whether it speaks for the class."""


def importance(name: str, maps: np.ndarray) -> np.ndarray:
    """A method's maps as importance: highest first, all behind the same Gaussian (``core.blurred``).

    Of sensitivities the absolute value counts, of contributions the value itself: what speaks against the class comes
    last.

    Args:
        name: the method's key, or a control's.
        maps: (n, height, width).
    """
    return core.blurred(np.abs(maps) if name in SENSITIVITIES else maps)


def ranks(maps: np.ndarray) -> np.ndarray:
    """The place of each pixel, int32 (n, height, width), 0 for the most important; equals stand in a random order.

    The random order is the same for every map, so that a map that is the same everywhere scores as chance.
    """
    flat = np.asarray(maps).reshape(len(maps), -1)
    shuffle = np.random.default_rng(0).permutation(flat.shape[1])
    order = shuffle[np.argsort(-flat[:, shuffle], axis=1, kind="stable")]
    places = np.empty(order.shape, "int32")
    np.put_along_axis(places, order, np.arange(flat.shape[1], dtype="int32")[None], 1)
    return places.reshape(maps.shape)


def curves(
    model: keras.Model, images: np.ndarray, classes: np.ndarray, maps: np.ndarray, baseline: str, steps: int = STEPS
) -> tuple[np.ndarray, np.ndarray]:
    """Deletion and insertion curves (Petsiuk and others 2018).

    All perturbed images of one image are one batch, made in the graph: 2 x ``steps`` forward passes an image.

    Args:
        images: (n, height, width, channels), 0..255.
        classes: int (n,), whose probability is followed.
        maps: (n, height, width), higher is more important.
        baseline: what stands where a pixel is missing, see ``core.baseline``.
        steps: equal shares of the pixels that are replaced one after the other.

    Returns:
        two float32 (n, steps + 1), the probability after 0 .. ``steps`` shares of the pixels were deleted from the
        image, and after as many were inserted into the baseline.

    Raises:
        ValueError: numbers of images, classes and maps that differ, or no steps.
    """
    if not len(images) == len(classes) == len(maps) or steps < 1:
        raise ValueError(f"{len(images)} images, {len(classes)} classes, {len(maps)} maps, {steps} steps: must fit")
    function = core.compiled(model, f"curves {steps}", lambda: _curves(model, steps))
    places, fills = ranks(maps), core.baseline(images, baseline)
    found = np.empty((2, len(images), steps + 1), "float32")
    for index, (image, fill, place) in enumerate(zip(np.asarray(images, "float32"), fills, places, strict=True)):
        chances = function(image, fill, place).numpy()[:, classes[index]]
        deletion, insertion = chances[:steps], chances[steps:]
        # Where all is deleted, insertion has not begun, and the other way round.
        found[0, index] = [*deletion, insertion[0]]
        found[1, index] = [*insertion, deletion[0]]
    core.passes["forward"] += 2 * steps * len(images)
    return found[0], found[1]


def _curves(model: keras.Model, steps: int):
    height, width = model.input_shape[1:3]
    cuts = tf.constant(np.round(np.arange(steps) / steps * height * width).astype("int32"))
    pixels = tf.TensorSpec(model.input_shape[1:])

    @tf.function(input_signature=[pixels, pixels, tf.TensorSpec((height, width), tf.int32)], autograph=False)
    def both(image, fill, place):
        taken = (place[None] < cuts[:, None, None])[..., None]
        batch = tf.concat([tf.where(taken, fill, image), tf.where(taken, image, fill)], 0)
        return tf.nn.softmax(model(batch, training=False))

    return both


def area(curve: np.ndarray) -> np.ndarray:
    """The area under curves (n, steps + 1) by the trapezoidal rule, (n,), in the curve's unit."""
    return np.trapezoid(curve, dx=1 / (curve.shape[-1] - 1), axis=-1)


def scores(model: keras.Model, images: np.ndarray, classes: np.ndarray, maps: np.ndarray, steps: int = STEPS) -> dict:
    """``deletion`` and ``insertion``: curves, float32 (baselines, n, steps + 1), one for each of ``BASELINES``."""
    found = [curves(model, images, classes, maps, baseline, steps) for baseline in BASELINES]
    return {
        name: np.stack(parts) for name, parts in zip(("deletion", "insertion"), zip(*found, strict=True), strict=True)
    }


def gain(found: dict) -> np.ndarray:
    """Insertion area minus deletion area of ``scores``, (baselines, n), in probability: 0 by chance, 1 at most."""
    return area(found["insertion"]) - area(found["deletion"])


@dataclass(frozen=True)
class Mean:
    """A mean with its 95 % interval (Student 1908).

    Attributes:
        value, low, high: mean and interval; NaN without images.
        p: two-sided, of a mean of 0, and never below what turning the signs of so few values could show.
        n: images.
    """

    value: float
    low: float
    high: float
    p: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f})".replace("-", "−") if self.n else "no images"


def mean(values: np.ndarray) -> Mean:
    """The mean of (n,) values; for a paired comparison give the differences."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    n = len(values)
    if n < 2:
        value = float(values[0]) if n else float("nan")
        return Mean(value, value, value, 1.0, n)
    value, low, high = map(float, regions.mean_interval(values))
    error = values.std(ddof=1) / np.sqrt(n)
    p = 2 * stats.t.sf(abs(value) / error, n - 1) if error else float(value == 0)
    return Mean(value, low, high, max(float(p), 2.0 ** (1 - n)), n)


def pooled(first: np.ndarray, second: np.ndarray, seed: int = 0, resamples: int = 500) -> Mean:
    """Spearman's correlation over all entries of two arrays (n, k) together; whole images are resampled."""

    def correlation(rows):
        return spearman(first[None, rows], second[None, rows])[0]

    n = len(first)
    drawn = np.random.default_rng(seed).integers(0, n, (resamples, n))
    low, high = np.nanquantile([correlation(rows) for rows in drawn], (0.025, 0.975))
    return Mean(float(correlation(np.arange(n))), float(low), float(high), 1.0, n)


# --- agreement with regions: where the picture's parts are known ---


def mass(maps: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Relevance mass, (n,), 0..1: the share of the positive importance that lies inside a region.

    Args:
        maps: (n, height, width); a map without positive values is spread evenly.
        inside: bool (n, height, width) or (height, width).
    """
    positive = np.maximum(np.asarray(maps, "float64"), 0)
    positive[positive.sum((1, 2)) == 0] = 1
    return (positive * inside).sum((1, 2)) / positive.sum((1, 2))


def rank_accuracy(maps: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Relevance rank accuracy, (n,), 0..1: as many top pixels as the region has, and the share of them inside it."""
    inside = np.broadcast_to(inside, maps.shape)
    size = inside.sum((1, 2))
    top = ranks(maps) < size[:, None, None]
    return (top & inside).sum((1, 2)) / np.maximum(size, 1)


def pointing(maps: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The pointing game, bool (n,): whether the most important pixel lies inside the region."""
    return (np.broadcast_to(inside, maps.shape) & (ranks(maps) == 0)).any((1, 2))


# --- how alike two maps of one image are ---


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each row, (n,), of two arrays (n, ...); NaN where one of the two is constant."""
    flat = [np.reshape(values, (len(values), -1)) for values in (first, second)]
    constant = np.any([np.ptp(values, axis=1) == 0 for values in flat], axis=0)
    return np.where(constant, np.nan, regions.rank_correlation(*flat))


def noisy(images: np.ndarray, sigma: float = 0.02, seed: int = 0) -> np.ndarray:
    """Images (n, height, width, channels), 0..255, under a little noise, float32.

    Args:
        sigma: deviation of the noise as a share of the range 0..255.
        seed: of the noise.
    """
    noise = np.random.default_rng(seed).standard_normal(images.shape, "float32") * np.float32(255 * sigma)
    return np.clip(images + noise, 0, 255)
