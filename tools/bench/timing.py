"""Timing in turns, and the table of it: what, ours, against whom, ratio, target, verdict."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

HEADINGS = ("what", "ours, s", "against", "theirs, s", "ratio", "target", "verdict", "note")


def in_turns(
    calls: dict[str, Callable[[], object]], repeats: int, seconds: float = 60
) -> dict[str, list[float]]:
    """Seconds of each call, repeated A B C, A B C, so that what disturbs the machine disturbs all.

    Args:
        calls: what to time, warmed up before.
        repeats: how often at most.
        seconds: once so many have passed, two repetitions are enough.
    """
    found = {name: [] for name in calls}
    begin = time.perf_counter()
    for repeat in range(repeats):
        if repeat >= 2 and time.perf_counter() - begin > seconds:
            break
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            found[name].append(time.perf_counter() - start)
    return found


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        what: is measured.
        ours: seconds, one value a repetition.
        against: the rival, or the bound.
        theirs: its seconds, in the same repetitions.
        at_least: target: so many times faster than the rival; or
        at_most: target: so many times the bound's cost. Neither: only reported.
        note: what else there is to know.
    """

    what: str
    ours: Sequence[float]
    against: str
    theirs: Sequence[float]
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def ratios(self) -> np.ndarray:
        """How many times faster than the rival, or how many times the bound's cost, one value a repetition."""
        ours, theirs = np.asarray(self.ours), np.asarray(self.theirs)
        return theirs / ours if self.at_most is None else ours / theirs

    @property
    def verdict(self) -> str:
        """``met`` or ``missed``, by the median; ``in the noise`` where the median misses and a repetition meets."""
        if self.at_least is None and self.at_most is None:
            return "–"
        sign, target = (1, self.at_least) if self.at_most is None else (-1, self.at_most)
        if sign * np.median(self.ratios) >= sign * target:
            return "met"
        return "in the noise" if (sign * self.ratios >= sign * target).any() else "missed"

    @property
    def cells(self) -> list[str]:
        target = "–" if self.at_least is None else f"≥ {self.at_least:g}"
        if self.at_most is not None:
            target = f"≤ {self.at_most:g}"
        ours, theirs = (f"{np.median(seconds):.3g}" for seconds in (self.ours, self.theirs))
        return [
            self.what, ours, self.against, theirs, f"{np.median(self.ratios):.2f}", target, self.verdict, self.note
        ]  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table that is also straight in a terminal."""
    cells = [list(HEADINGS), *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]
    return "\n".join(
        [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
    )
