"""All filters of a layer on many images: dead ones, what excites them, and how ascent compares."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from helpers import stats
from helpers.backend import keras, tf
from helpers.explain import activation_maximisation as ascent
from helpers.explain import core, filters
from helpers.stats import Verdict


@dataclass(frozen=True)
class Survey:
    """The filters of one layer on many images.

    Attributes:
        layer: the convolution.
        activations: float32 (n, filters).
    """

    layer: str
    activations: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """float32 (filters,), the highest activation that any image reaches."""
        return self.activations.max(0)

    @property
    def best_image(self) -> np.ndarray:
        """int64 (filters,), the index of the image that reaches it; the first of equals."""
        return self.activations.argmax(0)

    @property
    def dead(self) -> np.ndarray:
        """bool (filters,), active nowhere on any image."""
        return self.best <= 0


def survey(model: keras.Model, layers: Sequence[str], images: np.ndarray) -> list[Survey]:
    """Look at all filters of some layers on many images, in one pass."""
    cut = keras.Model(model.inputs[0], [filters.activated(model, layer)[1] for layer in layers])

    @tf.function(input_signature=[tf.TensorSpec([None, *model.input_shape[1:]])], autograph=False)
    def look(x):
        maps = keras.tree.flatten(cut(x, training=False))
        return [tf.reduce_mean(tf.nn.relu(tf.cast(each, "float32")), (1, 2)) for each in maps]

    means = core.batched(look, np.asarray(images, "float32"))
    return [Survey(layer, found) for layer, found in zip(layers, means, strict=True)]


@dataclass(frozen=True)
class Maximised:
    """The maximisation of some filters of a layer, and what it is to be compared with.

    Attributes:
        layer, regulariser: which, and how.
        numbers: int (count,), of the filters.
        found: their images and activations.
        shuffled: float32 (count,), each filter's activation for its own image with the pixels in another order: noise
            of the same brightness and contrast.
        best: float32 (count,), the highest activation that any real image reaches.
        best_image: int (count,), the index of that image.
    """

    layer: str
    regulariser: str
    numbers: np.ndarray
    found: ascent.Ascent
    shuffled: np.ndarray
    best: np.ndarray
    best_image: np.ndarray

    @property
    def beats(self) -> np.ndarray:
        """bool (count,), excited more by its own image than by any real one."""
        return self.found.end > self.best

    @property
    def ratio(self) -> np.ndarray:
        """float32 (count,), the activation for its own image in units of the highest for a real one."""
        return self.found.end / self.best


def maximise(
    model: keras.Model, seen: Survey, count: int, *, regulariser: str, **options
) -> Maximised:
    """Maximise the first ``count`` filters of a layer that are not dead; options as for ``ascend``.

    The numbers of the filters carry no order, so that the first are a fair sample.
    """
    numbers = np.flatnonzero(~seen.dead)[:count]
    found = filters.maximise(model, seen.layer, numbers, regulariser=regulariser, **options)
    shuffled = filters.activations(model, seen.layer, filters.shuffled(found.images))
    noise = shuffled[np.arange(len(numbers)), numbers]
    real = seen.best[numbers], seen.best_image[numbers]
    return Maximised(seen.layer, regulariser, numbers, found, noise, *real)


@dataclass(frozen=True)
class Purity:
    """Whether the images that excite a layer's filters most belong to one class, against chance.

    Attributes:
        value: mean over the filters of the share of the most frequent class among each filter's best images.
        chance: the same with the images' labels shuffled, on average.
        p: one-sided, of so high a value by chance; over several layers, see ``together``.
        each: float (filters,), the shares.
        top: int (filters,), the most frequent class of each.
        verdict: whether the filters tell classes apart; only ``together`` says so.
    """

    value: float
    chance: float
    p: float
    each: np.ndarray
    top: np.ndarray
    verdict: Verdict = Verdict.UNDECIDED


def purity(
    found: np.ndarray, labels: np.ndarray, best: int = 9, draws: int = 999, seed: int = 0
) -> Purity | None:
    """The classes of the images that excite each filter most, tested by shuffling the labels.

    Shuffled labels leave it as it is that filters share their best images, which a test filter by filter would not.

    Args:
        found: activations (n, filters) of filters that are not dead.
        labels: int (n,).
        best: images a filter.
        draws: shuffled labels.

    Returns:
        None without filters.
    """
    if not found.shape[1]:
        return None
    top = np.argsort(-found, axis=0, kind="stable")[:best].T
    classes = int(labels.max()) + 1

    def shares(labels):
        return np.stack([(labels[top] == k).mean(1) for k in range(classes)], 1)

    real = shares(labels)
    rng = np.random.default_rng(seed)
    null = np.array([shares(rng.permutation(labels)).max(1).mean() for _ in range(draws)])
    value = real.max(1).mean()
    p = (1 + (null >= value - 1e-12).sum()) / (draws + 1)
    return Purity(float(value), float(null.mean()), float(p), real.max(1), real.argmax(1))


def together(found: Sequence[Purity | None]) -> list[Purity | None]:
    """The purities of several layers, their p adjusted after Holm."""
    known = [pure for pure in found if pure is not None]
    judged = iter(
        replace(pure, p=p, verdict=Verdict.HOLDS if p < stats.ALPHA else Verdict.UNDECIDED)
        for pure, p in zip(known, stats.holm([pure.p for pure in known]), strict=True)
    )
    return [pure and next(judged) for pure in found]


def summary(seen: Survey, made: Maximised, pure: Purity | None) -> dict:
    """One layer's filters in numbers, for a record.

    Returns:
        ``name``; counts ``filters``, ``dead``, ``tried``; ``beats``, the share of filters that their
        own image excites more than any real one (free ascent nearly makes sure of it: no finding by itself);
        ``patterned``, whether most lose by shuffling the image, by the whole interval; ``contrast``, whether the
        shuffled image still beats every real one for most; ``purity``.
    """
    tried = len(made.numbers)
    pattern = stats.rate(int((made.found.end > made.shuffled).sum()), tried)
    return {
        "name": seen.layer,
        "filters": len(seen.dead),
        "dead": int(seen.dead.sum()),
        "tried": tried,
        "beats": stats.rate(int(made.beats.sum()), tried),
        "patterned": Verdict.HOLDS if pattern.low > 0.5 else Verdict.UNDECIDED,
        "contrast": bool(2 * (made.shuffled > made.best).sum() > tried),
        "purity": pure,
    }
