"""FER2013: 35,887 grey 48x48 faces, seven expressions (Goodfellow et al. 2013, arXiv:1307.0414)."""

from os.path import basename

from helpers.datasets.faults import failure
from helpers.datasets.image_folder import arrange
from helpers.datasets.images import read_splits, shape_of
from helpers.datasets.source import ARCHIVES, Source, split_of
from helpers.datasets.splits import Raw
from helpers.datasets.tables import SIDE, USAGES, header, holds_pixels, read_table
from helpers.datasets.words import meanings

TITLE = "FER2013"
CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
ALIASES = {word: CLASSES.index(name) for word, name in meanings("expressions").items()}
NUMBERED = ALIASES | {str(index): index for index in range(len(CLASSES))}
TABLES = ("fer2013.csv", "icml_face_data.csv", "train.csv")
EXPECTED = "train/<class>/Training_<id>.jpg and test/<class>/PublicTest_<id>.jpg (a folder or an archive), "
EXPECTED += "fer2013.csv, icml_face_data.csv, or the course's train.csv"


def fits(source: Source) -> bool:
    """Whether the names look like FER2013's, or a table holds pixels, or there is nothing but tables."""
    if any(map(_split, source.images)):
        return True
    if source.images or source.unread(*ARCHIVES):
        return bool(_tables(source)) or _emotions(source)
    return bool(source.tables)


def read(source: Source, size: int | None) -> Raw:
    """Read any of the formats in which FER2013 is passed around; one class order for all.

    The official splits go by the file name's prefix or the column Usage: Training, PublicTest
    (validation), PrivateTest (test); without prefixes by the folders. Faults are noted in the source.
    """
    if size not in (None, SIDE):
        raise failure(f"{source.path.name}: FER2013 is {SIDE}x{SIDE} pixels; leave SIZE out")
    official = any(map(_split, source.images))
    if not official and (not source.images or _tables(source)):
        return Raw(CLASSES, _read_tables(source), title=TITLE)
    places = {name: (_split(name), f"/{name}".split("/")[-2]) for name in source.images}
    places = places if official else arrange(source)[0]
    splits = read_splits(source, places, CLASSES, _index, size=SIDE, grey=True)
    public, notes = splits["validation"], []
    if splits["test"] is None and public and public.ids[0].split("/")[-3:-2] == ["test"]:
        notes.append("The folder test holds PublicTest, which is the validation set here.")
    return Raw(CLASSES, splits, title=TITLE if official else None, notes=notes)


def _split(name: str) -> str | None:
    """The official split, by the file name's prefix."""
    return USAGES.get(name.rpartition("/")[2].partition("_")[0].lower()) if "_" in name else None


def _index(label: str) -> int | None:
    return ALIASES.get(label.lower())


def _emotions(source: Source) -> bool:
    """Whether the classes are these expressions, and the first image is of FER2013's size."""
    if source.tables or not source.images:
        return False
    labels = {label for _, label in arrange(source)[0].values()} - {None}
    if set(map(_index, labels)) != set(range(len(CLASSES))):
        return False
    return shape_of(source, source.images[0]) == (SIDE, SIDE, 1)


def _tables(source: Source) -> list[str]:
    """The tables of pixels, those with a known name first."""
    found = [name for name in source.tables if holds_pixels(header(source, name))]
    rank = {name: place for place, name in enumerate(TABLES)}
    return sorted(found, key=lambda name: rank.get(basename(name).lower(), len(rank)))


def _read_tables(source: Source) -> dict:
    found = _tables(source)
    if not found:
        for name in source.tables:
            read_table(source, name, NUMBERED)  # it says what is wrong with the header
        return {}
    name, of = found[0], {split_of(one.rpartition(".")[0]): one for one in reversed(found)}
    of.pop(None, None)
    known, whole = basename(name).lower(), "train" in of and len(of) == len(found)
    if len(found) > 1 and not whole and known not in TABLES:
        source.fault(f"several CSV files of pixels, none named {', '.join(TABLES)}; pass one")
        return {}
    of = {"train": name} | of if whole or known == "train.csv" else {"train": name}
    splits, name = read_table(source, of["train"], NUMBERED), of["train"]
    for split in of.keys() - {"train"}:
        splits[split] = read_table(source, of[split], NUMBERED, split)[split]
    if splits["test"] and not splits["train"]:
        source.fault("no row has a label; call the column of labels `emotion` or `label`", name)
    source.faults.remark("tables", [one for one in source.tables if one not in of.values()])
    return splits
