"""The weights of one training at a handful of epochs, so that notebook 09 can look back at them.

They are kept beside the training's checkpoint and marked with its key, so that those of another recipe, or of other
data, are never taken for this training's.
"""

import io
import json
from pathlib import Path

import numpy as np

from helpers.backend import keras
from helpers.checkpoint import Checkpoint, peek
from helpers.files import write_atomic
from helpers.training import best_epoch

EPOCHS = (0, 1, 2, 5, 10)


def wanted(history: list[dict]) -> list[int]:
    """The epochs after which weights are kept: of ``EPOCHS`` those that were reached, and the best; without 0."""
    return sorted({epoch for epoch in EPOCHS if 0 < epoch <= len(history)} | {best_epoch(history)})


class Snapshots:
    """What ``training.fit`` calls after each epoch to keep the weights, raw and not averaged.

    Args:
        checkpoint: the training's checkpoint, which tells the key and the history.
    """

    def __init__(self, checkpoint: Path):
        self.checkpoint = checkpoint
        self.folder = checkpoint.with_name(f"{checkpoint.stem}_epochs")

    def __call__(self, epoch: int, model: keras.Model) -> None:
        note = peek(self.checkpoint)
        epochs = wanted(note["history"])
        if epoch in epochs:
            self._of(epoch, note["key"]).save(model.get_weights(), [], finished=False)
        for file in self.folder.glob("*.npz"):  # what was the best before, or is left of another training
            if file.stem not in map(str, epochs):
                file.unlink()

    def prepare(self, model: keras.Model) -> None:
        """Before a training goes on: if weights that belong here are missing, it starts again.

        A kill between the last epoch's checkpoint and its weights loses nothing: they are taken from the checkpoint.
        """
        note = peek(self.checkpoint)
        if note is None or not note["history"]:
            return
        lost = [epoch for epoch in wanted(note["history"]) if self._of(epoch, note["key"]).load() is None]
        found = Checkpoint(self.checkpoint, note["key"]).load() if lost == [len(note["history"])] else None
        if found and not note["finished"]:
            self._of(lost[0], note["key"]).save(found[0][: len(model.weights)], [], finished=False)
        elif lost:
            print(f"{self.checkpoint.stem}: the weights after epoch {lost[0]} were not kept; training starts again.")
            self.checkpoint.unlink()

    def weights(self) -> dict[int, list[np.ndarray]]:
        """The kept weights by epoch, once the training is over; without epoch 0, which is where it began.

        Raises:
            ValueError: some are missing.
        """
        note = peek(self.checkpoint)
        found = {epoch: self._of(epoch, note["key"]).load() for epoch in wanted(note["history"])}
        if None in found.values():
            raise ValueError(f"weights are missing in {self.folder.name}")
        return {epoch: kept[0] for epoch, kept in found.items()}

    @property
    def best(self) -> int:
        """The epoch with the highest validation accuracy, the first of equals."""
        return best_epoch(peek(self.checkpoint)["history"])

    def _of(self, epoch: int, key: str) -> Checkpoint:
        return Checkpoint(self.folder / f"{epoch}.npz", key)


def write(path: Path, weights: dict[int, list[np.ndarray]], best: int) -> None:
    """Write weights by epoch, and which epoch was the best, into one file; the same weights give the same bytes."""
    buffer = io.BytesIO()
    arrays = {f"{epoch}_{i}": array for epoch, kept in sorted(weights.items()) for i, array in enumerate(kept)}
    np.savez(buffer, note=json.dumps({"best": best, "epochs": sorted(weights)}), **arrays)
    write_atomic(path, buffer.getvalue())


def read(path: Path) -> tuple[dict[int, list[np.ndarray]], int]:
    """The weights by epoch, in order, and the best epoch, as ``write`` wrote them."""
    with np.load(path, allow_pickle=False) as file:
        note = json.loads(str(file["note"]))
        count = (len(file.files) - 1) // len(note["epochs"])
        weights = {epoch: [file[f"{epoch}_{i}"] for i in range(count)] for epoch in note["epochs"]}
    return weights, note["best"]
