"""What changes while a network learns: its maps, its first filters, and what it confuses; arrays in, numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from helpers import stats
from helpers.backend import keras
from helpers.explain import filters, regions
from helpers.explain.randomisation import sizes
from helpers.stats import Estimate, Verdict

LEAST = 10  # images taken for another class after epoch 1: with fewer, a confusion is not followed
START, FINAL, ANOTHER = "start", "final", "another image"


def likeness(maps: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """How alike the maps of each moment are to those of the last one, image by image, by ``randomisation.sizes``.

    Args:
        maps: by moment, in order of time, (n, height, width) of the same images and targets.

    Returns:
        rank correlations float64 (n,) by moment, without the last; and, as a control, under ``ANOTHER`` those of the
        last moment's maps with the last moment's map of another image.
    """
    *before, last = maps
    final = sizes(maps[last])
    compared = {moment: sizes(maps[moment]) for moment in before}
    compared[ANOTHER] = np.roll(final, max(1, len(final) // 2), 0)
    return {name: stats.spearman(each, final) for name, each in compared.items()}


@dataclass(frozen=True)
class Resemblance:
    """How alike a moment's maps are to the final ones, beside what the controls reach.

    Attributes:
        moment: its name.
        likeness: mean rank correlation.
        over: by control (the random start, another image), the paired difference.
        verdict: whether it is more than every control's, by Holm over all moments and controls.
    """

    moment: str
    likeness: Estimate
    over: dict[str, Estimate]
    verdict: Verdict


def resemblances(found: Mapping[str, np.ndarray]) -> list[Resemblance]:
    """Judge every moment of ``likeness`` but the controls, in order of time."""
    moments = [name for name in found if name not in (START, ANOTHER)]
    pairs = list(product(moments, (START, ANOTHER)))
    gaps = stats.means({pair: found[pair[0]] - found[pair[1]] for pair in pairs})
    rows = []
    for moment in moments:
        over = {control: gaps[moment, control] for control in (START, ANOTHER)}
        verdict = regions.together(over.values())
        rows.append(Resemblance(moment, stats.mean(found[moment]), over, verdict))
    return rows


@dataclass(frozen=True)
class Kept:
    """What the first filters keep of their random start.

    Attributes:
        own, others: mean cosine of a filter with its own start, and with the other filters' starts.
        verdict: whether its own is higher (``FAILS``: lower, they turned away).
    """

    own: Estimate
    others: Estimate
    verdict: Verdict


def kept(start: np.ndarray, end: np.ndarray) -> Kept:
    """Judge ``own_and_others`` of kernels (filters, ...)."""
    own, others = own_and_others(start, end)
    return Kept(stats.mean(own), stats.mean(others), stats.mean(own - others).verdict)


def first_kernels(model: keras.Model) -> np.ndarray:
    """The kernels of the first convolution, float32 (filters, height, width, channels).

    Raises:
        UserError: the network has no convolution.
    """
    kernel = model.get_layer(filters.convolutions(model)[0]).kernel
    return np.moveaxis(np.asarray(kernel, "float32"), -1, 0)


def strongest(kernels: np.ndarray, count: int) -> np.ndarray:
    """Numbers of the filters with the largest norm, largest first."""
    norms = np.linalg.norm(kernels.reshape(len(kernels), -1), axis=1)
    return np.argsort(-norms, kind="stable")[:count]


def own_and_others(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cosine of each final kernel with its own start, and its mean cosine with all other filters' starts.

    Args:
        start, end: (filters, ...).

    Returns:
        two float64 (filters,); 0 for a kernel of zeros.
    """
    first, last = (kernels.reshape(len(kernels), -1).astype("float64") for kernels in (start, end))
    first, last = (
        rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        for rows in (first, last)
    )
    cosines = last @ first.T
    own = np.diagonal(cosines)
    return own, (cosines.sum(1) - own) / max(1, len(own) - 1)


@dataclass(frozen=True)
class Departure:
    """How a confusion of the first moment goes on.

    Attributes:
        true, predicted: class indices.
        rates: images of ``true`` taken for ``predicted``, among all of ``true``, moment by moment.
        below: the first moment from which the rate stays below half of the first one, None if it does not end there.
        fall: share at the first moment minus that at the end, on the same images (McNemar, Holm over all confusions).
        gone: whether it went away: the rate ends below half of the first one, and the fall is no chance.
    """

    true: int
    predicted: int
    rates: tuple[Estimate, ...]
    below: int | None
    fall: Estimate
    gone: bool


def departures(labels: np.ndarray, said: Sequence[np.ndarray]) -> list[Departure]:
    """Follow every confusion that the first moment shows on at least ``LEAST`` images, the most frequent first.

    Args:
        labels: int (n,).
        said: the answers int (n,), moment by moment.
    """
    mistakes = np.stack([labels, said[0]], 1)[labels != said[0]]
    pairs, counts = np.unique(mistakes, axis=0, return_counts=True)
    taken = {
        (true, predicted): np.stack([answers[labels == true] == predicted for answers in said])
        for true, predicted in pairs[counts >= LEAST].tolist()
    }
    falls = stats.mcnemars({pair: (each[0], each[-1]) for pair, each in taken.items()})
    found = []
    for pair, each in taken.items():
        rates = tuple(stats.rate(int(row.sum()), len(row)) for row in each)
        below, fall = _below_half(rates), falls[pair].difference
        found.append(Departure(*pair, rates, below, fall, below is not None and fall.shown))
    return sorted(found, key=lambda d: (-d.rates[0].value, d.true, d.predicted))


def _below_half(rates: Sequence[Estimate]) -> int | None:
    above = [at for at, rate in enumerate(rates) if 2 * rate.hits >= rates[0].hits]
    return above[-1] + 1 if above[-1] + 1 < len(rates) else None


def last_gone(found: Sequence[Departure]) -> list[Departure]:
    """Of the confusions that went away those that did so last; empty where none did."""
    gone = [departure for departure in found if departure.gone]
    latest = max((departure.below for departure in gone), default=None)
    return [departure for departure in gone if departure.below == latest]


def extremes(recalls: Sequence[Estimate], most: int) -> list[int]:
    """The classes to show: all, or of more than ``most`` the best and the worst recognised ones, in class order.

    Classes without images are the last to be taken.
    """
    if len(recalls) <= most:
        return list(range(len(recalls)))
    known = [k for k, rate in enumerate(recalls) if rate.n]
    order = sorted(known, key=lambda k: -recalls[k].value)
    half = most // 2
    return sorted(order if len(order) <= most else order[:half] + order[-half:])
