"""A folder, a zip or a CSV as one thing: names and bytes. Nothing is extracted, nothing is trusted."""

import hashlib
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, BinaryIO

from helpers.datasets.faults import Faults, printable
from helpers.errors import DataError
from helpers.files import sha256

MAX_TOTAL = 8 << 30
"""Bytes that the members of a zip may have when unpacked (Food-11's own photos are 1.2 GB)."""
MAX_MEMBERS = 500_000
MAX_IMAGE = 64 << 20
MAX_TABLE = 1 << 30
"""Bytes of one image file and of one CSV (fer2013.csv is 0.3 GB)."""

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp")
SPLITS = ("train", "training", "validation", "val", "valid", "test", "testing", "evaluation")
"""Folder names that mean something, so that they are never taken for a mere wrapper."""


@dataclass
class Source:
    """Where a data set lies.

    Attributes:
        path: the folder, zip or CSV.
        members: readable name (without a folder that wraps everything) -> (name inside, bytes).
        folders: the folders' readable names, so that an empty one is noticed.
        faults: what was found wrong so far.
        opener: opens a name inside for reading bytes.
    """

    path: Path
    members: dict[str, tuple[str, int]]
    folders: set[str]
    faults: Faults
    opener: Callable[[str], BinaryIO]

    @cached_property
    def images(self) -> list[str]:
        """The image files' names, sorted."""
        return [name for name in self.members if name.lower().endswith(IMAGES)]

    @cached_property
    def tables(self) -> list[str]:
        """The CSV files at the top, sorted."""
        return [name for name in self.members if name.lower().endswith(".csv") and "/" not in name]

    def place(self, name: str) -> str:
        """How a sentence names a member: ``fer2013.zip, train/happy/1.jpg``, ``train.csv``."""
        inside = self.members[name][0]
        return inside if self.path.name == inside else f"{self.path.name}, {inside}"

    def read(self, name: str, use: Callable[[BinaryIO], Any] | None = None, limit: int | None = None) -> Any:
        """What ``use`` makes of a member's stream (None: its bytes), or None after noting the fault."""
        inside, size = self.members[name]
        limit = limit or MAX_IMAGE
        if size > limit:
            self.faults.add(
                f"{self.place(name)}: {size / 1e6:,.0f} MB is more than the {limit / 1e6:,.0f} MB that are read; "
                "replace the file by a smaller one"
            )
            return None
        try:
            with self.opener(inside) as stream:
                # Always with a number: read() unpacks all there is before it looks at the size announced.
                return use(stream) if use else stream.read(limit)
        except DataError:
            raise
        except PermissionError:
            self.faults.add(f"{self.place(name)}: no permission to read it; give yourself the right (chmod u+r)")
        except Exception as error:  # whatever bytes: zlib, struct, zipfile and codecs raise what they like
            why = printable(str(error)) or type(error).__name__
            self.faults.add(f"{self.place(name)}: damaged ({why[:80]}); get the file again")
        return None


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a folder, a zip or a CSV (``train.csv`` together with the ``test.csv`` beside it).

    Raises:
        DataError: it is nothing of the kind, or cannot be opened. Faults of single members are
            kept in ``source.faults`` instead, so that a reader can add its own.
    """
    faults = Faults()
    with ExitStack() as stack:
        try:
            if path.is_dir():
                entries, folders = _walk(path)
                opener = partial(_open, path)
            elif path.is_file() and path.suffix.lower() == ".csv":
                entries = {file.name: file.stat().st_size for file in _tables(path)}
                folders, opener = set(), partial(_open, path.parent)
            elif path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)):
                archive = stack.enter_context(zipfile.ZipFile(path))
                entries, folders = _listed(archive, path.name, faults)
                opener = archive.open
            else:
                raise DataError(printable(f"{path.name} is neither a folder nor a .zip nor a .csv: pass one of these"))
        except DataError:
            raise
        except PermissionError:
            raise DataError(printable(f"{path.name}: no permission to read it; give yourself the right")) from None
        except Exception:  # a hostile or cut-off zip raises nearly anything
            raise DataError(
                printable(f"{path.name} is no zip file, or a damaged or cut-off one: get the file again")
            ) from None
        yield _unwrapped(path, entries, folders, faults, opener)


def _open(folder: Path, inside: str) -> BinaryIO:
    return open(folder / inside, "rb")


def _walk(path: Path) -> tuple[dict[str, int], set[str]]:
    """All files (with sizes) and folders below a folder, through links, each folder once."""
    entries, folders, seen = {}, set(), set()

    def refuse(error: OSError):
        raise error

    for top, inner, files in os.walk(path, followlinks=True, onerror=refuse):
        real = os.path.realpath(top)
        if real in seen:
            inner.clear()
            continue
        seen.add(real)
        relative = Path(top).relative_to(path)
        folders.add(relative.as_posix())
        for file in files:
            if os.path.isfile(os.path.join(top, file)):  # no pipes, no dangling links
                entries[(relative / file).as_posix()] = os.stat(os.path.join(top, file)).st_size
    return entries, folders


def _tables(path: Path) -> list[Path]:
    """The CSV, and for the course's train.csv the unlabelled test.csv beside it."""
    beside = path.with_name("test.csv")
    return [path, beside] if path.name == "train.csv" and beside.is_file() else [path]


def _listed(archive: zipfile.ZipFile, name: str, faults: Faults) -> tuple[dict[str, int], set[str]]:
    """The files (with sizes) and folders of a zip that are safe to read; the others are faults."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise DataError(f"{printable(name)} has more than {MAX_MEMBERS:,} members: make a smaller zip")
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL:
        raise DataError(
            f"{printable(name)} would unpack to {total / 1e9:,.1f} GB, more than the {MAX_TOTAL / 1e9:,.1f} GB that "
            "are read: check where it comes from"
        )
    if any(info.flag_bits & 1 for info in infos):
        raise DataError(f"{printable(name)} is encrypted: make the zip again without a password")
    entries, folders = {}, set()
    for info in infos:
        inside = info.filename
        why = _unsafe(info) or ("it is there twice" if inside in entries else None)
        if why:
            faults.add(f"{name}, {inside}: {why}; make the zip again without it")
        elif info.is_dir():
            folders.add(inside.rstrip("/"))
        else:
            entries[inside] = info.file_size
    return entries, folders


def _unsafe(info: zipfile.ZipInfo) -> str | None:
    """Why a member of a zip is not read, or None."""
    inside = info.filename
    if inside.startswith("/") or inside[1:2] == ":":
        return "its path is absolute"
    if "\\" in inside:
        return "its path has backslashes"
    if ".." in inside.split("/"):
        return "its path leaves the archive (../)"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a symbolic link"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "its compression is neither stored nor deflated"  # the others unpack without a limit
    return None


def _unwrapped(path, entries, folders, faults, opener) -> Source:
    """Leave the junk out, and the folder (or folders) that wrap everything else."""
    entries = {inside: size for inside, size in sorted(entries.items()) if not _junk(inside)}
    data = [inside for inside in entries if inside.lower().endswith((*IMAGES, ".csv"))]
    wrap = ""
    while data:
        tops = {inside[len(wrap) :].partition("/")[0] for inside in data}
        if len(tops) > 1 or f"{wrap}{next(iter(tops))}" in entries or next(iter(tops)).lower() in SPLITS:
            break
        wrap += f"{tops.pop()}/"
    members = {inside.removeprefix(wrap): (inside, size) for inside, size in entries.items()}
    inner = {folder.removeprefix(wrap) for folder in folders if not _junk(folder)}
    return Source(path, members, inner, faults, opener)


def _junk(inside: str) -> bool:
    """Whether a name is what macOS, Windows or an editor left behind."""
    parts = inside.split("/")
    return any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's content (with its companion), or of a folder's names, sizes and times.

    Raises:
        DataError: it cannot be read.
    """
    try:
        if not path.is_dir():
            digests = [f"{file.name if i else ''}{sha256(file)}" for i, file in enumerate(_tables(path))]
            return digests[0] if len(digests) == 1 else sha256(" ".join(digests).encode())
        digest = hashlib.sha256()
        for inside, size in sorted(_walk(path)[0].items()):
            if not _junk(inside):
                changed = os.stat(path / inside).st_mtime_ns
                digest.update(f"{inside}\0{size}\0{changed}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()
    except OSError as error:
        where = printable(str(error.filename or path))
        raise DataError(f"{where}: cannot be read ({error.strerror}); give yourself the right") from None
