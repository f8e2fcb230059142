"""What the curves of a training tell: rows in (see ``training.fit``), plain numbers out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RISE = 0.01
"""Gain of validation accuracy over the last fifth of the epochs from which a network still learns."""
HARM = 1.02
"""Last validation loss over the lowest one from which more training did harm."""


@dataclass(frozen=True)
class Course:
    """How a training went, up to where its learning rate rises again.

    Attributes:
        epochs: how many were taken in, and ``best`` and ``lowest``: those of the highest validation
            accuracy and of the lowest validation loss.
        overfits: whether the validation loss ends more than 2 % above its lowest value.
        window: epochs of the last fifth; ``gain``: of validation accuracy over them, by a straight line.
        learning: whether that gain is a point or more: the network is under-trained.
    """

    epochs: int
    best: int
    lowest: int
    overfits: bool
    window: int
    gain: float
    learning: bool


def falling(history: Sequence[Mapping]) -> list[Mapping]:
    """The rows up to where the learning rate rises again (``Training.finish``); all, if it does not or is not known."""
    rates = [row.get("learning_rate") or 0.0 for row in history]
    rises = (at for at in range(1, len(rates)) if rates[at] > rates[at - 1])
    return list(history[: next(rises, len(rates))])


def course(history: Sequence[Mapping]) -> Course | None:
    """What the curves of a training tell; None where validation was not logged."""
    rows = [row for row in falling(history) if None not in (row["val_loss"], row["val_accuracy"])]
    if not rows:
        return None
    losses = [row["val_loss"] for row in rows]
    accuracies = [row["val_accuracy"] for row in rows]
    lowest, best = int(np.argmin(losses)), int(np.argmax(accuracies))
    window = min(len(rows) - 1, math.ceil(len(rows) / 5))
    ends = accuracies[-window - 1 :]
    slope = np.polyfit(np.arange(len(ends)), ends, 1)[0] if window else 0.0
    gain = float(slope) * window
    return Course(
        epochs=len(rows),
        best=rows[best]["epoch"],
        lowest=rows[lowest]["epoch"],
        overfits=losses[-1] > HARM * losses[lowest],
        window=window,
        gain=gain,
        learning=gain >= RISE,
    )


def best_epoch(history: list[dict]) -> int:
    """The epoch, from 1, with the highest validation accuracy; the first of equals."""
    return max(history, key=lambda row: row["val_accuracy"])["epoch"]


def loss_floor(smoothing: float, classes: int) -> float:
    """The lowest cross-entropy that smoothed labels allow: their own entropy, in nats."""
    if not smoothing:
        return 0.0
    other = smoothing / classes
    right = 1 - smoothing + other
    return float(-right * np.log(right) - (classes - 1) * other * np.log(other))
