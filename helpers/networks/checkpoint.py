"""The state of a training, in one file that is written whole."""

import io
import json
from pathlib import Path

import numpy as np

from helpers.files import write_atomic


def save(path: Path, key: str, arrays: list, history: list[dict], finished: bool) -> None:
    """Write the whole state of a training; ``key`` is what it depends on."""
    note = json.dumps({"key": key, "history": history, "finished": finished})
    write_atomic(path, packed(note=note, **{f"v{i}": a for i, a in enumerate(arrays)}))


def load(path: Path, key: str) -> tuple[list, list[dict], bool]:
    """Arrays, history and whether it is finished; nothing of another training. A damaged file is dropped."""
    note, arrays = unpacked(path)
    if not note and path.exists():
        print(f"The checkpoint {path.name} is damaged; training starts again.", flush=True)
        path.unlink()
    own = note.get("key") == key
    return (arrays, note["history"], note["finished"]) if own else ([], [], False)


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
