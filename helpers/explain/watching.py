"""What changes while a network learns: its maps, its first filters, and what it confuses; arrays in, numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.backend import keras
from helpers.evaluation import Rate, holm
from helpers.explain.regions import rank_correlation

LEAST = 10  # images taken for another class after epoch 1: with fewer, a confusion is not followed
ANOTHER = "another image"


def likeness(maps: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """How alike the absolute maps of each moment are to those of the last one, image by image.

    Args:
        maps: by moment, in order of time, (n, height, width) of the same images and targets.

    Returns:
        rank correlations float64 (n,) by moment, without the last; and, as a control, under ``ANOTHER`` those of the
        last moment's maps with the last moment's map of another image.
    """
    *before, last = maps
    final = np.abs(maps[last])
    found = {moment: rank_correlation(np.abs(maps[moment]), final) for moment in before}
    return found | {ANOTHER: rank_correlation(np.roll(final, max(1, len(final) // 2), 0), final)}


def first_kernels(model: keras.Model) -> np.ndarray:
    """The kernels of the first convolution, float32 (filters, height, width, channels).

    Raises:
        ValueError: the network has no convolution.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            return np.moveaxis(np.asarray(layer.kernel, "float32"), -1, 0)
    raise ValueError("the network has no convolution")


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
    first, last = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12) for rows in (first, last))
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
        p: that as many images are taken so at the end as at the first moment (McNemar, exact), Holm-adjusted.
    """

    true: int
    predicted: int
    rates: tuple[Rate, ...]
    below: int | None
    p: float

    @property
    def gone(self) -> bool:
        """Whether it went away: the rate ends below half of the first one, and the fall is no chance."""
        return self.below is not None and self.p < 0.05


def departures(labels: np.ndarray, said: Sequence[np.ndarray], least: int = LEAST) -> list[Departure]:
    """Follow every confusion that the first moment shows on at least ``least`` images, the most frequent first.

    Args:
        labels: int (n,).
        said: the answers int (n,), moment by moment.
    """
    found = []
    for true, predicted in np.argwhere(_counts(labels, said[0]) >= least).tolist():
        of = labels == true
        taken = np.stack([answers[of] == predicted for answers in said])
        rates = tuple(Rate(int(row.sum()), int(of.sum())) for row in taken)
        only = int((taken[0] & ~taken[-1]).sum()), int((taken[-1] & ~taken[0]).sum())
        p = float(stats.binomtest(only[0], sum(only)).pvalue) if sum(only) else 1.0
        found.append(Departure(true, predicted, rates, _below_half(rates), p))
    adjusted = holm([pair.p for pair in found])
    found = [Departure(d.true, d.predicted, d.rates, d.below, float(p)) for d, p in zip(found, adjusted, strict=True)]
    return sorted(found, key=lambda d: (-d.rates[0].value, d.true, d.predicted))


def _counts(labels: np.ndarray, said: np.ndarray) -> np.ndarray:
    counts = np.zeros((max(labels.max(), said.max()) + 1,) * 2, int)
    np.add.at(counts, (labels, said), labels != said)
    return counts


def _below_half(rates: Sequence[Rate]) -> int | None:
    above = [at for at, rate in enumerate(rates) if 2 * rate.hits >= rates[0].hits]
    return above[-1] + 1 if above[-1] + 1 < len(rates) else None


def last_gone(found: Sequence[Departure]) -> list[Departure]:
    """Of the confusions that went away those that did so last; empty where none did."""
    gone = [departure for departure in found if departure.gone]
    latest = max((departure.below for departure in gone), default=None)
    return [departure for departure in gone if departure.below == latest]


def extremes(recalls: Sequence[Rate], most: int) -> list[int]:
    """The classes to show: all, or of more than ``most`` the best and the worst recognised ones, in class order.

    Classes without images are the last to be taken.
    """
    if len(recalls) <= most:
        return list(range(len(recalls)))
    known = [k for k, rate in enumerate(recalls) if rate.n]
    order = sorted(known, key=lambda k: -recalls[k].value)
    half = most // 2
    return sorted(order if len(order) <= most else order[:half] + order[-half:])
