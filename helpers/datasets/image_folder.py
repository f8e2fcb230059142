"""Anybody's images: train/<class>/*, or only <class>/*, or a table of file names and labels."""

from helpers.datasets.images import read_splits
from helpers.datasets.listed import read_listed
from helpers.datasets.source import SPLITS, Source, composed, split_of
from helpers.datasets.splits import Raw

EXPECTED = (
    "train/<class>/<any name>.jpg, with or without validation and test folders of the same classes, "
    "or only <class>/<any name>.jpg (a folder or an archive)"
)
EMPTY = "Folders without an image that can be read, which are no classes"


def fits(source: Source) -> bool:
    """Whether there are images in folders, or a table that names them."""
    return any("/" in name for name in source.images) or bool(source.images and source.tables)


def read(source: Source, size: int | None) -> Raw:
    """Read the images as they are, or as size x size; grey if all are grey. Faults are noted in the source.

    The classes are the folders below train/, sorted. Test images that lie directly in test/ are unlabelled.
    """
    places, note = arrange(source)
    classes = sorted({label for split, label in places.values() if split == "train" and label})
    if not classes:
        held = ", ".join(sorted({name.split("/")[0] for name in source.images}))
        why = f"no class folders in train, only images in {held}, and no table that tells their classes"
        source.fault(f"{why}; put them into train/<class>/")
    _note_folders(source)
    numbers = {name: number for number, name in enumerate(classes)}
    splits = read_splits(source, places, classes, numbers.get, size=size)
    return Raw(tuple(classes), splits, notes=[note] if note else [])


def arrange(source: Source) -> tuple[dict[str, tuple[str, str | None]], str]:
    """Which split and class (None if there is none) images belong to, and a note on how that was found.

    Splits are folders with classes below them, or below each class; else a table tells the classes; else each
    folder at the top is a class of train.
    """
    parts = {name: _parts(name) for name in source.images}
    where = {}
    for name, one in parts.items():
        where[name] = (split_of(one[0]), one[1] if len(one) > 2 else None)
    if any(split == "train" and label for split, label in where.values()):
        return _settled(where), ""
    deep = {name: one for name, one in parts.items() if len(one) > 2}
    turned = {name: (SPLITS.get(one[1].lower()), one[0]) for name, one in deep.items()}
    if any(split == "train" for split, _ in turned.values()):
        return _settled(turned), ""
    if listed := read_listed(source) if source.tables else None:
        unlabelled = {name: ("test", None) for name in source.images if where[name][0] == "test"}
        note = f"The classes are those that {', '.join(source.tables)} gives."
        return _settled(unlabelled | listed), note
    tops = {name: one[0] for name, one in parts.items() if len(one) > 1}
    flat = {name: ("train", top) for name, top in tops.items() if top.lower() not in SPLITS}
    flat |= {name: (SPLITS[top.lower()], None) for name, top in tops.items() if name not in flat}
    note = "There is no folder train: every folder at the top is taken for a class of it."
    return _settled(flat), note


def _parts(name: str) -> list[str]:
    """The path's parts; a folder in a folder of its own name, as unpacking makes it, counts once."""
    parts = name.split("/")
    return parts[1:] if len(parts) > 2 and parts[0] == parts[1] else parts


def _settled(where: dict) -> dict[str, tuple[str, str | None]]:
    """The classes' names as they are shown, those of other splits as train spells them."""
    where = {
        name: (split, label and composed(label)) for name, (split, label) in where.items() if split
    }
    names = {label for split, label in where.values() if split == "train" and label}
    folded = {}
    for name in names:
        folded[name.casefold()] = None if name.casefold() in folded else name
    settled = {}
    for image, (split, label) in where.items():
        known = not label or label in names
        settled[image] = (split, label if known else folded.get(label.casefold()) or label)
    return settled


def _note_folders(source: Source) -> None:
    full = set().union(*(name.split("/")[:2] for name in source.images))
    for folder in sorted(source.folders - {"."}):
        top, _, rest = folder.partition("/")
        name = rest if split_of(top) == "train" else top * (not rest and not split_of(top))
        if name and "/" not in name and name not in full:
            source.faults.remarks[EMPTY].append(folder)
