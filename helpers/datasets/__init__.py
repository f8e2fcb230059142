"""Data sets: ``load(name)`` gives a Dataset of raw uint8 images, or says what is wrong with the data."""

import difflib
import os
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np

from helpers import ROOT
from helpers.datasets import fer2013, food11, image_folder
from helpers.datasets.base import Dataset, Split
from helpers.datasets.cache import SPLITS, cached
from helpers.datasets.faults import failure
from helpers.datasets.images import LEAST, MOST
from helpers.datasets.source import ARCHIVES, Source, fingerprint, open_source, suffix
from helpers.datasets.splits import finish
from helpers.files import sha256

DATA = ROOT / "data"
READERS = {"fer2013": fer2013, "food11": food11, "image_folder": image_folder}
"""In the order in which they are tried on data whose kind is not told."""
NAMES = ("faces", *READERS)


def load(name: str, path: str | Path | None = None, *, size: int | None = None) -> Dataset:
    """Load a data set; the second time from the cache.

    Args:
        name: one of NAMES, or the name of an image folder at data/<name>.
        path: folder, archive or .csv; None: data/<name>, data/<name>.zip or data/<name>.csv.
        size: side in pixels of food11 (default 128) and image folders (default: as they are).

    Returns:
        the Dataset; its arrays may be read-only.

    Raises:
        DataError: with one sentence a fault.
    """
    _check_options(name, path, size)
    identity = identify(path, name)
    if name == "faces":
        from helpers.datasets import faces  # only here: it builds its geometry when it is imported

        return cached(name, (identity,), faces.draw)
    where = _locate(name, path)
    return cached(name, (identity, where.name, size), lambda: _read(name, where, size))


def identify(path: str | Path | None, name: str) -> str:
    """A cheap fingerprint of a data set's source (SHA-256, hexadecimal), for caches and schedules.

    Args:
        path: as in ``load``; None: what lies at data/<name>.
        name: as in ``load``.

    Raises:
        DataError: there is nothing, or it cannot be read.
    """
    _check_options(name, path)
    if name == "faces":
        code = [sha256(file) for file in sorted(Path(__file__).parent.glob("faces*.*"))]
        return sha256(f"{code}".encode())
    return fingerprint(_locate(name, path))


def recognise(path: Path) -> str:
    """The name of the reader that fits what lies at a path; where nothing lies, the last one, which will say so.

    Raises:
        DataError: it is neither a folder nor an archive nor a CSV, or holds nothing that can be read.
    """
    if not path.exists():
        return "image_folder"
    with open_source(path) as source:
        if found := _fitting(source):
            return found
        source.faults.check()
        raise failure(f"{path.name} {_strange(source)}")


def open_path(path: str, name: str | None = None, size: int | None = None) -> Dataset:
    """The data set that a command line names.

    Args:
        path: a folder, archive or .csv, or the name of a data set.
        name: what to read it as; recognised if None.
        size: as in ``load``.

    Raises:
        DataError: with one sentence a fault.
    """
    if not os.path.exists(path) and not {"/", "."} & set(path):
        return load(path, size=size)
    return load(name or recognise(Path(os.path.abspath(path))), path, size=size)


def labelled(path: str | Path, like: Dataset, size: int | None = None) -> Split:
    """All labelled images of a file or folder, whatever split they stand in, with the labels of another data set.

    Raises:
        DataError: with one sentence a fault.
    """
    where = _locate(like.name, path)
    with open_source(where) as source:
        raw = _reader(like.name).read(source, size)
        source.faults.check()
    splits = [split for split in raw.splits.values() if split is not None and split.labelled]
    if not splits:
        expected = _reader(like.name).EXPECTED
        raise failure(f"{where.name} has no labelled images; expected is {expected}")
    parts = zip(*((split.images, split.labels, split.ids) for split in splits), strict=True)
    images, labels, ids = map(np.concatenate, parts)
    if images.shape[1:] != like.image_shape or not {*raw.classes} <= {*like.class_names}:
        raise failure(f"{where.name} has other classes or images of another size than {like.title}")
    numbers = np.array([like.class_names.index(name) for name in raw.classes])
    return Split(images, numbers[labels], ids)


def _fitting(source: Source) -> str | None:
    return next((name for name, reader in READERS.items() if reader.fits(source)), None)


def _strange(source: Source) -> str:
    """What a source holds of which nothing can be read, and what to do."""
    if nested := source.unread(*ARCHIVES):
        return f"holds another archive, {nested[0]}: unpack it and pass what is in it"
    kinds = Counter(suffix(name) or "no suffix" for name in source.members)
    held = ", ".join(f"{count:,} of {kind}" for kind, count in kinds.most_common(3))
    what = f"holds no images in folders and no table of pixels, but files: {held}"
    what = what if held else "is empty"
    return f"{what}; images must be files, train/<class>/<any name>.jpg, or numbers in a .csv"


def _reader(name: str) -> ModuleType:
    return READERS.get(name, image_folder)


def _read(name: str, path: Path, size: int | None) -> Dataset:
    with open_source(path) as source:
        if not _reader(name).fits(source):
            source.faults.check()
            other = _fitting(source)
            like = f"looks like {other}: pass DATASET={other}" if other else _strange(source)
            kind = name if name in READERS else "image_folder"
            raise failure(f"{path.name} is no {kind} data set; it {like}")
        return finish(name, _reader(name).read(source, size), source)


def _check_options(name: str, path, size: int | None = None) -> None:
    known = name in NAMES or (path is None and any(map(os.path.exists, _places(name))))
    if not known:
        near = difflib.get_close_matches(name, NAMES, 1)
        other = "put your images into data/<name> or pass DATASET=image_folder"
        hint = f"did you mean {near[0]}?" if near else other
        raise failure(f'there is no data set "{name}", only {", ".join(NAMES)}: {hint}')
    if name == "faces" and (path is not None or size is not None):
        raise failure("faces is drawn, 48x48 pixels: leave DATA and SIZE out")
    if size is not None and not LEAST <= size <= MOST:
        raise failure(f"SIZE={size} is not between {LEAST} and {MOST} pixels: pass SIZE=64")


def _places(name: str) -> list[Path]:
    """Where a data set of this name may lie; nowhere if the name is no plain file name."""
    plain = re.fullmatch(r"\w[\w.-]*", name)
    return [DATA / f"{name}{suffix}" for suffix in ("", ".zip", ".csv")] if plain else []


def _locate(name: str, path: str | Path | None) -> Path:
    given = [] if path is None else [Path(os.path.abspath(os.path.expanduser(path)))]
    for where in given or _places(name):
        if where.is_file() or where.is_dir():
            return where
    formats = _reader(name).EXPECTED
    if given:
        raise failure(f"there is no file or folder at {path}: give the path of {formats}")
    places = f"data/{name} or data/{name}.zip"
    raise failure(f"there is no data at {places}: put {formats} there, or pass DATA=path")


def describe(dataset: Dataset, path: Path | None = None) -> dict:
    """What the report says about a data set, ready for JSON.

    Args:
        path: where it was read, of which the last part is told.

    Returns:
        ``counts`` has the images of each class, by split, in the classes' order; ``labelled`` their sum.
    """
    splits = {name: getattr(dataset, name) for name in SPLITS if getattr(dataset, name) is not None}
    n, counts = len(dataset.class_names), {}
    for name, split in splits.items():
        counts[name] = np.bincount(split.labels + 1, minlength=n + 1)[1:].tolist()
    return {
        "name": dataset.name,
        "title": dataset.title,
        "path": None if path is None else Path(path).name,
        "checksum": dataset.checksum,
        "classes": list(dataset.class_names),
        "regions": list(dataset.region_names or ()),
        "splits": {name: len(split) for name, split in splits.items()},
        "counts": counts,
        "labelled": {name: sum(found) for name, found in counts.items()},
        "notes": list(dataset.notes),
        "facts": dict(dataset.facts),
    }
