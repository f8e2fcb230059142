"""FER2013: 35,887 grey 48x48 faces, seven expressions (Goodfellow et al. 2013, arXiv:1307.0414)."""

from helpers.datasets.archive import Source
from helpers.datasets.images import read_splits
from helpers.datasets.splits import Raw
from helpers.datasets.tables import SIDE, USAGES, read_table

TITLE = "FER2013"
CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
TABLES = ("fer2013.csv", "icml_face_data.csv", "train.csv")
EXPECTED = (
    "train/<class>/Training_<id>.jpg and test/<class>/PublicTest_<id>.jpg (a folder or a zip), "
    "fer2013.csv, icml_face_data.csv, or the course's train.csv"
)


def fits(source: Source) -> bool:
    """Whether the names look like FER2013; any CSV does where there is nothing else."""
    known = any(name.lower() in TABLES for name in source.tables)
    return known or bool(source.tables and not source.images) or any(map(_split, source.images))


def read(source: Source, size: int | None) -> Raw:
    """Read any of the formats in which FER2013 is passed around; one class order for all.

    The official splits go by the file name's prefix or the column Usage: Training, PublicTest
    (validation), PrivateTest (test). Faults are noted in the source.
    """
    if size not in (None, SIDE):
        source.faults.add(f"{source.path.name}: FER2013 is {SIDE}x{SIDE} pixels; leave SIZE out")
        source.faults.check()
    splits = _read_images(source) if any(map(_split, source.images)) else _read_tables(source)
    public, notes = splits.get("validation"), []
    if splits.get("test") is None and public is not None and public.ids[0].split("/")[-3:-2] == ["test"]:
        notes.append("The folder test holds PublicTest, which is the validation set here.")
    return Raw(CLASSES, splits, title=TITLE, notes=notes)


def _read_tables(source: Source) -> dict:
    known = {name.lower(): name for name in source.tables}
    name = next((known[name] for name in TABLES if name in known), source.tables[0])
    if name.lower() not in TABLES and len(known) > 1:
        source.faults.add(
            f"{source.path.name}: several CSV files, none named {' or '.join(TABLES)}; pass the one meant"
        )
        return {}
    splits = read_table(source, name, len(CLASSES))
    if name.lower() == "train.csv" and "test.csv" in known:
        splits["test"] = read_table(source, known["test.csv"], len(CLASSES), "test")["test"]
    return splits


def _read_images(source: Source) -> dict:
    plan = {split: [] for split in USAGES.values()}
    for name in source.images:
        folder = name.split("/")[-2].lower() if "/" in name else ""
        split = _split(name)
        if split is None:
            source.faults.add(
                f"{source.place(name)}: the name begins with none of Training_, PublicTest_, PrivateTest_; rename "
                "the file or delete it"
            )
        elif folder not in CLASSES:
            source.faults.add(
                f"{source.place(name)}: it lies in no folder named as one of the classes {', '.join(CLASSES)}; "
                "move the file or delete it"
            )
        else:
            plan[split].append((name, CLASSES.index(folder)))
    return read_splits(source, plan, grey=True, shape=(SIDE, SIDE))


def _split(name: str) -> str | None:
    """The official split, by the file name's prefix."""
    return USAGES.get(name.rpartition("/")[2].partition("_")[0])
