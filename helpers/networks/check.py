"""Whether an external network fits the data: its range of pixels and its order of classes, by what it recognises."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from helpers import evaluation, stats
from helpers.backend import keras
from helpers.datasets.base import Dataset, Split
from helpers.errors import UserError

# (scale, offset) of raw pixels
RANGES = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (2 / 255, -1.0)}
TRIED = 1000  # validation images on which ranges and class orders are tried
CERTAIN = 0.001  # p below which another range or order counts as better
NEGATIVES = "negatives"


def stated(classes: str | Sequence[str], names: Sequence[str], file: str) -> list[int] | None:
    """The output of each class, by the author's word; None where it is the data set's order."""
    if classes == "alphabetical":
        classes = sorted(names)
    given = [each.strip() for each in (classes.split(",") if isinstance(classes, str) else classes)]
    if sorted(given) != sorted(names):
        raise UserError(
            f"CLASSES of {file} are {', '.join(given)}, but those of the data {', '.join(names)}: name these"
        )
    order = [given.index(name) for name in names]
    return order if order != sorted(order) else None


def _tried(model: keras.Model, split: Split, pixel_range: str) -> tuple[np.ndarray, dict]:
    """Labels and logits of up to 1,000 images, by pixel range and as negatives."""
    part = split.take(evaluation.stratified(split.labels, TRIED))
    pixels = part.images.astype("float32")
    seen = {each: _as_if(pixels, pixel_range, each) for each in RANGES} | {NEGATIVES: 255 - pixels}
    return part.labels, {each: evaluation.predict(model, x) for each, x in seen.items()}


def _assigned(labels: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """The output of each class that explains the answers best."""
    return linear_sum_assignment(evaluation.confusion(labels, logits), maximize=True)[1]


def alphabetical(model: keras.Model, dataset: Dataset, pixel_range: str) -> list[int] | None:
    """The alphabetical order, where it is clearly the right one.

    That is: better than the data set's and than chance, and no other order, range or negatives explain the answers
    better; and every class that moves is answered more often in its new place than in any other.
    """
    names = dataset.class_names
    order = [sorted(names).index(name) for name in names]
    labels, found = _tried(model, dataset.validation, pixel_range)
    logits = found[pixel_range]
    counts, best = evaluation.confusion(labels, logits), _assigned(labels, logits)
    alphabet = evaluation.right(labels, logits[:, order])
    moved = [k for k in np.unique(labels) if order[k] != k]
    clear = (
        all(counts[k].argmax() == order[k] for k in moved)
        and _better(alphabet, evaluation.right(labels, logits))
        and stats.rate(int(alphabet.sum()), len(labels)).low > _always(labels)
        and not _better(evaluation.right(labels, logits[:, best]), alphabet)
        and alphabet.sum() >= max(evaluation.right(labels, x).sum() for x in found.values())
    )
    return order if moved and clear else None


def _better(first: np.ndarray, second: np.ndarray) -> bool:
    found = stats.mcnemar(first, second).difference
    return found.value > 0 and found.p < CERTAIN


def _always(labels: np.ndarray) -> float:
    """What naming the most frequent class every time is right in."""
    return np.bincount(labels).max() / len(labels)


def check(
    model: keras.Model, dataset: Dataset, file: str, pixel_range: str
) -> dict[str, stats.Estimate]:
    """Whether a network recognises the images at all, as given: in this pixel range and this order of classes.

    Args:
        model: from ``adopt``.
        dataset: whose validation images the network should know how to tell apart.
        file: what faults call the network.
        pixel_range: as given to ``adopt``.

    Returns:
        accuracy on up to 1,000 images by pixel range, all that were tried.

    Raises:
        UserError: another range, negatives or another order are clearly better (McNemar, p < .001), or it is not
            better than always naming the most frequent class.
    """
    labels, found = _tried(model, dataset.validation, pixel_range)
    rates = {each: evaluation.accuracy(labels, found[each]) for each in RANGES}
    own, always, given = found[pixel_range], _always(labels), rates[pixel_range]
    other = max(RANGES, key=lambda each: rates[each].hits)
    outputs = _assigned(labels, own)
    said = ",".join(dataset.class_names[k] for k in np.argsort(outputs))
    remedies = {
        f"with RANGE={other}: wrong range? Say RANGE={other}": found[other],
        "of their negatives: it was trained with black and white exchanged": found[NEGATIVES],
        f"in another class order: say CLASSES={said}": own[:, outputs],
    }
    remedy = max(remedies, key=lambda each: evaluation.accuracy(labels, remedies[each]).hits)
    rate = evaluation.accuracy(labels, remedies[remedy])
    start = f"{file} recognises {_percent(given.value)} of {len(labels):,} validation images"
    start += f" with RANGE={pixel_range}"
    right = [evaluation.right(labels, logits) for logits in (remedies[remedy], own)]
    if _better(*right) and rate.low > always:
        raise UserError(f"{start}, but {_percent(rate.value)} {remedy}")
    if given.low <= always:
        raise UserError(
            f"{start}, not shown to be better than always naming the most frequent class ({_percent(always)}), and no "
            "other range or order of the classes helps: give the data it was fitted to"
        )
    return rates


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _as_if(pixels: np.ndarray, given: str, tried: str) -> np.ndarray:
    """Pixels that a network with the range ``given`` built in sees as if it were ``tried``."""
    (scale, offset), (other_scale, other_offset) = RANGES[given], RANGES[tried]
    return ((pixels * other_scale + other_offset) - offset) / scale
