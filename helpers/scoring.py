"""How good a saved network is on a data set: what ``python -m helpers.evaluation MODEL DATA [NAME]`` prints."""

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from helpers import ROOT, evaluation
from helpers.backend import import_keras
from helpers.calibration import calibration
from helpers.command import obey
from helpers.datasets import Dataset, Split, open_path
from helpers.datasets.splits import NO_VALIDATION
from helpers.display import text_table
from helpers.errors import UserError
from helpers.evaluation import Rate
from helpers.files import count_test_evaluation

USAGE = """python -m helpers.evaluation MODEL DATA [NAME] [RANGE=0..1] [SIZE=64]

  MODEL   a network of stock Keras layers, .keras or .h5
  DATA    a folder, a .zip or a .csv, or the name of a data set (faces needs no file)
  NAME    read DATA as this data set instead of guessing: fer2013, food11, image_folder
  RANGE   the pixel range that MODEL was trained on: 0..255 (if not given), 0..1 or -1..1
  SIZE    side of the images in pixels, where the data set leaves it open"""
OFFICIAL = {"validation": "PublicTest", "test": "PrivateTest"}  # splits of FER2013
CHECKED = 200  # images on which another pixel range or class order is tried


def main(words: list[str]) -> int:
    """Print the table; returns the exit code, 2 for a fault that the user can mend."""
    return obey(words or ["--help"], USAGE, _show, "The same command prints it again.")


def _show(words: list[str]) -> int:
    for line in lines(*parse(words)):
        print(line.replace("\u00a0", " "))  # so that a search for "80 %" finds it
    return 0


def parse(words: list[str]) -> tuple[Path, str, str | None, str, int | None]:
    """The words of the command: network, data, name or None, pixel range, size or None.

    Raises:
        UserError: words that cannot be understood.
    """
    knobs = dict(word.split("=", 1) for word in words if re.match(r"[A-Z]+=", word))
    plain = [word for word in words if not re.match(r"[A-Z]+=", word)]
    if unknown := [knob for knob in knobs if knob not in ("RANGE", "SIZE")]:
        raise UserError(f"{unknown[0]}= is not known here, only RANGE= and SIZE=")
    if not 2 <= len(plain) <= 3:
        raise UserError(f"a network and a data set are needed, and perhaps its name: {USAGE.splitlines()[0]}")
    size = knobs.get("SIZE") or None
    if size and not size.isdecimal():
        raise UserError(f"SIZE={size} is no number of pixels: pass SIZE=64, for example")
    name = plain[2] if len(plain) == 3 else None
    return Path(plain[0]).expanduser(), plain[1], name, knobs.get("RANGE") or "0..255", int(size) if size else None


def lines(path: Path, data: str, name: str | None, pixel_range: str, size: int | None) -> Iterator[str]:
    """What there is to say of a network, part by part; arguments as ``parse`` gives them.

    Raises:
        UserError: a network or a data set that cannot be opened, or that do not fit each other.
    """
    if not path.exists():
        raise UserError(f"there is no file {path}: pass the path of a .keras or .h5 file")
    dataset = open_path(data, name, size)
    from helpers import foreign  # loads Keras

    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # its advice on retracing helps nobody here

    model = foreign.adopt(path, pixel_range, dataset.validation.images[:32], len(dataset.class_names))
    yield (
        f"{path.name} (Keras {import_keras().__version__}, {model.count_params():,} parameters, pixels {pixel_range}) "
        f"on {dataset.title}, {len(dataset.class_names)} classes"
    )
    for note in dataset.notes:
        yield f"- {note}"
    if doubt := _doubt(foreign, model, dataset, path.name, pixel_range):
        yield f"Note: {doubt}"
    own = not any(note.startswith(NO_VALIDATION) for note in dataset.notes)
    names = OFFICIAL if dataset.name == "fer2013" and own else {}
    splits = {
        names.get(key, key): split
        for key, split in (("validation", dataset.validation), ("test", dataset.test))
        if split is not None and split.labelled and len(split)
    }
    looked = _count(path, dataset)
    logits = {key: evaluation.predict(model, split.images) for key, split in splits.items()}
    rows = [row for key, split in splits.items() for row in split_rows(key, split, logits[key], model)]
    yield "\n" + text_table(
        ["split", "images", "accuracy (95 % interval)", "with its mirror image", "macro F1", "calibration error"], rows
    )
    yield "\nRecall by class (95 % interval), all images of the split:"
    yield text_table(["class", *splits], recall_rows(dataset, splits, logits))
    if looked:
        yield f"\n{looked}"


def _doubt(foreign, model, dataset: Dataset, file: str, pixel_range: str) -> str:
    """Why the figures may mean nothing, or nothing."""
    split = dataset.validation
    try:
        part = split.take(evaluation.stratified(split.labels, CHECKED))
        foreign.check(model, part, dataset.class_names, file, pixel_range)
    except UserError as fault:
        return str(fault)
    return ""


def with_mirror(model, images: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Probabilities (n, classes), the mean of images (n, height, width, channels) and of their mirror images.

    Args:
        logits: of the images themselves, (n, classes).
    """
    mirrored = evaluation.predict(model, images[:, :, ::-1])
    return (evaluation.probabilities(logits) + evaluation.probabilities(mirrored)) / 2


def split_rows(name: str, split: Split, logits: np.ndarray, model) -> list[list]:
    """One row for a split, and one without the images that also stand in training, if there are any.

    Returns:
        rows of name, images, accuracy, accuracy of image and mirror image averaged, macro F1, and expected
        calibration error of the image alone.
    """
    both = with_mirror(model, split.images, logits)
    parts = {name: np.ones(len(split), bool)}
    if split.in_train is not None and split.in_train.any():
        parts[f"{name} without twins"] = ~split.in_train
    rows = []
    for title, part in parts.items():
        labels = split.labels[part]
        if not len(labels):
            continue
        counts = evaluation.confusion(labels, logits[part])
        f1 = evaluation.macro_f1(evaluation.per_class(counts, range(len(counts)), labels))
        rate, averaged = (str(evaluation.accuracy(labels, found[part])) for found in (logits, both))
        rows.append([title, len(labels), rate, averaged, f1, _error(labels, logits[part])])
    return rows


def _error(labels: np.ndarray, logits: np.ndarray) -> str:
    if len(labels) < 2:
        return "–"
    found = calibration(labels, logits)
    low, high = found.error_interval
    return f"{found.error:.3f} ({low:.3f} to {high:.3f})"


def recall_rows(dataset: Dataset, splits: dict[str, Split], logits: dict[str, np.ndarray]) -> list[list]:
    """Rows of a class and its recall in every split."""
    counts = [evaluation.confusion(split.labels, logits[key]) for key, split in splits.items()]
    return [
        [name, *(str(Rate(int(found[k, k]), int(found[k].sum()))) for found in counts)]
        for k, name in enumerate(dataset.class_names)
    ]


def _count(path: Path, dataset: Dataset) -> str:
    """Count the look at the test set, for the run whose network this is; what to say of it, if there is one."""
    if dataset.test is None:
        return ""
    if not dataset.test.labelled:
        return "The test split has no labels and was not looked at."
    reports = Path(os.environ.get("WORKBOOK_REPORTS") or ROOT / "reports").resolve()
    path = path.resolve()
    run = path.parent.parent.name if path.parent.parent.parent == reports and path.parent.name == "models" else ""
    file = count_test_evaluation(reports, run, "helpers.evaluation", path.stem, dataset.checksum)
    whose = f"for the run {run}" if run else "for the checkout (the network lies in no run)"
    return f"The test set was looked at: counted in {file.parent.name}/{file.name}, {whose}."
