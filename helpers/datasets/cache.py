"""Decoded data sets on disk: one .npz file each, whose checksums ``zipfile`` compares when it is read.

Pickles, which a general cache such as joblib keeps, run what is in them, and a byte that changed on disk goes
unnoticed into every number; plain arrays in a zip do neither.
"""

import json
import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import numpy as np
import PIL

from helpers import ROOT
from helpers.datasets.base import Dataset, Split
from helpers.files import sha256, tree_hash

FOLDER = ROOT / "data" / ".cache"
MAX_BYTES = 4 << 30
"""Of all entries together; beyond it, the one unused for longest goes."""
SPLITS = ("train", "validation", "test")


def cached(name: str, parts: tuple, build: Callable[[], Dataset]) -> Dataset:
    """The data set from the cache, or built and put there.

    Args:
        name: of the data set, for messages.
        parts: what it depends on besides the code of this package (fingerprint, size ...).
        build: makes it.
    """
    code = tree_hash(Path(__file__).parent)
    key = sha256(repr((name, parts, code, np.__version__, PIL.__version__)).encode())[:32]
    path = FOLDER / f"{key}.npz"
    if path.exists():
        try:
            dataset = _fetch(path)
            os.utime(path)
            return dataset
        except Exception:  # a damaged file may raise anything; the source is still there
            print(f"The cached copy of {name} is damaged: it is made again.")
    dataset = build()
    try:
        _store(path, dataset)
    except OSError as error:
        why = error.strerror
        print(f"The data set could not be cached ({why}): the next load takes as long again.")
    _prune(path)
    return dataset


def _fetch(path: Path) -> Dataset:
    with np.load(path, allow_pickle=False) as file:
        parts, splits = json.loads(str(file["meta"])), dict.fromkeys(SPLITS)
        for split in SPLITS:
            names = [name for name in file.files if name.startswith(f"{split}.")]
            if names:
                splits[split] = Split(**{name.partition(".")[2]: file[name] for name in names})
    for name in ("class_names", "region_names", "notes"):
        parts[name] = tuple(parts[name])
    return Dataset(**parts, **splits)


def _store(path: Path, dataset: Dataset) -> None:
    """Write a file beside it, then rename: a reader sees all or nothing."""
    plain = [one.name for one in fields(dataset) if one.name not in SPLITS]
    arrays = {"meta": json.dumps({name: getattr(dataset, name) for name in plain})}
    for split in SPLITS:
        parts = {} if getattr(dataset, split) is None else vars(getattr(dataset, split))
        arrays |= {f"{split}.{one}": part for one, part in parts.items() if part is not None}
    FOLDER.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{uuid.uuid4().hex}")
    try:
        with open(new, "wb") as file:
            np.savez(file, **arrays)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _prune(keep: Path) -> None:
    """Remove what is too much, oldest first, also what killed processes left."""
    total = 0
    with suppress(OSError):  # another process may tidy up at the same time
        files = {file: file.stat() for file in FOLDER.iterdir() if file.is_file()}
        for file in sorted(files, key=lambda file: files[file].st_mtime, reverse=True):
            total += files[file].st_size
            if file != keep and total > MAX_BYTES:
                file.unlink()
