"""Food-11: photos of dishes in eleven groups (Singla et al. 2016, doi:10.1145/2986035.2986039)."""

import re

from helpers.datasets.images import read_splits
from helpers.datasets.source import SPLITS, Source
from helpers.datasets.splits import Raw

CLASSES = ("Bread", "Dairy product", "Dessert", "Egg", "Fried food", "Meat")
CLASSES += ("Noodles-Pasta", "Rice", "Seafood", "Soup", "Vegetable-Fruit")
COUNTS = {"train": 9_866, "validation": 3_430, "test": 3_347}
SIZE = 128
EXPECTED = "training/<class>/<n>.jpg, validation and evaluation (a folder or an archive), or the course's flat "
EXPECTED += "training/<class number>_<n>.jpg, validation and testing/<n>.jpg"


def fits(source: Source) -> bool:
    """Whether there is a folder training, and most of its images are of Food-11's classes."""
    own = [name for name in source.images if name.lower().startswith("training/")]
    return 2 * sum(_index(_place(name)[1]) is not None for name in own) > len(own)


def read(source: Source, size: int | None) -> Raw:
    """Read Kaggle's folders or the course's flat layout, every photo as size x size RGB (default 128).

    The title is Food-11 only if the numbers of images are Food-11's own. Faults are noted in the source.
    """
    places = {name: _place(name) for name in source.images}
    splits = read_splits(source, places, CLASSES, _index, size=size or SIZE)
    own = {split: len(found) for split, found in splits.items() if found is not None} == COUNTS
    return Raw(CLASSES, splits, title="Food-11" if own else None)


def _place(name: str) -> tuple[str | None, str | None]:
    """The split and the class's name, None for an unlabelled photo."""
    parts = name.split("/")
    split = SPLITS.get(parts[0].lower())
    if len(parts) > 2:
        return split, parts[-2]
    flat = re.fullmatch(r"(\d{1,2})_\d+\.\w+", parts[-1], re.ASCII)
    number = int(flat[1]) if flat else None
    return split, number and parts[-1] if number not in range(len(CLASSES)) else CLASSES[number]


def _index(label: str | None) -> int | None:
    known = {_letters(title): index for index, title in enumerate(CLASSES)}
    return known.get(_letters(label or ""))


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.lower()))
