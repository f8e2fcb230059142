"""A folder, an archive or a CSV as one thing: names and bytes."""

import hashlib
import os
import posixpath
import re
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from helpers.datasets import archive
from helpers.datasets.faults import Faults, failure, printable
from helpers.datasets.words import WORDS, meanings
from helpers.errors import DataError
from helpers.files import sha256

MAX_IMAGE = 64 << 20
MAX_TABLE = 1 << 30
"""Bytes of one image file and of one CSV (fer2013.csv is 0.3 GB)."""

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "DIB", "AVIF", "PPM")
"""What is decoded; no decoder that starts another program (EPS) is among them."""
KNOWN = Image.registered_extensions()
IMAGES = {end: kind for end, kind in KNOWN.items() if kind in (*FORMATS, "MPO")}
TABLES = (".csv", ".tsv")
UNREAD = (".heic", ".heif", ".jxl", ".jp2", ".psd", ".svg", ".dng", ".cr2", ".nef", ".arw", ".tga")
"""Pictures that Pillow does not read, or that are no pixels."""
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".tgz", ".gz", ".xz", ".bz2")
STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")
"""How images begin whose name does not tell it."""

SPLITS = meanings("splits")
JUNK = WORDS["junk"]["names"]


def split_of(folder: str) -> str | None:
    """train, validation or test, if one of these is a word of a name, as in ``FER2013Train`` and ``testset1``."""
    if whole := SPLITS.get(re.sub(r"[\W_]", "", folder).lower()):
        return whole
    for name in (folder, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", folder)):
        words = re.findall(r"[^\W\d_]+", name.lower())
        found = {SPLITS.get(re.sub("(set|data)$", "", word)) for word in words} - {None}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


@dataclass
class Source:
    """Where a data set lies.

    Attributes:
        path: the folder, archive or CSV.
        members: readable name (without a folder that wraps everything) -> (name inside, bytes).
        folders: the folders' readable names, so that an empty one is noticed.
        faults: what was found wrong or odd so far.
        opener: opens a name inside for reading bytes.
    """

    path: Path
    members: dict[str, tuple[str, int]]
    folders: set[str]
    faults: Faults
    opener: Callable[[str], BinaryIO]

    @cached_property
    def images(self) -> list[str]:
        """The image files' names, sorted; those without a suffix that is known, by their content."""
        return [name for name in self.members if suffix(name) in IMAGES or self._begins(name)]

    @cached_property
    def tables(self) -> list[str]:
        """The CSV files at the top or in a folder there, sorted; no example of what to submit."""
        near = (name for name in self.unread(*TABLES) if name.count("/") < 2)
        return [name for name in near if "submission" not in name.lower()]

    def _begins(self, name: str) -> bool:
        inside, _ = self.members[name]
        if "/" not in name or suffix(name) in UNREAD:
            return False
        with suppress(Exception), self.opener(inside) as stream:  # no image, whatever is wrong
            return stream.read(8).startswith(STARTS)
        return False

    def unread(self, *suffixes: str) -> list[str]:
        """The names of the members with one of these suffixes."""
        return [name for name in self.members if suffix(name) in suffixes]

    def place(self, name: str) -> str:
        """How a sentence names a member: ``fer2013.zip, train/happy/1.jpg``, ``train.csv``."""
        inside = self.members[name][0] if name in self.members else name
        return inside if self.path.name == inside else f"{self.path.name}, {inside}"

    def fault(self, sentence: str, name: str | None = None, row: int | None = None) -> None:
        """Note what is wrong with a member, or a row of it, or (None) with all of it."""
        place = self.place(name) if name else self.path.name
        self.faults.add(f"{place}{f', row {row}' if row else ''}: {sentence}")

    def read(self, name: str, use: Callable[[BinaryIO], Any] | None = None) -> Any:
        """What ``use`` makes of a table's stream (None: an image's bytes), or None after noting the fault."""
        inside, size = self.members[name]
        limit = MAX_TABLE if use else MAX_IMAGE
        if size > limit:
            self.fault(_too_large(size, limit), name)
            return None
        try:
            with self.opener(inside) as stream:
                # Always with a number: read() unpacks all there is before it looks at the size announced.
                return use(stream) if use else stream.read(limit)
        except DataError:
            raise
        except PermissionError:
            self.fault("no permission to read it; give yourself the right", name)
        except Exception as error:  # zlib, struct, zipfile and codecs raise what they like
            why = printable(str(error)) or type(error).__name__
            self.fault(f"damaged ({why[:80]}); get the file again", name)
        return None


def _too_large(size: int, limit: int) -> str:
    most = f"{limit / 1e6:,.0f} MB that are read"
    return f"{size / 1e6:,.0f} MB is more than the {most}; replace the file by a smaller one"


def suffix(name: str) -> str:
    """The suffix in small letters."""
    return os.path.splitext(name)[1].lower()


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a folder, a zip, a tar or a CSV (``train.csv`` together with the ``test.csv`` beside it).

    Raises:
        DataError: it is nothing of the kind, or cannot be opened. Faults of single members are
            kept in ``source.faults`` instead, so that a reader can add its own.
    """
    faults = Faults()
    with ExitStack() as stack:
        try:
            entries, opener = _opened(path, faults, stack)
        except DataError:
            raise
        except Exception as error:  # a hostile or cut-off archive raises nearly anything
            damaged = "a damaged or cut-off archive: get the file again"
            why = getattr(error, "strerror", None) or damaged
            raise failure(f"{path.name} cannot be read: {why}") from None
        yield _unwrapped(path, entries, faults, opener)


def _opened(path: Path, faults: Faults, stack: ExitStack) -> tuple[dict, Callable]:
    """The entries, path -> (name inside, bytes), and what opens a name inside."""
    if path.is_dir():
        return _walk(path), lambda inside: open(path / inside, "rb")
    _check_size(path)
    plain = archive.unpacked(path, stack)
    if zipfile.is_zipfile(plain) or suffix(path.name) == ".zip":
        packed = stack.enter_context(archive.open_zip(plain, path.name))
        entries = archive.zip_entries(packed, path.name, faults)
        return archive.safe(entries, path.name, faults), packed.open
    if tarfile.is_tarfile(plain):
        packed = stack.enter_context(tarfile.TarFile(plain))
        entries = archive.tar_entries(packed, faults)
        return archive.safe(entries, path.name, faults), packed.extractfile
    if suffix(plain.name) not in (*TABLES, ".txt", ".data"):
        raise failure(f"{path.name} is neither a folder nor a .zip nor a .csv: pass one")
    files = {}
    for file in _tables(plain):
        name = file.name if suffix(file.name) in TABLES else f"{file.name}.csv"
        files[name] = (file.name, file.stat().st_size)
    return files, lambda inside: open(plain.with_name(inside), "rb")


def _check_size(path: Path) -> None:
    """Refuse what is too large before a byte of it is read."""
    size = path.stat().st_size
    limit = MAX_TABLE if suffix(path.name) in TABLES else archive.MAX_TOTAL
    if size > limit:
        raise failure(f"{path.name}: {_too_large(size, limit)}")


def _walk(path: Path) -> dict[str, tuple[str, int]]:
    """All files and (with a slash) folders below a folder, through links, each folder once."""
    entries, seen = {}, set()

    def refuse(error: OSError):
        if not _junk(os.path.basename(error.filename)):  # lost+found is for nobody to read
            raise error

    for top, inner, files in os.walk(path, followlinks=True, onerror=refuse):
        real = os.path.realpath(top)
        if real in seen:
            inner.clear()
            continue
        seen.add(real)
        entries[f"{Path(top).relative_to(path).as_posix()}/"] = ("", 0)
        for file in filter(os.path.isfile, (Path(top, file) for file in files)):  # no pipes
            name = file.relative_to(path).as_posix()
            entries[name] = (name, file.stat().st_size)
        archive.check_amount(path.name, len(entries))
    return entries


def _tables(path: Path) -> list[Path]:
    """The CSV, and for a train.csv those of the other splits beside it."""
    words = SPLITS if path.name == "train.csv" else ()
    beside = (path.with_name(f"{word}.csv") for word in words if word != "train")
    return [path, *filter(Path.is_file, beside)]


def _unwrapped(path: Path, entries: dict, faults: Faults, opener: Callable) -> Source:
    """Leave the junk out, and the folder (or folders) that wrap everything else."""
    kept = {name: entries[name] for name in sorted(entries) if not _junk(name)}
    junk = sorted(entries.keys() - kept)
    faults.remark("system", [name for name in junk if suffix(name) in IMAGES])
    tables = [name for name in kept if suffix(name) in TABLES]
    data = [name for name in kept if suffix(name) in IMAGES] or tables
    common = posixpath.commonpath(map(posixpath.dirname, data)) if data else ""
    parts = common.split("/") if common else []
    below = {name.split("/")[len(parts)].lower() for name in data}
    splits = [place for place, part in enumerate(parts) if part.lower() in SPLITS]
    if splits and not below & SPLITS.keys():
        del parts[splits[-1] :]
    beside = any(not name.startswith(f"{common}/") for name in tables)
    if parts and beside and any(posixpath.dirname(name) == common for name in data):
        del parts[-1]  # the table may tell the classes of the folder's files
    wrap = "".join(f"{part}/" for part in parts)
    members = {name.removeprefix(wrap): at for name, at in kept.items() if not name.endswith("/")}
    inside = (name for name in kept if name.endswith("/") and name.startswith(wrap))
    folders = {name.removeprefix(wrap)[:-1] for name in inside}
    return Source(path, members, folders, faults, opener)


def _junk(inside: str) -> bool:
    """Whether a name is what macOS, Windows, a NAS or an editor left behind."""
    parts = inside.rstrip("/").lower().split("/")
    return any(part in JUNK or (part.startswith((".", "~$")) and part != ".") for part in parts)


def _western(byte: re.Match) -> str:
    return bytes([ord(byte[0]) & 255]).decode("cp1252", "replace")


def composed(name: str) -> str:
    """A name in the one Unicode form in which names are compared and shown; macOS writes another."""
    # Bytes that are no UTF-8 are of an old western code page: of two names, none may become the other.
    name = re.sub("[\udc80-\udcff]", _western, name)
    return printable(unicodedata.normalize("NFC", name)).strip()


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's content (with its companion), or of a folder's names, sizes and times.

    Raises:
        DataError: it is too large, or cannot be read.
    """
    digest = hashlib.sha256()
    try:
        if path.is_dir():
            for inside, (name, size) in sorted(_walk(path).items()):
                if name and not _junk(inside):
                    changed = os.stat(path / inside).st_mtime_ns
                    digest.update(f"{inside}\0{size}\0{changed}\n".encode(errors="surrogateescape"))
        else:
            for file in _tables(path):
                _check_size(file)
                digest.update(sha256(file).encode())
    except OSError as error:
        raise failure(f"{error.filename or path}: cannot be read ({error.strerror})") from None
    return digest.hexdigest()
