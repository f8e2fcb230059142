"""Data sets: ``load(name)`` gives a Dataset of raw uint8 images, or says what is wrong with the data."""

import difflib
import os
import re
from pathlib import Path
from types import ModuleType

from helpers import ROOT
from helpers.datasets import fer2013, food11, image_folder
from helpers.datasets.archive import Source, fingerprint, open_source
from helpers.datasets.base import Dataset, Split
from helpers.datasets.cache import cached
from helpers.datasets.faults import printable
from helpers.datasets.splits import finish
from helpers.datasets.tables import write_prediction
from helpers.errors import DataError
from helpers.files import sha256

__all__ = ["NAMES", "Dataset", "Split", "identify", "load", "open_path", "recognise", "write_prediction"]

DATA = ROOT / "data"
READERS = {"fer2013": fer2013, "food11": food11, "image_folder": image_folder}
"""In the order in which they are tried on data whose kind is not told."""
NAMES = ("faces", *READERS)
COUNTS = (8_000, 1_000, 1_000)
SIZES = (8, 1024)


def load(
    name: str,
    path: str | Path | None = None,
    *,
    size: int | None = None,
    counts: tuple[int, int, int] | None = None,
) -> Dataset:
    """Load a data set; the second time from the cache.

    Args:
        name: one of NAMES, or the name of an image folder at data/<name>.
        path: folder, .zip or .csv; None: data/<name>, data/<name>.zip or data/<name>.csv.
        size: side in pixels of food11 (default 128) and image folders (default: as they are).
        counts: images in train, validation and test, for ``faces`` only (default 8,000 / 1,000 / 1,000).

    Returns:
        the Dataset; its arrays may be read-only.

    Raises:
        DataError: with one sentence a fault.
    """
    _check_options(name, path, size, counts)
    package = Path(__file__).parent
    if name == "faces":
        from helpers.datasets import faces  # only here: it builds its geometry when it is imported

        counts = tuple(counts or COUNTS)
        return cached(name, counts, lambda: faces.draw(*counts), list(package.glob("faces*.py")))
    where = _locate(name, path)
    reader = READERS.get(name, image_folder)
    readers = [file for file in package.glob("*.py") if not file.name.startswith("faces")]
    parts = (fingerprint(where), where.name, size)
    return cached(name, parts, lambda: _read(name, where, reader, size), readers)


def identify(path: str | Path | None, name: str, counts: tuple[int, int, int] | None = None) -> str:
    """A cheap fingerprint of a data set's source (SHA-256, hexadecimal), for caches and schedules.

    Args:
        path: as in ``load``; None: what lies at data/<name>.
        name: as in ``load``.
        counts: as in ``load``.

    Raises:
        DataError: there is nothing, or it cannot be read.
    """
    _check_options(name, path, None, counts)
    if name == "faces":
        code = [sha256(file) for file in sorted(Path(__file__).parent.glob("faces*.py"))]
        return sha256(f"{code} {tuple(counts or COUNTS)}".encode())
    return fingerprint(_locate(name, path))


def recognise(path: Path) -> str | None:
    """The name of the reader that fits what lies at a path, or None.

    Raises:
        DataError: it is neither a folder nor a zip nor a CSV.
    """
    with open_source(path) as source:
        return _fitting(source)


def open_path(path: str, name: str | None = None, size: int | None = None) -> Dataset:
    """The data set that a command line names.

    Args:
        path: a folder, .zip or .csv, or the name of a data set.
        name: what to read it as; recognised if None.
        size: as in ``load``.

    Raises:
        DataError: with one sentence a fault.
    """
    if not os.path.exists(path):
        if not {"/", "."} & set(path):
            return load(path, size=size)
        raise DataError(printable(f"there is no file or folder at {path}: pass the path of a folder, a .zip or a .csv"))
    name = name or recognise(Path(os.path.abspath(path)))
    if name is None:
        formats = "; ".join(f"{name}: {reader.EXPECTED}" for name, reader in READERS.items())
        raise DataError(printable(f"{path} is in no known format: expected is one of {formats}"))
    return load(name, path, size=size)


def _fitting(source: Source) -> str | None:
    return next((name for name, reader in READERS.items() if reader.fits(source)), None)


def _read(name: str, path: Path, reader: ModuleType, size: int | None) -> Dataset:
    with open_source(path) as source:
        if not reader.fits(source):
            other = _fitting(source)
            kind = "image_folder" if reader is image_folder else name
            hint = f"; it looks like {other}: pass DATASET={other}" if other else ""
            source.faults.add(f"{path.name} is no {kind} data set, which is {reader.EXPECTED}{hint}")
            source.faults.check()
        return finish(name, reader.read(source, size), source)


def _check_options(name: str, path, size: int | None, counts) -> None:
    known = name in NAMES or (path is None and any(map(os.path.exists, _places(name))))
    if not known:
        near = difflib.get_close_matches(name, NAMES, 1)
        hint = f"did you mean {near[0]}?" if near else "put your images into data/<name> or pass DATASET=image_folder"
        raise DataError(printable(f'there is no data set "{name}", only {", ".join(NAMES)}: {hint}'))
    if name == "faces" and (path is not None or size is not None):
        raise DataError("faces is drawn, 48x48 pixels: leave DATA and SIZE out")
    if name != "faces" and counts is not None:
        raise DataError(f"counts are for faces only: {name} has the images that it has")
    if size is not None and not SIZES[0] <= size <= SIZES[1]:
        raise DataError(f"SIZE={size} is not between {SIZES[0]} and {SIZES[1]} pixels: pass SIZE=64, for example")


def _places(name: str) -> list[Path]:
    """Where a data set of this name may lie; nowhere if the name is no plain file name."""
    if not re.fullmatch(r"\w[\w.-]*", name):
        return []
    return [DATA / name, DATA / f"{name}.zip", DATA / f"{name}.csv"]


def _locate(name: str, path: str | Path | None) -> Path:
    formats = READERS.get(name, image_folder).EXPECTED
    if path is not None:
        where = Path(os.path.abspath(os.path.expanduser(path)))
        if where.is_file() or where.is_dir():
            return where
        raise DataError(printable(f"there is no file or folder at {path}: pass DATA=path of {formats}"))
    for where in _places(name):
        if os.path.exists(where):
            return where
    raise DataError(f"there is no data at data/{name} or data/{name}.zip: put {formats} there, or pass DATA=path")
