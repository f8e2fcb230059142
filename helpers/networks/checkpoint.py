"""The state of a training, in one file that is written whole, and its history as CSV."""

import io
import json
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
        write_atomic(self.path, packed(note=note, **{f"v{i}": a for i, a in enumerate(arrays)}))

    def load(self) -> tuple[list, list[dict], bool] | None:
        """Arrays, history and whether it is finished; None without such a file. A damaged one is dropped."""
        if self.path is None or not self.path.exists():
            return None
        note, arrays = unpacked(self.path)
        if not note:
            print(f"The checkpoint {self.path.name} is damaged; training starts again.", flush=True)
            self.path.unlink()
        return (arrays, note["history"], note["finished"]) if note.get("key") == self.key else None


def packed(**arrays) -> bytes:
    """Arrays by name as the bytes of an ``.npz`` file; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.asarray(array) for name, array in arrays.items()})
    return buffer.getvalue()


def unpacked(path: Path) -> tuple[dict, list[np.ndarray]]:
    """The note of an ``.npz`` file of ours (JSON) and its arrays in order; both empty if it is missing or damaged.

    One byte altered can raise almost anything: BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            note = json.loads(str(file["note"]))
            return note, [file[name] for name in file.files if name != "note"]
    except Exception:
        return {}, []


def write_history(path: Path, history: list[dict]) -> None:
    """Write a history as CSV: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate.

    What is not a number (a gap in a log from elsewhere) stays empty.
    """
    lines = [",".join(history[0])]
    lines += [",".join("" if v is None else str(v) for v in row.values()) for row in history]
    write_atomic(path, "\n".join(lines) + "\n")
