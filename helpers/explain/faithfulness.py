"""Faithfulness: does a map order the pixels as they matter to the network? Deletion and insertion curves.

    deletion(t) = p(I with the t most important pixels replaced),   insertion(t) = p(baseline with them put in)
    gain = area under insertion - area under deletion                0 by chance, 1 at most, in probability

All take importance maps: what a method says, made positive-is-important and equally smooth (``importance``). What it
finds is what predicts the network best on this test; images with deleted pixels are unlike any that it was trained on
(Hooker and others 2019, https://arxiv.org/abs/1806.10758), and a method that masks is favoured by a test that masks.

Petsiuk, Das and Saenko 2018, https://arxiv.org/abs/1806.07421; the pointing game: Zhang and others 2016,
https://arxiv.org/abs/1608.00507.

    shown = sample(model, data.validation, 256)
    maps = explain(model, shown)                         # by name, controls too
    scored, mean_of = score(model, shown, maps)
    rows = ranking.rank(gains(scored), CONTROLS)
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from helpers.backend import keras, tf
from helpers.explain import controls, core, selection
from helpers.explain.methods import METHODS, applicable, maps_of

STEPS = 24
TOGETHER = 4  # images whose curves are computed in one batch
BASELINES = ("mean", "blur")  # what stands where a pixel is deleted, see ``core.baseline``
CONTROLS = (*controls.PICTURES, "class_mean")


def importance(name: str, maps: np.ndarray) -> np.ndarray:
    """A method's maps as importance: highest first, all behind the same Gaussian (``core.blurred``).

    Of sensitivities the absolute value counts, of contributions the value itself: what speaks against the class comes
    last.

    Args:
        name: the method's key, or a control's.
        maps: (n, height, width).
    """
    return core.blurred(np.abs(maps) if name in METHODS and METHODS[name].sensitivity else maps)


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


# --- curves ---


def curves(
    model: keras.Model, images: np.ndarray, classes: np.ndarray, maps: np.ndarray, baseline: str
) -> tuple[np.ndarray, np.ndarray]:
    """Deletion and insertion curves; all perturbed images of ``TOGETHER`` images are one batch.

    Args:
        images: (n, height, width, channels), 0..255.
        classes: int (n,), whose probability is followed.
        maps: (n, height, width), higher is more important.
        baseline: what stands where a pixel is missing, see ``core.baseline``.

    Returns:
        two float32 (n, STEPS + 1), the probability after 0 .. ``STEPS`` equal shares of the pixels were deleted from
        the image, and after as many were inserted into the baseline.
    """
    function = core.compiled(model, "curves", lambda: _curves(model))
    images, fills = np.asarray(images, "float32"), core.baseline(images, baseline)
    (chances,) = core.batched(function, images, fills, ranks(maps), batch=TOGETHER)
    own = np.take_along_axis(chances, classes[:, None, None], 2)[..., 0]
    deletion, insertion = own[:, :STEPS], own[:, STEPS:]
    # Where all is deleted, insertion has not begun, and the other way round.
    return np.hstack([deletion, insertion[:, :1]]), np.hstack([insertion, deletion[:, :1]])


def _curves(model: keras.Model):
    network, shape = core.passed(model), model.input_shape[1:]
    cuts = np.round(np.arange(STEPS) / STEPS * shape[0] * shape[1]).astype("int32")
    pixels, places = (
        tf.TensorSpec([TOGETHER, *shape]),
        tf.TensorSpec([TOGETHER, *shape[:2]], tf.int32),
    )

    @tf.function(input_signature=[pixels, pixels, places], autograph=False)
    def both(images, fills, places):
        taken = (places[:, None] < cuts[:, None, None])[..., None]
        images, fills = images[:, None], fills[:, None]
        batch = tf.concat([tf.where(taken, fills, images), tf.where(taken, images, fills)], 1)
        chances = tf.nn.softmax(network(tf.reshape(batch, [-1, *shape]), training=False))
        return (tf.reshape(chances, [TOGETHER, 2 * STEPS, -1]),)

    return both


def area(curve: np.ndarray) -> np.ndarray:
    """The area under curves (n, STEPS + 1) by the trapezoidal rule, (n,), in the curve's unit."""
    return np.trapezoid(curve, dx=1 / (curve.shape[-1] - 1), axis=-1)


def scores(
    model: keras.Model, images: np.ndarray, classes: np.ndarray, maps: np.ndarray
) -> dict[str, np.ndarray]:
    """``deletion`` and ``insertion``: curves, float32 (baselines, n, STEPS + 1), one for each of ``BASELINES``."""
    found = [curves(model, images, classes, maps, baseline) for baseline in BASELINES]
    return dict(zip(("deletion", "insertion"), np.stack(found, 1), strict=True))


def gain(found: Mapping[str, np.ndarray]) -> np.ndarray:
    """Insertion area minus deletion area of ``scores``, (baselines, n), in probability."""
    return area(found["insertion"]) - area(found["deletion"])


# --- all methods and controls on one sample ---


@dataclass(frozen=True)
class Sample:
    """The images that all methods explain, ``split`` (a ``Split``), and the class explained of each, the answer."""

    split: object
    classes: np.ndarray

    def part(self, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Images and classes of a class-balanced part; first come those that the network recognises."""
        rows = selection.balanced(self.split.labels, count, seed=seed)
        right = self.classes[rows] == self.split.labels[rows]
        rows = rows[np.argsort(~right, kind="stable")]
        return self.split.images[rows], self.classes[rows]


def sample(model: keras.Model, split, count: int, seed: int = 0) -> Sample:
    """About ``count`` class-balanced images of a split that do not also stand in training."""
    part = split.take(selection.balanced(split.labels, count, split.copies, seed))
    return Sample(part, core.logits_of(model, part.images).argmax(-1))


def explain(model: keras.Model, shown: Sample) -> dict[str, np.ndarray]:
    """Importance maps of a sample by method, all that are applicable, and by control."""
    images = shown.split.images
    found = maps_of(model, images, shown.classes, applicable(model))
    found |= {name: control(images) for name, control in controls.PICTURES.items()}
    return {name: importance(name, maps) for name, maps in found.items()}


def score(
    model: keras.Model, shown: Sample, maps: dict[str, np.ndarray]
) -> tuple[dict[str, dict], str]:
    """Curves by method and control (``scores``); maps gain the control ``class_mean``.

    It knows the network but not the image: the mean map, over the other images with the same answer, of the best
    method.

    Returns:
        the curves, and which method's class mean it is.
    """
    images, classes = shown.split.images, shown.classes
    found = {name: scores(model, images, classes, each) for name, each in maps.items()}
    methods = [name for name in maps if name not in CONTROLS]
    best = max(methods, key=lambda name: gain(found[name]).mean())
    maps["class_mean"] = controls.class_mean(maps[best], classes)
    found["class_mean"] = scores(model, images, classes, maps["class_mean"])
    return found, best


def gains(scored: Mapping[str, dict]) -> dict[str, np.ndarray]:
    """Insertion minus deletion by name, (n,), the mean of the baselines."""
    return {name: gain(found).mean(0) for name, found in scored.items()}


def leaders(scored: Mapping[str, dict]) -> dict[str, str]:
    """Who has the highest gain with each baseline alone, by baseline."""
    means = {name: gain(found).mean(1) for name, found in scored.items()}
    return {each: max(means, key=lambda name: means[name][at]) for at, each in enumerate(BASELINES)}


def pointing(maps: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The pointing game, bool (n,): whether the most important pixel lies inside the region."""
    return (np.broadcast_to(inside, maps.shape) & (ranks(maps) == 0)).any((1, 2))
