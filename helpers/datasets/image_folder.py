"""Anybody's images: train/<class>/*, or only <class>/*, or a table of file names and labels."""

from collections import defaultdict

from helpers.datasets.faults import failure, listing
from helpers.datasets.images import read_splits
from helpers.datasets.listed import read_listed
from helpers.datasets.source import SPLITS, Source, composed, split_of
from helpers.datasets.splits import Raw

EXPECTED = "train/<class>/<any name>.jpg, with or without validation and test folders of the same classes, "
EXPECTED += "or only <class>/<any name>.jpg (a folder or an archive)"


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
    folder at the top is a class of train. What else lies at hand is refused: several data sets, folders of the same
    folders, a table that names the images but not their classes.
    """
    parts, inner = _parts(source.images)
    deep = {name: one for name, one in parts.items() if len(one) > 2}
    where = {name: (split_of(one[0]), None) for name, one in parts.items()}
    where |= {name: (where[name][0], one[1]) for name, one in deep.items()}
    turned = {name: (SPLITS.get(one[1].lower()), one[0]) for name, one in deep.items()}
    classes = {label for split, label in where.values() if split == "train" and label}
    if len(classes) > (1 if source.tables else 0):  # else a table may tell more
        bare = {name for name, (split, label) in where.items() if split and not label}
        listed = read_listed(source)[0] if bare and source.tables else {}
        return _settled(where | {name: listed[name] for name in bare & listed.keys()}), ""
    if any(split == "train" for split, _ in turned.values()):
        sets = {one[0] for name, one in deep.items() if turned[name][0] == "train" and len(one) > 3}
        if sets:
            raise failure(f"{source.path.name}: splits are in {listing(sets)}; pass one of them")
        return _settled(turned), ""
    listed, why = read_listed(source)
    if any(label for _, label in listed.values()):
        unlabelled = {name: ("test", None) for name in source.images if where[name][0] == "test"}
        note = f"The classes are those that {', '.join(source.tables)} gives."
        return _settled(unlabelled | listed), note
    for table, sentence in why.items():
        source.fault(sentence, table)
    if len(same := set.intersection(*inner.values()) if len(inner) > 1 else ()) > 1:
        why = f"{listing(inner)} hold the same folders, {listing(same)}; if these are the classes"
        source.fault(f"{why}, call them train, validation and test, or pass one of them")
    flat = {}
    for name in filter(lambda name: "/" in name, parts):
        split = SPLITS.get(parts[name][0].lower().rstrip("0123456789"))
        flat[name] = (split or "train", None if split else parts[name][0])
    note = "There is no folder train: every folder at the top is taken for a class of it."
    return _settled(flat), note


def _parts(images: list[str]) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """The parts of the images' paths, without a second folder that is no class, as it is alone in every first.

    Such are those of ``seg_train/seg_train/<class>``, ``train/images/<class>`` and ``test/unknown``.

    Returns:
        image -> parts, and first folder -> second folders, "" for files.
    """
    parts, inner = {name: name.split("/") for name in images}, defaultdict(set)
    for one in filter(lambda one: len(one) > 1, parts.values()):
        inner[one[0]].add(one[1] if len(one) > 2 else "")
    classes = {one[1] for one in parts.values() if len(one) == 3 and split_of(one[0]) == "train"}
    classes.update(*(names for names in inner.values() if len(names) > 1))
    classes = {composed(name).casefold() for name in classes}
    for name, (top, *rest) in parts.items():
        known = composed(rest[0]).casefold() in classes if rest else True
        if len(rest) > 1 and not known and (split_of(top) or not split_of(rest[0])):
            parts[name] = [top, *rest[1:]]
    return parts, inner


def _settled(where: dict) -> dict[str, tuple[str, str | None]]:
    """The classes' names as they are shown, those of other splits as train spells them."""
    names = {composed(label) for split, label in where.values() if split == "train" and label}
    folded, settled = {}, {}
    for name in names:
        folded[name.casefold()] = None if name.casefold() in folded else name
    for image, (split, label) in where.items():
        if split:
            label = label and composed(label)
            known = not label or label in names
            settled[image] = (split, label if known else folded.get(label.casefold()) or label)
    return settled


def _note_folders(source: Source) -> None:
    full = set().union(*(name.split("/")[:2] for name in (*source.images, *source.tables)))
    for folder in sorted(source.folders - {"."}):
        top, _, rest = folder.partition("/")
        name = rest if split_of(top) == "train" else top * (not rest and not split_of(top))
        if name and "/" not in name and name not in full:
            source.faults.remark("empty", [folder])
