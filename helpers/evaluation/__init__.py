"""How good a classifier is, with intervals and tests; arrays in, plain numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.stats import ALPHA, Estimate, Order, fisher, holm, rate

FEW = 30  # a class with fewer images than this is marked: its rates say little


def predict(model, images: np.ndarray) -> np.ndarray:
    """Logits float32 (n, classes) of uint8 images (n, height, width, channels)."""
    if not len(images):
        return np.zeros((0, model.output_shape[-1]), "float32")
    return model.predict(images, batch_size=128, verbose=0)


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, float64."""
    shifted = np.exp(logits.astype("float64") - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def accuracy(labels: np.ndarray, logits: np.ndarray) -> Estimate:
    """Share of the images whose highest logit is the label's."""
    return rate(int((logits.argmax(axis=-1) == labels).sum()), len(labels))


def right(labels: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Which images are recognised, bool (n,)."""
    return logits.argmax(axis=-1) == labels


def confusion(labels: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Counts int64 (classes, classes): rows are true classes, columns predicted ones."""
    found = np.zeros((logits.shape[-1], logits.shape[-1]), np.int64)
    np.add.at(found, (labels, logits.argmax(-1)), 1)
    return found


@dataclass(frozen=True)
class ClassScore:
    """One class: its recall and precision as rates, its images in training, and whether it has few images here."""

    name: str
    recall: Estimate
    precision: Estimate
    f1: float
    train_images: int

    @property
    def few(self) -> bool:
        return self.recall.n < FEW


def per_class(
    counts: np.ndarray, names: Sequence[str], train_labels: np.ndarray
) -> list[ClassScore]:
    """Recall, precision and F1 of every class from a confusion matrix of counts."""
    sizes = np.bincount(train_labels, minlength=len(names))
    scores = []
    for k, name in enumerate(names):
        hits, true, said = int(counts[k, k]), int(counts[k].sum()), int(counts[:, k].sum())
        f1 = 2 * hits / (true + said) if true + said else 0.0
        scores.append(ClassScore(name, rate(hits, true), rate(hits, said), f1, int(sizes[k])))
    return scores


def macro_f1(scores: Sequence[ClassScore]) -> float:
    """Mean F1 over the classes that occur."""
    return float(np.mean([score.f1 for score in scores if score.recall.n] or [0.0]))


@dataclass(frozen=True)
class ConfusedPair:
    """How often one class is taken for another, and whether the way back is as common.

    Attributes:
        true, predicted: class indices.
        rate: images of ``true`` predicted as ``predicted``, among all of ``true``.
        back: images of ``predicted`` predicted as ``true``, among all of ``predicted``.
        p: Fisher's exact test of equal rates, Holm-adjusted over all pairs of classes.
    """

    true: int
    predicted: int
    rate: Estimate
    back: Estimate
    p: float

    @property
    def order(self) -> Order:
        """Which way is more common: this one (first), the way back (second), or not shown."""
        if self.p >= ALPHA:
            return Order.NEITHER
        return Order.FIRST if self.rate.value > self.back.value else Order.SECOND


def confused_pairs(counts: np.ndarray) -> list[ConfusedPair]:
    """All ordered pairs with at least one mistake, by the lower end of the rate's interval, highest first.

    Asymmetry is tested on rates (n_ij / n_i against n_ji / n_j), never on counts, which mirror the classes' sizes.
    """
    sizes = counts.sum(axis=1)
    rates = {}
    for i in range(len(counts)):
        for j in range(i + 1, len(counts)):
            if counts[i, j] + counts[j, i]:
                rates[i, j] = rate(counts[i, j], sizes[i]), rate(counts[j, i], sizes[j])
    found = []
    adjusted = holm([fisher(*both) for both in rates.values()])
    for ((i, j), (there, back)), p in zip(rates.items(), adjusted, strict=True):
        if there.n and there.hits:
            found.append(ConfusedPair(i, j, there, back, p))
        if back.n and back.hits:
            found.append(ConfusedPair(j, i, back, there, p))
    return sorted(found, key=lambda pair: -pair.rate.low)


def most_confident_mistakes(
    labels: np.ndarray, logits: np.ndarray, count: int, images: np.ndarray
) -> np.ndarray:
    """Indices of the mistakes with the highest probability for the wrong class, most confident first.

    Args:
        labels: int (n,).
        logits: float (n, classes).
        count: how many at most.
        images: uint8 (n, height, width, channels); of identical ones only the first counts.
    """
    chances = probabilities(logits)
    predicted = chances.argmax(-1)
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(-chances[wrong, predicted[wrong]], kind="stable")]
    first: dict[bytes, int] = {}
    for index in wrong:
        first.setdefault(images[index].tobytes(), index)
    return np.array(list(first.values()), int)[:count]


def stratified(labels: np.ndarray, count: int) -> np.ndarray:
    """Indices of a random part with the classes' shares kept and no class left out, in increasing order.

    Args:
        labels: int (n,).
        count: how many; all are returned if there are no more.
    """
    if count >= len(labels):
        return np.arange(len(labels))
    rng = np.random.default_rng(0)
    chosen = []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        chosen.append(members[: max(1, round(count * len(members) / len(labels)))])
    return np.sort(np.concatenate(chosen))
