"""Ranking methods by a number an image, each against the best control on the same images."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from helpers.evaluation import holm
from helpers.explain.faithfulness import Mean, mean

BEATS, WORSE, UNCLEAR = "beats it", "worse", "no difference shown"


@dataclass(frozen=True)
class Measured:
    """One number an image of a method or control.

    Attributes:
        rows: int (n,), which images.
        values: float (n,), higher is better; NaN where an image says nothing.
    """

    rows: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Row:
    """A method or control in the ranking.

    Attributes:
        name: its key.
        control: whether it knows nothing of the network, or nothing of the image.
        score: its mean.
        over: the paired difference from the best control; None for controls.
        p: of ``over``, Holm-adjusted over all methods; 1 for controls.
    """

    name: str
    control: bool
    score: Mean
    over: Mean | None = None
    p: float = 1.0

    @property
    def verdict(self) -> str:
        """``beats it``, ``worse`` or ``no difference shown``, against the best control; empty for a control."""
        return verdict(self.over, self.p) if self.over else ""


def verdict(difference: Mean, p: float | None = None) -> str:
    """What a paired difference shows; ``p`` if it was adjusted."""
    p = difference.p if p is None else p
    return UNCLEAR if not difference.n or p >= 0.05 else BEATS if difference.value > 0 else WORSE


def difference(first: Measured, second: Measured) -> Mean:
    """The paired difference, first minus second, over the images that both have."""
    _, a, b = np.intersect1d(first.rows, second.rows, return_indices=True)
    return mean(first.values[a] - second.values[b])


def rank(methods: Mapping[str, Measured], controls: Mapping[str, Measured]) -> list[Row]:
    """Methods and controls by how far they lie above the best control on the same images, highest first.

    The best control is the one with the highest mean, which is a harder test than any control chosen beforehand.
    Methods with fewer images are compared on these, so that easy or hard images do not lift or lower them.
    """
    rows = [Row(name, True, mean(found.values)) for name, found in controls.items()]
    best = controls[max(rows, key=lambda row: _or_last(row.score)).name]
    overs = {name: difference(found, best) for name, found in methods.items()}
    adjusted = holm([over.p for over in overs.values()])
    for (name, over), p in zip(overs.items(), adjusted, strict=True):
        rows.append(Row(name, False, mean(methods[name].values), over, float(p)))
    return sorted(rows, key=lambda row: _or_last(row.over or difference(controls[row.name], best)), reverse=True)


def _or_last(found: Mean) -> float:
    return found.value if found.n else -np.inf


def best(rows: list[Row], control: bool = False) -> Row:
    """The first method, or the first control, of a ranking."""
    return next(row for row in rows if row.control == control)
