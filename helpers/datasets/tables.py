"""FER2013 as text: fer2013.csv, icml_face_data.csv, and the course's train.csv and test.csv."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from helpers.datasets.archive import MAX_TABLE, Source
from helpers.datasets.base import Split
from helpers.datasets.faults import printable, quote
from helpers.files import write_atomic

SIDE = 48
USAGES = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
LAYOUTS = (("emotion", "pixels", "usage"), ("label", "feature"), ("id", "feature"))
HEADERS = "`emotion,pixels,Usage`, `label,feature` or `id,feature`"
MAX_LINE = 1 << 20
"""Characters that are read as one line; a row of pixels has 9,300."""


def read_table(source: Source, name: str, n_classes: int, split: str = "train") -> dict[str, Split | None]:
    """Read one CSV of 48x48 grey faces.

    Args:
        source: where it lies; every faulty cell is noted there.
        name: member of the source.
        n_classes: labels are 0..n_classes - 1.
        split: where labelled rows go that have no Usage; rows with an id always go to test.

    Returns:
        train, validation and test; None where the file has no row for it. The ids are
        ``train.csv:17`` (the row's line in the file) or, for unlabelled rows, ``test.csv:id=17``.
    """
    found = {usage: [] for usage in USAGES.values()}
    pixels = {usage: bytearray() for usage in USAGES.values()}

    def collect(stream: BinaryIO) -> None:
        for split_of_row, *row, image in _rows(source, name, stream, n_classes, split):
            found[split_of_row].append(row)
            pixels[split_of_row] += image.tobytes()

    source.read(name, collect, MAX_TABLE)
    return {usage: _split(pixels[usage], found[usage]) for usage in USAGES.values()}


def _split(pixels: bytearray, rows: list[tuple[int, str]]) -> Split | None:
    if not rows:
        return None
    labels, ids = zip(*rows, strict=True)
    images = np.frombuffer(pixels, np.uint8).reshape(-1, SIDE, SIDE, 1)
    return Split(images, np.array(labels, np.int64), np.array(ids, np.str_))


def _rows(source: Source, name: str, stream, n_classes: int, split: str) -> Iterator[tuple[str, int, str, np.ndarray]]:
    """Yield (split, label, id, pixels) of every sound row; the others are faults."""
    text, place = io.TextIOWrapper(stream, "utf-8-sig", newline=""), source.place(name)
    reader = csv.reader(iter(lambda: text.readline(MAX_LINE), ""))
    seen: dict[str, int] = {}
    try:
        layout, columns = _header(source, place, next(reader, []))
        for cells in reader if layout else ():
            if not cells:
                continue  # a blank line
            line = reader.line_num
            row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
            faults, image = _faults(row, cells, columns, n_classes), None
            if row.get(layout[1]) and len(cells) == len(columns):
                image = _pixels(row[layout[1]])
                faults += [image] if isinstance(image, str) else []
            if "id" in layout and row.get("id") and seen.setdefault(row["id"], line) != line:
                faults.append(f"the id {quote(row['id'])} stands in row {seen[row['id']]} already")
            for fault in faults:
                source.faults.add(f"{place}, row {line}: {fault}; mend the row or delete it")
            if not faults and layout[0] == "id":
                yield "test", -1, f"{Path(name).name}:id={printable(row['id'])}", image
            elif not faults:
                yield USAGES.get(row.get("usage"), split), int(row[layout[0]]), f"{Path(name).name}:{line}", image
    except UnicodeDecodeError:
        source.faults.add(f"{place}: not UTF-8 text from about row {reader.line_num + 1} on; save it as UTF-8")
    except csv.Error as error:
        source.faults.add(f"{place}, row {reader.line_num}: no CSV ({error}); mend the row or delete it")


def _faults(row: dict[str, str], cells: list[str], columns: list[str], n_classes: int) -> list[str]:
    """What is wrong with a row's cells, apart from the pixels."""
    if len(cells) != len(columns):
        return [f"{len(cells)} cells instead of {len(columns)}"]
    faults = [f"empty cell in the column {quote(column)}" for column, cell in row.items() if not cell]
    label, usage = row.get("emotion") or row.get("label"), row.get("usage")
    if label and label not in map(str, range(n_classes)):
        faults.append(f"label {quote(label)} instead of 0 to {n_classes - 1}")
    if usage and usage not in USAGES:
        faults.append(f"Usage {quote(usage)} instead of {', '.join(USAGES)}")
    return faults


def _header(source: Source, place: str, cells: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The layout that the first row announces, and its columns; ((), []) after noting the fault."""
    columns = [cell.strip().lower() for cell in cells]
    layout = next((layout for layout in LAYOUTS if set(layout) <= set(columns)), ())
    if not layout and not any(columns):
        source.faults.add(f"{place}: empty, without a header row; the first row must be {HEADERS}")
    elif not layout and any(column[:1].isdigit() for column in columns):
        source.faults.add(f"{place}: no header row; put {HEADERS} above the first row")
    elif not layout:
        source.faults.add(f"{place}: the header row is {quote(','.join(columns))}; it must be {HEADERS}")
    return layout, columns


def _pixels(text: str) -> np.ndarray | str:
    """2,304 numbers 0..255 as uint8, or what is wrong with them.

    All characters of a row are looked at together, which takes 60 µs; only a row that this does not
    understand is taken apart word by word.
    """
    raw = np.frombuffer(f"    {text} ".encode("ascii", "replace"), np.uint8)
    space, digit = raw == ord(" "), raw - np.uint8(ord("0"))
    ends = np.flatnonzero(space[1:] & ~space[:-1])
    tens, hundreds, thousands = (~space[ends - place] for place in (1, 2, 3))
    if len(ends) == SIDE * SIDE and (space | (digit < 10)).all() and not (tens & hundreds & thousands).any():
        values = digit[ends] + 10 * (digit[ends - 1] * tens).astype(np.int32)
        values += 100 * (digit[ends - 2] * (tens & hundreds)).astype(np.int32)
        if values.max() <= 255:
            return values.astype(np.uint8)
    return _pixels_slowly(text)


def _pixels_slowly(text: str) -> np.ndarray | str:
    words = text.split()
    if len(words) != SIDE * SIDE:
        return f"{len(words):,} pixels instead of {SIDE * SIDE:,}"
    values = []
    for number, word in enumerate(words, 1):
        if not (word.isascii() and word.isdigit()):
            return f"pixel {number:,} is {quote(word)}, not a whole number from 0 to 255"
        significant = word.lstrip("0") or "0"
        if len(significant) > 3 or int(significant) > 255:
            return f"pixel {number:,} is {quote(word)}, more than 255"
        values.append(int(significant))
    return np.array(values, np.uint8)


def write_prediction(path: Path, ids: Sequence[str], labels: Sequence[int]) -> Path:
    """Write ``id,label`` rows as the course's prediction.csv, atomically.

    Args:
        path: the file.
        ids: a test split's ids: of ``test.csv:id=17`` the part ``17`` is written, of
            ``testing/0017.jpg`` the part ``0017``.
        labels: predicted class indices, one an id.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "label"))
    for identity, label in zip(ids, labels, strict=True):
        _, mark, value = str(identity).partition(":id=")
        writer.writerow((value if mark else Path(str(identity)).stem, int(label)))
    return write_atomic(path, text.getvalue())
