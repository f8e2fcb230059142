"""Class images: activation maximisation of each class from noise, and how they are judged.

    I*_c = argmax_I  z_c(I) - mean_k z_k(I) - R(I),   R: a regulariser of ``activation_maximisation``

An image that convinces the network it was made for may still be one that only this network believes. So other networks
judge it, and beside it stands an adversarial image, which convinces the same network just as much and shows nothing of
the class. Such patterns transfer between networks trained on the same data: to convince another network is necessary,
and no proof.

Simonyan, Vedaldi and Zisserman 2014, https://arxiv.org/abs/1312.6034; adversarial images: Szegedy and others 2014,
https://arxiv.org/abs/1312.6199.

    images = class_images(cnn, range(7), regulariser="fourier")         # float32 (7, height, width, channels)
    chance = chances({"cnn": cnn, "transfer": other}, images, range(7))  # (2, 7)
    control = adversarial(cnn, starts, range(7), log_odds(cnn, images, range(7)))
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from helpers import stats
from helpers.backend import keras, tf
from helpers.evaluation import probabilities
from helpers.explain import core
from helpers.explain.activation_maximisation import ascend
from helpers.stats import Estimate, Verdict

MOST = 22  # classes that get an image: two figures of readable columns


def class_images(
    model: keras.Model,
    classes: Sequence[int],
    *,
    regulariser: str = "fourier",
    steps: int = 192,
    seed: int = 0,
) -> np.ndarray:
    """For each class the image that raises its class-centred logit, all from the same noise.

    Args:
        model: raw pixels in, logits out.
        classes: one an image.
        regulariser, steps, seed: see ``activation_maximisation.ascend``.

    Returns:
        float32 (n, height, width, channels), 0..255.

    Raises:
        ValueError: a class that there is not, or no such regulariser.
    """
    weights = core.target_weights(np.asarray(classes, int), model.output_shape[-1])
    network = core.passed(model)

    def score(pixels: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(network(pixels, training=False) * tf.gather(weights, rows), -1)

    size = tuple(model.input_shape[1:])
    return ascend(score, size, len(classes), regulariser=regulariser, steps=steps, seed=seed).images


def log_odds(model: keras.Model, images: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """The log odds of each image's class, float64 (n,): they tell apart what rounds to a probability of 1."""
    logits = core.logits_of(model, images).astype("float64")
    own = np.eye(logits.shape[-1], dtype=bool)[np.asarray(classes, int)]
    return logits[own] - logsumexp(np.where(own, -np.inf, logits), axis=-1)


@dataclass(frozen=True)
class Adversarial:
    """Adversarial images and how they came out; NaN where an image was missing.

    Attributes:
        images: float32 (n, height, width, channels), 0..255.
        size: float64 (n,), root mean square of the change, in grey levels.
        reached: bool (n,), whether the log odds are what was wanted, to within 0.01.
    """

    images: np.ndarray
    size: np.ndarray
    reached: np.ndarray


def adversarial(
    model: keras.Model,
    images: np.ndarray,
    classes: Sequence[int],
    odds: np.ndarray,
    *,
    step: float = 0.25,
    most: int = 2000,
) -> Adversarial:
    """Each image changed as little as possible until the network is as sure of a class as is wanted.

    It follows the gradient of the class's log odds in short steps of equal length, however far that is, then goes back
    along the straight line as far as it can.

    Args:
        images: (n, height, width, channels), 0..255, of other classes.
        classes: int (n,), what they shall be taken for.
        odds: (n,), the log odds to reach, such as those of the class images (``log_odds``).
        step: root mean square of a step, in grey levels.
        most: steps; what has not arrived by then is returned as it is.
    """
    first, goal = np.asarray(images, "float32"), np.asarray(odds, "float32")
    one_hot = np.eye(model.output_shape[-1], dtype="float32")[np.asarray(classes, int)]
    network = core.passed(model)

    def sure(pixels):
        logits = network(pixels, training=False)
        others = tf.reduce_logsumexp(logits - 1e9 * one_hot, -1)
        return tf.reduce_sum(logits * one_hot, -1) - others

    def towards(turn, pixels, _):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            found = sure(pixels)
        gradient = tape.gradient(found, pixels)
        size = tf.sqrt(tf.reduce_mean(gradient**2, (1, 2, 3), keepdims=True))
        change = step * tf.math.divide_no_nan(gradient, size)
        under_way = (found < goal)[:, None, None, None]
        moved = tf.where(under_way, tf.clip_by_value(pixels + change, 0, 255), pixels)
        return turn + 1, moved, tf.reduce_any(under_way)

    @tf.function(autograph=False)
    def follow():
        start = tf.constant(0), tf.constant(first), tf.constant(True)
        return tf.while_loop(lambda turn, _, left: left & (turn < most), towards, start)[1]

    high = _least(sure, first, last := follow(), goal)
    found = np.asarray(first + high * (last - first), "float32")
    size = ((found - first).astype("float64") ** 2).mean((1, 2, 3)) ** 0.5
    return Adversarial(found, size, log_odds(model, found, classes) >= goal - 0.01)


def _least(sure, first: np.ndarray, last: tf.Tensor, goal: np.ndarray) -> tf.Tensor:
    """How much of each change is enough, by halving."""
    low, high = tf.zeros((len(first), 1, 1, 1)), tf.ones((len(first), 1, 1, 1))
    for _ in range(6):
        middle = (low + high) / 2
        enough = (sure(first + middle * (last - first)) >= goal)[:, None, None, None]
        low, high = tf.where(enough, low, middle), tf.where(enough, middle, high)
    return high


def other_images(
    classes: Sequence[int], chosen: Mapping[int, Mapping[str, int]], rule: str
) -> list[int | None]:
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


def taken(images: np.ndarray, indices: Sequence[int | None]) -> np.ndarray:
    """Images by index, float32; NaN all over for None."""
    missing = np.full(images.shape[1:], np.nan, "float32")
    found = [missing if index is None else images[index] for index in indices]
    return np.stack(found).astype("float32")


def chances(
    models: Mapping[str, keras.Model], images: np.ndarray, classes: Sequence[int]
) -> np.ndarray:
    """The probability that each network gives each image's class, float64 (networks, n); NaN where an image is NaN."""
    rows = np.arange(len(images)), np.asarray(classes, int)
    logits = [core.logits_of(model, images) for model in models.values()]
    found = np.stack([probabilities(each)[rows] for each in logits])
    return np.where(np.isnan(images).any((1, 2, 3)), np.nan, found)


# --- how other networks judge them ---


@dataclass(frozen=True)
class Judge:
    """What one network makes of the class images; means over the classes.

    Attributes:
        probability: of the class; its interval stays within 0..1.
        over_chance: the probability minus that of guessing.
        over_adversarial: minus that of the class's adversarial image. Both by Holm over the judges.
        verdict: whether the images convince it: above chance, and above adversarial images (``FAILS``: below these).
    """

    probability: Estimate
    over_chance: Estimate
    over_adversarial: Estimate
    verdict: Verdict


@dataclass(frozen=True)
class Judgement:
    """What the class images are.

    Attributes:
        kind: ``failed`` (not even their own network believes them), ``unjudged`` (no adversarial image to compare
            with), ``convincing`` (every judge more than one half), ``partly`` (every judge, but not all of them by more
            than one half), ``one`` (one judge alone), ``unfit`` (no judge believes real images either),
            ``adversarial`` (no judge more than one half), or ``undecided``.
        own: probability under the network that they were made for.
        judges: by name, the other networks.
    """

    kind: str
    own: Estimate
    judges: dict[str, Judge]


def judge(
    best: np.ndarray, control: np.ndarray, real: np.ndarray, names: Sequence[str], classes: int
) -> Judgement:
    """Prototypes, adversarial, or in between.

    Args:
        best, control, real: (networks, n), probabilities of the class (``chances``) for the class images, the
            adversarial images and the best real images; the first network is the one they were made for.
        names: of the other networks.
        classes: how many the networks know.
    """
    rows = dict(zip(names, range(1, len(best)), strict=True))
    chance = stats.means({name: best[at] - 1 / classes for name, at in rows.items()})
    over = stats.means({name: best[at] - control[at] for name, at in rows.items()})
    own, *each = (stats.mean(row, share=True) for row in best)
    judges = {
        name: Judge(found, chance[name], over[name], _convinced(chance[name], over[name]))
        for name, found in zip(names, each, strict=True)
    }
    return Judgement(_kind(own, judges, np.isnan(control[0]).all(), real[1:]), own, judges)


def _convinced(over_chance: Estimate, over_adversarial: Estimate) -> Verdict:
    sure = over_chance.verdict == Verdict.HOLDS or over_adversarial.verdict == Verdict.FAILS
    return over_adversarial.verdict if sure else Verdict.UNDECIDED


def _kind(own: Estimate, judges: Mapping[str, Judge], unjudged: bool, real: np.ndarray) -> str:
    if not own.value >= 0.5:
        return "failed"
    if unjudged:
        return "unjudged"
    each = [found.verdict == Verdict.HOLDS for found in judges.values()]
    if all(each):
        sure = all(found.probability.low > 0.5 for found in judges.values())
        return "convincing" if sure else "partly"
    if any(each):
        return "one"
    # A judge that does not believe real images either cannot tell a prototype from an adversarial image.
    if not max(stats.mean(row).value for row in real) > 0.5:
        return "unfit"
    below = all(found.probability.high < 0.5 for found in judges.values())
    return "adversarial" if below else "undecided"
