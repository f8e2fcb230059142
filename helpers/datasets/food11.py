"""Food-11: photos of dishes in eleven groups (Singla et al. 2016, doi:10.1145/2986035.2986039)."""

import difflib
import re

from helpers.datasets.archive import Source
from helpers.datasets.faults import quote
from helpers.datasets.images import read_splits
from helpers.datasets.splits import Raw

CLASSES = (
    "Bread",
    "Dairy product",
    "Dessert",
    "Egg",
    "Fried food",
    "Meat",
    "Noodles-Pasta",
    "Rice",
    "Seafood",
    "Soup",
    "Vegetable-Fruit",
)
SPLITS = {"training": "train", "validation": "validation", "evaluation": "test", "testing": "test"}
COUNTS = {"train": 9_866, "validation": 3_430, "test": 3_347}
SIZE = 128
EXPECTED = (
    "training/<class>/<n>.jpg, validation and evaluation (a folder or a zip), or the course's flat "
    "training/<class number>_<n>.jpg, validation and testing/<n>.jpg"
)


def fits(source: Source) -> bool:
    """Whether the names look like Food-11."""
    return any(name.lower().startswith("training/") for name in source.images)


def read(source: Source, size: int | None) -> Raw:
    """Read Kaggle's folders or the course's flat layout, every photo as size x size RGB (default 128).

    The title is Food-11 only if the numbers of images are Food-11's own. Faults are noted in the source.
    """
    plan = {split: [] for split in COUNTS}
    for name in source.images:
        split = SPLITS.get(name.split("/")[0].lower())
        if split is None:
            source.faults.add(
                f"{source.place(name)}: it lies in none of the folders {', '.join(SPLITS)}; move it there"
            )
        elif (label := _label(name, split)) is None:
            _note_class(source, name)
        else:
            plan[split].append((name, label))
    size = size or SIZE
    own = {split: len(files) for split, files in plan.items()} == COUNTS
    note = f"Every photo was resized to {size}x{size} pixels: the shorter side first, then the centre cut out."
    return Raw(CLASSES, read_splits(source, plan, size=size), title="Food-11" if own else None, notes=[note])


def _label(name: str, split: str) -> int | None:
    """The class index, -1 for an unlabelled test photo, None if the name tells no class."""
    parts = name.split("/")
    if len(parts) > 2:
        known = {_letters(title): index for index, title in enumerate(CLASSES)}
        return known.get(_letters(parts[-2]))
    if flat := re.fullmatch(r"(\d{1,2})_\d+\.\w+", parts[-1], re.ASCII):
        return int(flat[1]) if int(flat[1]) < len(CLASSES) else None
    return -1 if split == "test" else None


def _note_class(source: Source, name: str) -> None:
    parts = name.split("/")
    if len(parts) > 2:
        near = difflib.get_close_matches(parts[-2], CLASSES, 1)
        hint = f"rename the folder {quote(parts[-2])} to {near[0]}" if near else f"the classes are {', '.join(CLASSES)}"
        source.faults.add(f"{source.place(name)}: no class of Food-11; {hint}")
    else:
        source.faults.add(
            f"{source.place(name)}: the name is not <class number 0 to {len(CLASSES) - 1}>_<n>.jpg; rename the file"
        )


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.lower()))
