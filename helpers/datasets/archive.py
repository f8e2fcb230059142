"""Zips and tars as lists of names that are safe to read. Nothing in them is extracted or trusted."""

import bz2
import gzip
import lzma
import re
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from helpers.datasets.faults import Faults, failure
from helpers.datasets.words import WORDS

MAX_TOTAL = 8 << 30
"""Bytes that the members of an archive may have when unpacked (Food-11's own photos are 1.2 GB)."""
MAX_MEMBERS = 200_000
"""Files of a data set; FER2013 has 35,887."""
MAX_LISTING = 32 << 20
"""Bytes of a zip's list of contents; FER2013's has 4 MB."""

PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
CLOSED = {start.encode("latin-1"): why for start, why in WORDS["closed"].items()}
"""Formats that are not read, by their first bytes."""

Entry = tuple[str, str, int]
"""Of a file: its path with slashes, its name inside, and its bytes; a folder's path ends in a slash."""


def check_amount(name: str, members: int, total: int = 0) -> None:
    """Refuse more than MAX_MEMBERS members, or MAX_TOTAL bytes."""
    if members > MAX_MEMBERS:
        raise failure(f"{name} has more than {MAX_MEMBERS:,} members: pass a part of it")
    if total > MAX_TOTAL:
        most = f"more than the {MAX_TOTAL / 1e9:,.1f} GB that are read"
        raise failure(f"{name} would unpack to {most}: check where it comes from")


def unpacked(path: Path, stack: ExitStack) -> Path:
    """The file, or of one packed by gzip, bzip2 or xz a temporary file of what is in it.

    Raises:
        DataError: it is of a format that is not read, or more than MAX_TOTAL bytes are in it.
    """
    with open(path, "rb") as file:
        head = file.read(32)
    for magic, why in CLOSED.items():
        if magic in (head[: len(magic)], head[: len(magic)].lower()):
            raise failure(f"{path.name} is {why}")
    opened = next((opened for magic, opened in PACKED.items() if head.startswith(magic)), None)
    if opened is None:
        return path
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    plain = Path(folder, re.sub(r"\.(gz|bz2|xz)$", "", path.name, flags=re.IGNORECASE))
    with opened(path) as packed, open(plain, "wb") as file:
        while block := packed.read(1 << 20):
            file.write(block)
            check_amount(path.name, 1, file.tell())
    return plain


def safe(entries: Iterable[Entry], name: str, faults: Faults) -> dict[str, tuple[str, int]]:
    """Path -> (name inside, bytes) of the entries that are safe to read; the others are faults.

    Raises:
        DataError: there are too many, or they are too large.
    """
    found, total = {}, 0
    for number, (path, inside, size) in enumerate(entries, 1):
        total, why = total + size, None
        check_amount(name, number, total)
        if path.startswith("/") or path[1:2] == ":":
            why = "its path is absolute"
        elif ".." in path.split("/"):
            why = "its path leaves the archive (../)"
        elif path in found and not path.endswith("/"):
            why = "it is there twice"
        if why:
            faults.add(f"{name}, {path}: {why}; make the archive again from inside the folder")
        else:
            found[path] = (inside, size)
    return found


def open_zip(path: Path, name: str) -> zipfile.ZipFile:
    """A zip, after a look at how much it lists: ``zipfile`` makes an object of each member."""
    with open(path, "rb") as stream:
        end = zipfile._EndRecData(stream)
    if end:
        check_amount(name, end[4] if end[5] <= MAX_LISTING else MAX_MEMBERS + 1)
        if end[1]:  # the number of a disk
            raise failure(f"{name} is a part of a split zip: unpack the parts and pass the folder")
    return zipfile.ZipFile(path)


def zip_entries(archive: zipfile.ZipFile, name: str, faults: Faults) -> Iterator[Entry]:
    """What a zip holds.

    Raises:
        DataError: it is encrypted, or packed in a way that is not read.
    """
    for info in archive.infolist():
        if info.flag_bits & 1:
            raise failure(f"{name} is encrypted: make the zip again without a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The others unpack without a limit, or not at all (Deflate64, of Windows' large zips).
            why = "its compression is neither stored nor deflated"
            raise failure(f"{name}, {info.filename}: {why}; unpack the zip and pass the folder")
        path = info.filename
        if not info.flag_bits & 0x800 and not path.isascii():
            try:
                path = path.encode("cp437").decode()  # UTF-8 that does not say so
            except UnicodeError:
                faults.remark("code_page", [path])
        if stat.S_ISLNK(info.external_attr >> 16):
            faults.remark("links", [path])
        else:
            yield path.replace("\\", "/").removeprefix("./"), info.filename, info.file_size


def tar_entries(archive: tarfile.TarFile, faults: Faults) -> Iterator[Entry]:
    """What a tar holds."""
    for info in archive:
        if info.isreg() or info.isdir() or info.islnk():  # a file that is there twice
            yield info.name.removeprefix("./") + "/" * info.isdir(), info.name, info.size
        else:
            faults.remark("links", [info.name])
