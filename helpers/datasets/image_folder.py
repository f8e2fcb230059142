"""Anybody's images: train/<class>/*, if there are any also validation/<class>/* and test/<class>/*."""

import numpy as np

from helpers.datasets.archive import Source
from helpers.datasets.base import Split
from helpers.datasets.faults import printable
from helpers.datasets.images import read_splits
from helpers.datasets.splits import Raw

SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "test": "test",
    "testing": "test",
}
EXPECTED = (
    "train/<class>/<any name>.jpg, with or without validation and test folders of the same classes (a folder or a zip)"
)


def fits(source: Source) -> bool:
    """Whether there are classes of images below train/."""
    return any(_split(name) == "train" and name.count("/") > 1 for name in source.images)


def read(source: Source, size: int | None) -> Raw:
    """Read the images as they are, or as size x size; grey if all are grey. Faults are noted in the source.

    The classes are the folders below train/, sorted. Test images that lie directly in test/ are unlabelled.
    """
    folders = _class_folders(source)
    classes = sorted(folders["train"])
    for split in ("validation", "test"):
        for name in sorted(folders[split] - folders["train"]):
            source.faults.add(
                f"{source.path.name}: the class {name} of {split} is not in train; the folders must agree"
            )
        for name in sorted(folders["train"] - folders[split]) if folders[split] else ():
            source.faults.add(
                f"{source.path.name}: the class {name} of train is not in {split}; the folders must agree"
            )
    plan, left_out = {"train": [], "validation": [], "test": []}, []
    for name in source.images:
        parts, split = name.split("/"), _split(name)
        if split == "test" and len(parts) == 2:
            plan[split].append((name, -1))
        elif split and len(parts) > 2 and parts[1] in folders["train"]:
            plan[split].append((name, classes.index(parts[1])))
        elif split is None or len(parts) == 2:
            left_out.append(name)
    splits = read_splits(source, plan, size=size)
    notes = []
    if size:
        notes.append(
            f"Every image was resized to {size}x{size} pixels: the shorter side first, then the centre cut out."
        )
    if left_out:
        notes.append(
            f"{len(left_out):,} images outside of the class folders were left out (first: {printable(left_out[0])})."
        )
    return Raw(tuple(map(printable, classes)), _grey_if_all_are(splits), notes=notes)


def _split(name: str) -> str | None:
    return SPLITS.get(name.split("/")[0].lower())


def _class_folders(source: Source) -> dict[str, set[str]]:
    """The folders' names below each split, those without an image included."""
    found = {split: set() for split in SPLITS.values()}
    for path in [*source.folders, *(name.rpartition("/")[0] for name in source.images)]:
        split = _split(path)
        if split and "/" in path:
            found[split].add(path.split("/")[1])
    return found


def _grey_if_all_are(splits: dict[str, Split | None]) -> dict[str, Split | None]:
    """One channel instead of three where every pixel of every image is grey."""
    for split in filter(None, splits.values()):
        for image in split.images:
            if (image != image[..., :1]).any():
                return splits
    return {
        name: split and Split(np.ascontiguousarray(split.images[..., :1]), split.labels, split.ids)
        for name, split in splits.items()
    }
