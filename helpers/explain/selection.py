"""Which images are shown: chosen by a rule, never by hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.evaluation import probabilities

RULES = ("most confident right", "median right", "most confident wrong")


def choose(
    labels: np.ndarray, logits: np.ndarray, in_train: np.ndarray | None = None
) -> dict[int, dict[str, int]]:
    """Images of every class by ``RULES``.

    Args:
        labels: int (n,).
        logits: (n, classes).
        in_train: bool (n,), images that must not be shown, or None.

    Returns:
        for each class the index of an image by rule; a rule that no image fits is missing. Equals: the first.
    """
    chances = probabilities(logits)
    said = chances.argmax(-1)
    free = np.ones(len(labels), bool) if in_train is None else ~in_train
    found: dict[int, dict[str, int]] = {}
    for label in range(logits.shape[-1]):
        own = (labels == label) & free
        right, wrong = (np.flatnonzero(own & hit) for hit in (said == label, said != label))
        right = right[np.argsort(-chances[right, label], kind="stable")]
        wrong = wrong[np.argsort(-chances[wrong, said[wrong]], kind="stable")]
        picks = (right[:1], right[len(right) // 2 : len(right) // 2 + 1], wrong[:1])
        by_rule = zip(RULES, picks, strict=True)
        found[label] = {rule: int(pick[0]) for rule, pick in by_rule if len(pick)}
    return found


def flat(chosen: Mapping[int, Mapping[str, int]]) -> list[tuple[int, str, int]]:
    """(class, rule, index) of every chosen image, class by class, in the order of the rules."""
    found = []
    for label, picks in chosen.items():
        found += [(label, rule, index) for rule, index in picks.items()]
    return found


def best_recognised(
    labels: np.ndarray, logits: np.ndarray, in_train: np.ndarray | None = None
) -> tuple[int, bool]:
    """The most confident right image of the class with the highest recall (the first of equals); arguments as above.

    Returns:
        its index, and True; or the first image that may be shown, and False, where none is recognised.
    """
    chosen = choose(labels, logits, in_train)
    right = logits.argmax(-1) == labels
    recall = {k: right[labels == k].mean() for k, picks in chosen.items() if RULES[0] in picks}
    if recall:
        return chosen[max(recall, key=recall.get)][RULES[0]], True
    free = np.ones(len(labels), bool) if in_train is None else ~in_train
    return int(free.argmax()), False


def balanced(
    labels: np.ndarray, count: int, in_train: np.ndarray | None = None, seed: int = 0
) -> np.ndarray:
    """Indices of about ``count`` images, the same number of every class where there are enough, in increasing order.

    Args:
        labels: int (n,).
        count: how many in all; what a small class lacks is not made up for.
        in_train: bool (n,), images to leave out, or None.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    free = np.ones(len(labels), bool) if in_train is None else ~in_train
    classes = np.unique(labels[free])
    each = max(1, count // max(1, len(classes)))
    picks = [rng.permutation(np.flatnonzero((labels == label) & free))[:each] for label in classes]
    return np.sort(np.concatenate(picks)) if picks else np.zeros(0, int)


def class_means(values: np.ndarray, labels: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """The mean of each class's values (n, ...), such as images, float32 (classes, ...); NaN for a class without any."""
    missing = np.full(values.shape[1:], np.nan, "float32")
    groups = [values[labels == k] for k in classes]
    return np.stack([each.mean(0, dtype="float32") if len(each) else missing for each in groups])
