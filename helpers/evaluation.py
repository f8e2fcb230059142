"""How good a classifier is, with intervals and tests; arrays in, plain numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn import metrics

FEW = 30  # a class with fewer images than this is marked: its rates say little
MAJORITY = "majority"


def predict(model, images: np.ndarray, batch_size: int = 128) -> np.ndarray:
    """Logits float32 (n, classes) of uint8 images (n, height, width, channels)."""
    if not len(images):
        return np.zeros((0, model.output_shape[-1]), "float32")
    return model.predict(images, batch_size=batch_size, verbose=0)


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, float64."""
    shifted = np.exp(logits.astype("float64") - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Rate:
    """A share of ``n`` with its 95 % Wilson interval (Wilson 1927); all NaN when n is 0."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        return self.hits / self.n if self.n else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        if not self.n:
            return float("nan"), float("nan")
        found = stats.binomtest(self.hits, self.n).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        """Like ``81.2 % (78.6 to 83.5)``, in percent, with a space that does not break."""
        if not self.n:
            return "no images"
        low, high = self.interval
        return f"{self.value:.1%} ({100 * low:.1f} to {100 * high:.1f})".replace("%", "\u00a0%")


def difference(first: Rate, second: Rate) -> tuple[float, float, float]:
    """The first minus the second of two rates of different images, and its 95 % interval (Newcombe 1998, method 10)."""
    (low, high), (other_low, other_high) = first.interval, second.interval
    found = first.value - second.value
    below = np.hypot(first.value - low, other_high - second.value)
    above = np.hypot(high - first.value, second.value - other_low)
    return found, float(found - below), float(found + above)


def accuracy(labels: np.ndarray, logits: np.ndarray) -> Rate:
    """Share of the images whose highest logit is the label's."""
    return Rate(int((logits.argmax(axis=-1) == labels).sum()), len(labels))


@dataclass(frozen=True)
class McNemar:
    """Two classifiers on the same images (McNemar 1947, the exact binomial form).

    Attributes:
        only_first, only_second: images that only one of the two gets right.
        p: two-sided; 1 when they never differ.
        difference: accuracy of the first minus the second.
        interval: its 95 % interval (Agresti and Min 2005: half an image more in each of the four cells).
    """

    only_first: int
    only_second: int
    p: float
    difference: float
    interval: tuple[float, float]


def mcnemar(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> McNemar:
    """Compare two classifiers by their logits (n, classes) on the same images."""
    right, other = first.argmax(-1) == labels, second.argmax(-1) == labels
    b, c, n = int((right & ~other).sum()), int((~right & other).sum()), len(labels)
    p = float(stats.binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0
    middle = (b - c) / (n + 2)
    spread = 1.96 * np.sqrt(b + c + 1 - (b - c) ** 2 / (n + 2)) / (n + 2)
    return McNemar(b, c, p, (b - c) / n, (float(middle - spread), float(middle + spread)))


def confusion(labels: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Counts int64 (classes, classes): rows are true classes, columns predicted ones."""
    return metrics.confusion_matrix(labels, logits.argmax(-1), labels=np.arange(logits.shape[-1]))


@dataclass(frozen=True)
class ClassScore:
    """One class: its recall and precision as rates, its images in training, and whether it has few images here."""

    name: str
    recall: Rate
    precision: Rate
    f1: float
    train_images: int

    @property
    def few(self) -> bool:
        return self.recall.n < FEW


def per_class(counts: np.ndarray, names: Sequence[str], train_labels: np.ndarray) -> list[ClassScore]:
    """Recall, precision and F1 of every class from a confusion matrix of counts."""
    sizes = np.bincount(train_labels, minlength=len(names))
    scores = []
    for k, name in enumerate(names):
        hits, true, said = int(counts[k, k]), int(counts[k].sum()), int(counts[:, k].sum())
        f1 = 2 * hits / (true + said) if true + said else 0.0
        scores.append(ClassScore(name, Rate(hits, true), Rate(hits, said), f1, int(sizes[k])))
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
    rate: Rate
    back: Rate
    p: float

    @property
    def one_way(self) -> bool:
        return self.p < 0.05


def holm(p: Sequence[float]) -> np.ndarray:
    """Holm's step-down adjustment of p values (Holm 1979), in the order given."""
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


def confused_pairs(counts: np.ndarray) -> list[ConfusedPair]:
    """All ordered pairs with at least one mistake, by the lower end of the rate's interval, highest first.

    Asymmetry is tested on rates (n_ij / n_i against n_ji / n_j), never on counts, which mirror the classes' sizes.
    """
    sizes = counts.sum(axis=1)
    pairs = [(i, j) for i in range(len(counts)) for j in range(i + 1, len(counts)) if counts[i, j] + counts[j, i]]
    tests = [
        stats.fisher_exact([[counts[i, j], sizes[i] - counts[i, j]], [counts[j, i], sizes[j] - counts[j, i]]]).pvalue
        for i, j in pairs
    ]
    found = []
    for (i, j), p in zip(pairs, holm(tests), strict=True):
        for a, b in ((i, j), (j, i)):
            if counts[a, b]:
                there = Rate(int(counts[a, b]), int(sizes[a]))
                back = Rate(int(counts[b, a]), int(sizes[b]))
                found.append(ConfusedPair(a, b, there, back, float(p)))
    return sorted(found, key=lambda pair: -pair.rate.interval[0])


def most_confident_mistakes(
    labels: np.ndarray, logits: np.ndarray, count: int, images: np.ndarray | None = None
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
    if images is not None:
        first: dict[bytes, int] = {}
        for index in wrong:
            first.setdefault(images[index].tobytes(), index)
        wrong = np.array(list(first.values()), int)
    return wrong[:count]


@dataclass(frozen=True)
class Shared:
    """How often another network gives the same wrong answer.

    Attributes:
        top: of the most confident mistakes.
        rest: of the other mistakes.
    """

    top: Rate
    rest: Rate

    @property
    def p(self) -> float:
        """Fisher's exact test of equal shares, two-sided; 1 where there is nothing to compare."""
        table = [[rate.hits, rate.n - rate.hits] for rate in (self.top, self.rest)]
        return float(stats.fisher_exact(table).pvalue) if self.top.n and self.rest.n else 1.0


def shared_mistakes(
    labels: np.ndarray, logits: np.ndarray, others: Mapping[str, np.ndarray], count: int
) -> dict[str, Shared]:
    """Whether confident mistakes are made by other networks in the same way.

    Args:
        labels: int (n,).
        logits: of the network, float (n, classes).
        others: by name, the logits of other networks.
        count: how many mistakes are the most confident ones.

    Returns:
        by name, and by ``MAJORITY`` for more than half of the other networks.
    """
    said, top = logits.argmax(-1), most_confident_mistakes(labels, logits, count)
    rest = np.setdiff1d(np.flatnonzero(said != labels), top)
    same = {name: found.argmax(-1) == said for name, found in others.items()}
    same[MAJORITY] = np.mean(list(same.values()), axis=0) > 0.5
    return {
        name: Shared(*(Rate(int(agree[part].sum()), len(part)) for part in (top, rest))) for name, agree in same.items()
    }


def stratified(labels: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """Indices of a random part with the classes' shares kept and no class left out, in increasing order.

    Args:
        labels: int (n,).
        count: how many; all are returned if there are no more.
        seed: of the choice.
    """
    if count >= len(labels):
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    chosen = []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        chosen.append(members[: max(1, round(count * len(members) / len(labels)))])
    return np.sort(np.concatenate(chosen))


if __name__ == "__main__":
    import sys

    from helpers.scoring import main

    sys.exit(main(sys.argv[1:]))
