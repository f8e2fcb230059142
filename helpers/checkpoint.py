"""The state of a training, in one file that is written whole, and its history as CSV."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from helpers.files import write_atomic


class Checkpoint:
    """One file with the whole state of a run; a file of another run, or a damaged one, is not used.

    Args:
        path: an ``.npz`` file, or None to keep nothing.
        key: what the run depends on; a file with another key is ignored.
    """

    def __init__(self, path: Path | None, key: str):
        self.path, self.key = path, key

    def save(self, arrays: list, history: list[dict], finished: bool) -> None:
        if self.path is None:
            return
        note = json.dumps({"key": self.key, "history": history, "finished": finished})
        buffer = io.BytesIO()
        np.savez(buffer, note=note, **{f"v{i}": np.asarray(a) for i, a in enumerate(arrays)})
        write_atomic(self.path, buffer.getvalue())

    def load(self) -> tuple[list, list[dict], bool] | None:
        if self.path is None or not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as file:
                note = json.loads(str(file["note"]))
                arrays = [file[f"v{i}"] for i in range(len(file.files) - 1)]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            print(f"The checkpoint {self.path.name} is damaged; training starts again.")
            return None
        return (arrays, note["history"], note["finished"]) if note["key"] == self.key else None


def peek(path: Path) -> dict | None:
    """A checkpoint's key, its history and whether it is finished, without its arrays; None if missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return json.loads(str(file["note"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def write_history(path: Path, history: list[dict]) -> None:
    """Write a history as CSV: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate."""
    lines = [",".join(history[0])] + [",".join(str(v) for v in row.values()) for row in history]
    write_atomic(path, "\n".join(lines) + "\n")
