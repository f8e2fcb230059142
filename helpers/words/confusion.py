"""The words of notebook 03: the confusion matrix, classes, pairs and mistakes."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from helpers.evaluation import FEW, ClassScore, ConfusedPair, Rate
from helpers.figures import shorten
from helpers.words.common import p_value, p_words, plain


def describe_confusion(counts: np.ndarray, names: Sequence[str]) -> str:
    """The matrix in words: of each class, the share that is right and the most frequent mistake."""
    parts = []
    for k, name in enumerate(names):
        n = int(counts[k].sum())
        if not n:
            parts.append(f"{name}: no images")
            continue
        others = np.where(np.arange(len(names)) == k, -1, counts[k])
        worst = int(others.argmax())
        mistake = f", most often taken for {names[worst]} ({others[worst] / n:.0%})" if others[worst] > 0 else ""
        parts.append(f"{name}: {counts[k, k] / n:.0%} right{mistake}")
    return "Confusion matrix. " + "; ".join(parts) + "."


def few_in_words(scores: Sequence[ClassScore]) -> str:
    """What the mark * means, where a class has it."""
    few = [plain(score.name) for score in scores if score.few]
    return f" \\*: fewer than {FEW} validation images ({', '.join(few)})." if few else ""


def class_rows(scores: Sequence[ClassScore]) -> list[list]:
    """Rows: class, training images, validation images, recall, precision, F1; small classes are marked *."""
    return [
        [s.name + " *" * s.few, s.train_images, s.recall.n, str(s.recall), _precision(s.precision), f"{s.f1:.3f}"]
        for s in scores
    ]


def _precision(rate: Rate) -> str:
    return str(rate) if rate.n else "never predicted"


def size_in_words(scores: Sequence[ClassScore]) -> str:
    """Recall against class size: the rank correlation, described and not explained."""
    known = [s for s in scores if s.recall.n]
    sizes, recalls = [s.train_images for s in known], [s.recall.value for s in known]
    if len(set(sizes)) < 3 or len(set(recalls)) < 3:
        return "The classes are too much alike in size or recall for a comparison of the two."
    link = stats.spearmanr(sizes, recalls).statistic
    # By all orders of the classes, or 50,000 of them: the usual approximation is far off for so few.
    p = stats.permutation_test(
        (stats.rankdata(sizes),),
        lambda ranks, axis: (ranks * stats.rankdata(recalls)).sum(axis),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=50_000,
        rng=np.random.default_rng(0),
    ).pvalue
    best = max(known, key=lambda s: s.recall.value)
    worst = min(known, key=lambda s: s.recall.value)
    return (
        f"Best recognised is {plain(best.name)} ({best.recall}), worst {plain(worst.name)} ({worst.recall}). Over "
        f"{len(known)} classes the rank correlation of recall with class size is {link:+.2f} "
        f"({p_words(p)}); so few classes cannot prove a link."
    )


def pair_name(pair: ConfusedPair, names: Sequence[str]) -> str:
    """Like ``fear → surprise``."""
    return f"{names[pair.true]} → {names[pair.predicted]}"


def direction(pair: ConfusedPair) -> str:
    """Which way a mistake goes more often, from the test on rates."""
    if not pair.one_way:
        return "no direction shown"
    return "more this way" if pair.rate.value > pair.back.value else "more the other way"


def pair_rows(pairs: Sequence[ConfusedPair], names: Sequence[str]) -> list[list]:
    """Rows: pair, rate, the way back, p, direction; a class of few images is marked *."""
    rows = []
    for pair in pairs:
        mark = " *" * (min(pair.rate.n, pair.back.n) < FEW)
        rows.append([pair_name(pair, names) + mark, str(pair.rate), str(pair.back), p_value(pair.p), direction(pair)])
    return rows


def pair_records(pairs: Sequence[ConfusedPair], names: Sequence[str]) -> list[dict]:
    """The pairs as plain values, for other notebooks."""
    return [
        {
            "true": names[p.true],
            "predicted": names[p.predicted],
            "hits": p.rate.hits,
            "n": p.rate.n,
            "p": p.p,
            "direction": direction(p),
        }
        for p in pairs
    ]


def confusion_in_one_sentence(pairs: Sequence[ConfusedPair], names: Sequence[str]) -> str:
    """The answer to question 3 in a sentence."""
    if not pairs:
        return "No class is mistaken for another: every validation image is recognised."
    first = pairs[0]
    a, b = plain(names[first.true]), plain(names[first.predicted])
    return (
        f"By the lower end of its interval, {a} is most often taken for {b}: {first.rate} of {first.rate.n} images, "
        f"{_ways(first, a, b)}."
    )


def _ways(pair: ConfusedPair, a: str, b: str) -> str:
    back = f"{b} is taken for {a} in {pair.back}"
    return {
        "more this way": f"and more than the other way: {back}",
        "more the other way": f"and the other way even more: {back}",
        "no direction shown": f"and no direction is shown: {back}",
    }[direction(pair)]


def confusion_in_words(pairs: Sequence[ConfusedPair], scores: Sequence[ClassScore], names: Sequence[str]) -> str:
    """The next pairs, the pairs that go one way, and the best and worst class."""
    if not pairs:
        return "There is no mistake to rank."
    following = ", ".join(f"{plain(pair_name(pair, names))} ({100 * pair.rate.value:.1f} %)" for pair in pairs[1:4])
    one_way = [plain(pair_name(pair, names)) for pair in pairs if direction(pair) == "more this way"]
    ways = (
        f"The tests find a direction for {', '.join(one_way[:4])}."
        if one_way
        else "For no pair do the tests find that it goes more one way than the other."
    )
    small = [plain(s.name) for s in scores if s.few]
    few = f" Fewer than {FEW} validation images, so little to conclude: {', '.join(small)}." if small else ""
    rest = f"Next, ranked by the lower end of the interval: {following}. " if following else ""
    return f"{rest}{ways} {size_in_words(scores)}{few} See {{ref:confusion}} and {{ref:pairs}}."


def mistake_titles(worst: np.ndarray, labels: np.ndarray, chances: np.ndarray, names: Sequence[str]) -> list[str]:
    """Two lines an image: true class, then the answer with its probability."""
    said = chances.argmax(-1)
    return [f"{shorten(names[labels[i]])}\n→ {shorten(names[said[i]], 11)} {chances[i, said[i]]:.2f}" for i in worst]


def mistake_rows(worst, labels, chances, names, ids) -> list[list]:
    """Rows: image, true class, answer, probability."""
    said = chances.argmax(-1)
    return [[str(ids[i]), names[labels[i]], names[said[i]], f"{chances[i, said[i]]:.3f}"] for i in worst]


def describe_mistakes(worst, labels, chances, names, ids) -> str:
    """The mistakes in words, for a reader who cannot see them."""
    rows = mistake_rows(worst, labels, chances, names, ids)
    return (
        "; ".join(f"{name}: {true} taken for {said} at {chance}" for name, true, said, chance in rows) or "No mistakes."
    )
