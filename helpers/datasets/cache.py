"""Decoded data sets on disk: one folder each, plain .npy files that are checked before they are used."""

import hashlib
import json
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import numpy as np
import PIL

from helpers import ROOT
from helpers.datasets.base import Dataset, Split

FOLDER = ROOT / "data" / ".cache"
MAX_BYTES = 4 << 30
"""Of all entries together; beyond it, the one unused for longest goes."""
SPLITS = ("train", "validation", "test")


def cached(name: str, parts: tuple, build: Callable[[], Dataset], readers: list[Path]) -> Dataset:
    """The data set from the cache, or built and put there.

    Args:
        name: of the data set, for messages.
        parts: what else it depends on (fingerprint, size ...).
        build: makes it.
        readers: the source files of the code that makes it; editing one makes old entries invalid.

    Returns:
        the data set; from the cache its arrays are read-only and mapped, not loaded.
    """
    code = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(readers)]
    key = hashlib.sha256(repr((name, parts, code, np.__version__, PIL.__version__)).encode()).hexdigest()[:32]
    folder = FOLDER / key
    if folder.is_dir():
        try:
            dataset = _fetch(folder)
            os.utime(folder)
            return dataset
        except Exception:  # a damaged file may raise anything; the source is still there
            print(f"The cached copy of {name} is damaged: it is made again.")
            shutil.rmtree(folder, ignore_errors=True)
    dataset = build()
    try:
        _store(folder, dataset)
    except OSError as error:
        print(f"The data set could not be cached ({error.strerror}): the next load takes as long again.")
    _prune(folder)
    return dataset


def _fetch(folder: Path) -> Dataset:
    crc, text = (folder / "meta.json").read_text(encoding="utf-8").split("\n", 1)
    if int(crc) != zlib.crc32(text.encode()):
        raise ValueError("meta.json")
    meta = json.loads(text)
    splits: dict[str, dict] = {}
    for file, crc in meta.pop("arrays").items():
        if _crc(folder / file) != crc:
            raise ValueError(file)
        split, attribute, _ = file.split(".")
        array = np.load(folder / file, mmap_mode="r", allow_pickle=False)
        splits.setdefault(split, {})[attribute] = np.asarray(array)
    for names in ("class_names", "region_names", "notes"):
        meta[names] = tuple(meta[names])
    return Dataset(**meta, **{split: Split(**splits[split]) if split in splits else None for split in SPLITS})


def _store(folder: Path, dataset: Dataset) -> None:
    """Write into a folder beside it, then rename: a reader sees all or nothing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=FOLDER))
    try:
        meta = {f.name: getattr(dataset, f.name) for f in fields(dataset) if f.name not in SPLITS}
        meta["arrays"] = {}
        for split in filter(lambda split: getattr(dataset, split) is not None, SPLITS):
            for attribute, array in vars(getattr(dataset, split)).items():
                if array is not None:
                    file = f"{split}.{attribute}.npy"
                    np.save(new / file, array, allow_pickle=False)
                    meta["arrays"][file] = _crc(new / file)
        text = json.dumps(meta)
        (new / "meta.json").write_text(f"{zlib.crc32(text.encode())}\n{text}", encoding="utf-8")
        if not folder.exists():  # another notebook may have been faster; its copy is as good
            os.rename(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _prune(keep: Path) -> None:
    """Remove what is too much, oldest first, and what killed processes left an hour ago."""
    total = 0
    with suppress(OSError):  # another process may tidy up at the same time
        for entry in sorted(FOLDER.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True):
            total += sum(file.stat().st_size for file in entry.iterdir())
            age = time.time() - entry.stat().st_mtime
            if age > 3600 if entry.name.startswith(".new-") else total > MAX_BYTES and entry != keep:
                shutil.rmtree(entry, ignore_errors=True)


def _crc(path: Path) -> int:
    value = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value
