"""Ranking methods by one number an image, each against the best control, all on the same images."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helpers import stats
from helpers.stats import Estimate


@dataclass(frozen=True)
class Row:
    """A method or control in the ranking.

    Attributes:
        name: its key.
        control: whether it knows nothing of the network, or nothing of the image.
        score: its mean.
        over: the paired difference from the best control, by Holm over all methods; None for controls. Its verdict
            says whether the method beats that control (``HOLDS``) or is worse (``FAILS``).
    """

    name: str
    control: bool
    score: Estimate
    over: Estimate | None = None


def rank(values: Mapping[str, np.ndarray], controls: Collection[str]) -> list[Row]:
    """Methods and controls by their mean, highest first.

    The best control is the one with the highest mean, which is a harder test than any control chosen beforehand.

    Args:
        values: by name, one number an image, (n,) of the same images for all; higher is better.
        controls: which of the names are controls.
    """
    scores = {name: stats.mean(each) for name, each in values.items()}
    rival = max((n for n in scores if n in controls), key=lambda name: scores[name].value)
    methods = {name: each for name, each in values.items() if name not in controls}
    overs = stats.means({name: each - values[rival] for name, each in methods.items()})
    rows = [Row(name, name in controls, score, overs.get(name)) for name, score in scores.items()]
    return sorted(rows, key=lambda row: -row.score.value)


def best(rows: Sequence[Row], control: bool = False) -> Row:
    """The first method, or the first control, of a ranking."""
    return next(row for row in rows if row.control == control)


def drawn(rows: Sequence[Row], most: int = 6) -> list[str]:
    """Whose curves are drawn: the best methods, the plain gradient or one method more, the best control, random."""
    methods = [row.name for row in rows if not row.control]
    rest = methods[most - 3 :]
    more = ["gradient"] if "gradient" in rest else rest[:1]
    return list(dict.fromkeys([*methods[: most - 3], *more, best(rows, True).name, "random"]))
