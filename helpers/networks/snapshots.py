"""The weights of one training at a handful of epochs, so that notebook 09 can look back at them."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.networks.checkpoint import packed, unpacked
from helpers.networks.history import best_epoch

EPOCHS = (1, 2, 5, 10)


def wanted(history: list[dict]) -> list[int]:
    """The epochs after which weights are kept: of ``EPOCHS`` those that were reached, and the best."""
    if not history:
        return []
    return sorted({epoch for epoch in EPOCHS if epoch <= len(history)} | {best_epoch(history)})


def by_epoch(epochs: Sequence[int], arrays: Sequence) -> dict[int, list[np.ndarray]]:
    """The weights of each epoch, from all of them in a row."""
    count = len(arrays) // max(1, len(epochs))
    return {e: list(arrays[i * count : (i + 1) * count]) for i, e in enumerate(epochs)}


def of_training(checkpoint: Path) -> tuple[dict[int, list[np.ndarray]], int]:
    """The weights that a finished training kept on its way, raw and not averaged, and the best epoch."""
    note, arrays = unpacked(checkpoint)
    epochs = wanted(note["history"])
    own = len(arrays) // (1 + len(epochs))
    return by_epoch(epochs, arrays[own:]), best_epoch(note["history"])


def content(weights: dict[int, list[np.ndarray]], best: int) -> bytes:
    """Weights by epoch, and which epoch was the best, as a file; the same weights give the same bytes."""
    numbered = [
        (f"{epoch}_{i}", a) for epoch in sorted(weights) for i, a in enumerate(weights[epoch])
    ]
    note = json.dumps({"best": best, "epochs": sorted(weights)})
    return packed(note=note, **dict(numbered))


def read(path: Path) -> tuple[dict[int, list[np.ndarray]], int]:
    """The weights by epoch, in order, and the best epoch, from a file of such ``content``.

    Raises:
        UserError: the file is damaged.
    """
    note, arrays = unpacked(path)
    if not note:
        raise UserError(f"{path.name} is damaged: delete it and run notebook 01 again")
    return by_epoch(note["epochs"], arrays), note["best"]
