"""Faces as text: fer2013.csv, icml_face_data.csv, the competition's and a course's train.csv and test.csv."""

import csv
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from helpers.datasets.base import Split
from helpers.datasets.faults import Unfit, printable, quote
from helpers.datasets.source import Source, split_of
from helpers.datasets.words import WORDS
from helpers.files import write_atomic

if TYPE_CHECKING:
    import pandas as pd

SIDE = 48
USAGES = {"training": "train", "publictest": "validation", "privatetest": "test"}
COLUMNS = WORDS["columns"]
"""What is in a column -> what it may be called."""
HEADERS = "`emotion,pixels,Usage`, `label,feature` or `id,feature`"
BYTES = {str(value): value for value in range(256)}


def _layout(stream: BinaryIO) -> tuple[str, str, list[str]]:
    """A CSV's encoding, its separator, and its header's words in small letters; none where it is no text."""
    head = stream.read(1 << 17)
    stream.seek(0)
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not wide:
        return "", "", []
    encoding = "utf-16" if wide else "utf-8-sig"
    first = re.split(r"[\r\n]", head.decode(encoding, "ignore"), maxsplit=1)[0]
    separator = max(",;\t", key=first.count)
    cells = next(csv.reader([first], delimiter=separator, skipinitialspace=True), [])
    return encoding, separator, [cell.strip().lower() for cell in cells]


def header(source: Source, name: str) -> list[str]:
    """The words of a table's first row, in small letters; empty if there are none."""
    return source.read(name, lambda stream: _layout(stream)[-1]) or []


def chunks(source: Source, name: str, stream: BinaryIO) -> Iterator["pd.DataFrame"]:
    """The rows of a CSV as text, whatever separates them; the index is the row's number in the file.

    The columns are the header's words in small letters. Rows that are none are noted as faults.
    """
    import pandas as pd  # slow, and a report with nothing to do reads no table

    encoding, separator, columns = _layout(stream)
    if not (filled := [column for column in columns if column]):
        tar = tarfile.is_tarfile(stream)
        empty = f"no text with a header row; the first row must be {HEADERS}"
        source.fault("a tar archive: unpack it" if tar else empty, name)
        return
    if len({*filled}) < len(filled):
        source.fault("two columns have the same name; rename one, or put a header row on top", name)
        return
    how = {"encoding": encoding, "sep": separator, "header": None, "index_col": False}
    how |= {"dtype": str, "na_filter": False, "skip_blank_lines": False, "skipinitialspace": True}
    try:
        for frame in pd.read_csv(stream, chunksize=1_000, **how):
            frame.index, frame.columns = frame.index + 1, columns
            yield frame[frame.ne("").any(axis=1) & (frame.index > 1)]
    except UnicodeError:
        source.fault("not UTF-8 text; save it as UTF-8", name)
    except pd.errors.ParserError as error:
        source.fault(*_why(str(error), name))


def _why(error: str, name: str) -> tuple[str, str, int | None]:
    """What pandas has against a table, its name, and the row."""
    remedy = "mend the row or delete it"
    if cells := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", error):
        return f"{cells[3]} cells instead of {cells[1]}; {remedy}", name, int(cells[2])
    if row := re.search(r"EOF inside string starting at row (\d+)", error):
        return f"a quotation mark is never closed; {remedy}", name, int(row[1]) + 1
    return f"no CSV ({printable(error)[:80]}); get it again", name, None


def holds_pixels(columns: Sequence[str]) -> bool:
    """Whether a header is that of faces as text."""
    return bool(set(COLUMNS["pixels"]) & set(columns)) or len(_wide(columns)) > 700


def _wide(columns: Sequence[str]) -> list[str]:
    """The columns of one pixel each, in their order."""
    one = re.compile(r"(pixel|px|p|x|feature)?[_ .]?\d+")
    return [column for column in columns if one.fullmatch(column)]


def read_table(source: Source, name: str, classes: dict[str, int], split: str = "train") -> dict:
    """Read one CSV of 48x48 grey faces.

    Args:
        source: where it lies; every faulty row is noted there.
        name: member of the source.
        classes: what a label may be called (its number, or a name in small letters) -> its index.
        split: where labelled rows go that have no Usage; rows without a label go to test.

    Returns:
        train, validation and test, each a Split, or None where the file has no row for it. The ids
        are ``train.csv:17`` (the row's number in the file) or, for unlabelled rows,
        ``test.csv:id=17`` (the id, or where there is none the row's place from 0).
    """
    rows, splits = [], dict.fromkeys(USAGES.values())
    source.read(name, lambda stream: rows.extend(_rows(source, name, stream, classes, split)))
    for usage in splits:
        if own := [row for row in rows if row[0] == usage]:
            _, labels, ids, pixels = zip(*own, strict=True)
            images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, SIDE, SIDE, 1)
            splits[usage] = Split(images, np.array(labels, np.int64), np.array(ids, np.str_))
    return splits


def _rows(
    source: Source, name: str, stream: BinaryIO, classes: dict[str, int], split: str
) -> Iterator[tuple]:
    """Yield (split, label, id, pixels) of every sound row; the others are faults."""
    file, seen = Path(name).name, {}
    for frame in chunks(source, name, stream):
        faces, named = _columns(source, name, list(frame.columns))
        if not faces:
            return
        texts = frame[faces[0]] if len(faces) == 1 else frame[faces].agg(" ".join, axis=1)
        cells = frame[list(named)].rename(columns=named).to_dict("records")
        for line, text, row in zip(frame.index, texts, cells, strict=True):
            row = {what: cell.strip() for what, cell in row.items()}
            try:
                found = (*_row(row, classes, split, file, line), _pixels(text))
                if seen.setdefault(found[2], line) != line:
                    first = seen[found[2]]
                    raise Unfit(f"the id {quote(row['id'])} stands in row {first} already")
            except Unfit as why:
                source.fault(f"{why}; mend the row or delete it", name, line)
            else:
                yield found


def _columns(source: Source, name: str, columns: list[str]) -> tuple[list[str], dict[str, str]]:
    """The columns of pixels, none after noting the fault, and what is in the others, by their names."""
    found = {}
    for what, names in COLUMNS.items():
        found[what] = next((one for one in names if one in columns), None)
    faces = [found["pixels"]] if found["pixels"] else _wide(columns)
    fault = None
    if any(column[:1].isdigit() for column in columns if column not in faces):
        fault = f"no header row; put {HEADERS} above the first row"
    elif faces and len(faces) not in (1, SIDE * SIDE):
        fault = f"{len(faces):,} pixels a row; only faces of {SIDE}x{SIDE} are read from a CSV"
    elif not faces:
        fault = f"the header row is `{','.join(columns)[:60]}`; it must be {HEADERS}"
        fault += "; if it tells the classes of images, pass the folder that holds both"
    if fault:
        source.fault(fault, name)
    named = {column: what for what, column in found.items() if column and what != "pixels"}
    return [] if fault else faces, named


def _row(row: dict, classes: dict, split: str, file: str, line: int) -> tuple[str, int, str]:
    """A row's split, label and id."""
    for column, cell in row.items():
        if not cell:
            raise Unfit(f"empty cell in the column {quote(column)}")
    if "label" not in row:
        return "test", -1, f"{file}:id={printable(row.get('id', str(line - 2)))}"
    usage, label = row.get("usage", split), row["label"]
    found = split_of(usage)
    if not found:
        raise Unfit(f"Usage {quote(usage)} instead of Training, PublicTest, PrivateTest")
    number = classes.get(re.sub(r"\.0*$", "", label.lower()))
    if number is None:
        most = max(classes.values())
        hint = "(if they count from 1, subtract 1 everywhere)"
        hint = hint if label == str(most + 1) else f"or {', '.join(WORDS['expressions'])}"
        raise Unfit(f"label {quote(label)} instead of 0 to {most} {hint}")
    return found, number, f"{file}:{line}"


def _pixels(text: str) -> bytes:
    """2,304 numbers 0..255 as bytes."""
    values = [BYTES.get(word) for word in text.split()]
    if len(values) != SIDE * SIDE or None in values:  # numbers written in another way, or a fault
        words = re.sub(r"[\[\](),]", " ", text).split()
        if len(words) != SIDE * SIDE:
            raise Unfit(f"{len(words):,} pixels instead of {SIDE * SIDE:,}")
        values = [BYTES.get(re.sub(r"^0+(?=\d)|\.0*$", "", word)) for word in words]
        if None in values:
            place = values.index(None)
            what = f"pixel {place + 1:,} is {quote(words[place])}"
            raise Unfit(f"{what}, not a whole number from 0 to 255")
    return bytes(values)


def write_prediction(path: Path, ids: Sequence[str], labels: Sequence[int]) -> Path:
    """Write ``id,label`` rows as the course's prediction.csv, atomically.

    Args:
        path: the file.
        ids: a test split's ids: of ``test.csv:id=17`` the part ``17`` is written, of
            ``testing/0017.jpg`` the part ``0017``.
        labels: predicted class indices, one an id.
    """
    import pandas as pd

    names = [str(one).partition(":id=")[2] or Path(str(one)).stem for one in ids]
    table = pd.DataFrame({"id": names, "label": np.asarray(labels, int)})
    return write_atomic(path, table.to_csv(index=False, lineterminator="\n"))
