"""Images whose classes stand in a table: ``id,label`` beside a folder of files, as Kaggle's competitions have it."""

import re
from typing import TYPE_CHECKING

from helpers.datasets.source import Source, split_of
from helpers.datasets.tables import chunks

if TYPE_CHECKING:
    import pandas as pd

LABELS = ("label", "labels", "class", "class_name", "category", "target", "emotion", "expression")
LABELS += ("breed", "species", "type", "y")
SPLIT = ("usage", "split", "set", "subset")
ABSENT = "Rows of a table that name no image there is, left out"


def read_listed(source: Source) -> dict[str, tuple[str, str | None]] | None:
    """Image -> (split, class or None), by the tables at the top; None if no table names the images.

    A table named train.csv speaks of the images in train/, if there is such a folder.
    """
    import pandas as pd  # slow

    found = {}
    for table in source.tables:
        frames = source.read(table, lambda stream, name=table: list(chunks(source, name, stream)))
        split = split_of(table.rpartition(".")[0])
        own = [name for name in source.images if split_of(name.split("/")[0]) == split]
        if frames:
            found |= _rows(source, pd.concat(frames), _known(own or source.images), split)
    return found if any(label for _, label in found.values()) else None


def _known(images: list[str]) -> dict[str, str | None]:
    """What a cell may call an image -> the image: its path, its file name, or that without its suffix."""
    known = {}
    for name in images:
        base = name.rpartition("/")[2]
        for key in {name, base, base.rpartition(".")[0]}:
            known[key] = None if key in known else name  # two files of this name: neither is meant
    return known


def _rows(source: Source, frame: "pd.DataFrame", known: dict, split: str | None) -> dict:
    """What one table says of the images; nothing if it names none."""

    def find(cell: str) -> str | None:
        cell = cell.strip().replace("\\", "/").removeprefix("./")
        return known.get(cell) or known.get(cell.rpartition("/")[2])

    shares = frame.head(100).map(find).notna().mean()
    if not len(frame) or shares.max() < 0.5:
        return {}
    column = shares.idxmax()
    others = [name for name in frame if not re.fullmatch(r"|index|unnamed.*", name)]
    others = [name for name in others if name != column]
    label = next((name for name in LABELS if name in others), None)
    kind = next((name for name in SPLIT if name in others), None)
    if label is None and len(others) == 1:
        label = others[0]
    if label is None and (words := _one_hot(frame[others])) is not None:
        label, frame = "label", frame.assign(label=words)
    images = frame[column].map(find)
    source.faults.remarks[ABSENT] += frame[column][images.isna()].tolist()
    found = {}
    for place, image in images.dropna().items():
        row = frame.loc[place]
        where = (kind and split_of(row[kind])) or split or split_of(image.split("/")[0]) or "train"
        found[image] = (where, (label and row[label].strip()) or None)
    return found


def _one_hot(frame: "pd.DataFrame") -> "pd.Series | None":
    """The column that holds the only 1 of each row, the others being 0; None where it is not so."""
    import pandas as pd

    numbers = frame.apply(pd.to_numeric, errors="coerce")
    if numbers.isin([0, 1]).all(axis=None) and (numbers.sum(axis=1) == 1).all():
        return numbers.idxmax(axis=1)
    return None
