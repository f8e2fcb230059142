"""Images whose classes stand in a table: ``id,label`` beside a folder of files, as Kaggle's competitions have it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from helpers.datasets.faults import Unfit, listing, quote
from helpers.datasets.source import IMAGES, Source, split_of, suffix
from helpers.datasets.tables import COLUMNS, chunks
from helpers.datasets.words import WORDS

if TYPE_CHECKING:
    import pandas as pd


def read_listed(source: Source) -> tuple[dict[str, tuple[str, str | None]], dict[str, str]]:
    """What the tables say of the images.

    A table in a folder of images, or named as one of a split (train.csv), speaks of the images in that folder.

    Returns:
        image -> (split, class or None), and table -> why it tells no classes though it names the images.
    """
    import pandas as pd  # slow

    found, why = {}, {}
    for table in source.tables:
        frames = source.read(table, lambda stream, name=table: list(chunks(source, name, stream)))
        split, folder = split_of(table.rpartition(".")[0]), table[: table.rfind("/") + 1]
        near = [name for name in source.images if name.startswith(folder)] or source.images
        own = [name for name in near if split_of(name.split("/")[0]) == split] or near
        if frames:
            try:
                found |= _rows(source, table, pd.concat(frames), _known(own), split)
            except Unfit as unfit:
                why[table] = str(unfit)
    return found, why


def _tails(path: str) -> Iterator[str]:
    """What a path may be called, from the longest: its ends, and its file's name without suffix and leading zeros."""
    parts = path.strip().lower().replace("\\", "/").split("/")
    for start in range(len(parts)):
        yield "/".join(parts[start:])
    end = suffix(parts[-1])
    yield re.sub(r"^0+(?=\d)|\.0$", "", parts[-1].removesuffix(end if end in IMAGES else ""))


def _known(images: list[str]) -> dict[str, str]:
    """What a cell may call an image -> the image."""
    known = {}
    for name in images:
        for tail in {*_tails(name)}:
            known[tail] = "" if tail in known else name  # two files of this name: neither is meant
    return known


def _rows(source: Source, table: str, frame: "pd.DataFrame", known: dict, split: str | None):
    """What one table says of the images; nothing if it names none.

    Raises:
        Unfit: it names images, but not their classes.
    """

    def find(cell: str) -> str | None:
        return next((known[tail] for tail in _tails(cell) if known.get(tail)), None)

    if any(suffix(name) in IMAGES and find(name) for name in frame):
        raise Unfit("no header row; put one above the first row, for example file,label")
    named = frame.map(find).nunique()
    column = named.idxmax()
    if 2 * named[column] <= min(len(frame), len({*known.values()})):
        return {}
    others = {name: re.sub(r"[\W_]", "", name) for name in frame if name != column}
    others = {name: word for name, word in others.items() if not re.match("$|index$|unnamed", word)}
    kind = next((name for name in others if others[name] in (*COLUMNS["usage"], "dataset")), None)
    others.pop(kind, None)
    exact = [name for word in WORDS["listed"]["label"] for name in others if others[name] == word]
    choice = exact[:1] or [name for name in others if re.search("class|label", name)] or [*others]
    label = choice[0] if len(choice) == 1 else None
    ones, noughts = (frame[[*others]].isin([digit, f"{digit}.0"]) for digit in "10")
    if len(others) > 1 and (ones | noughts).all(axis=None) and (ones.sum(axis=1) == 1).all():
        label, frame = "label", frame.assign(label=ones.idxmax(axis=1))
    if label is None and others and split != "test":
        remedy = "rename the one of the classes, or take the table away"
        raise Unfit(f"none of its columns {listing(others)} is called label; {remedy}")
    images = frame[column].map(find)
    source.faults.remark("absent", frame[column][images.isna()].tolist())
    found = {}
    for place, image in images.dropna().items():
        row = frame.loc[place]
        where = (kind and split_of(row[kind])) or split or split_of(image.split("/")[0]) or "train"
        told = where, (label and row[label].strip()) or None
        if found.setdefault(image, told) != told:
            cell = quote(row[column])
            source.fault(f"{cell} has another class in another row; delete one", table, place)
    return found
