"""How good a saved network is on a data set: what ``python -m helpers.evaluation MODEL DATA [NAME]`` prints."""

import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import evaluation
from helpers.backend import import_keras
from helpers.command import carry_out
from helpers.datasets import Dataset, Split, open_path
from helpers.datasets.splits import NO_VALIDATION
from helpers.errors import UserError
from helpers.files import count_test_evaluation
from helpers.formats import Numbers
from helpers.options import BY_NAME
from helpers.places import all_runs
from helpers.stats import Estimate

USAGE = """python -m helpers.evaluation MODEL DATA [NAME] [RANGE=0..1] [CLASSES=alphabetical] [SIZE=64]

  MODEL    a network of stock Keras layers, .keras or .h5
  DATA     a folder, a .zip or a .csv, or the name of a data set (faces needs no file)
  NAME     read DATA as this data set instead of guessing: fer2013, food11, image_folder
  RANGE    the pixel range that MODEL was trained on: 0..255 (if not given), 0..1 or -1..1
  CLASSES  the order of MODEL's outputs: alphabetical, or names with commas; found out if not given
  SIZE     side of the images in pixels, where the data set leaves it open"""
NUMBERS = Numbers({"percent": "{} %", "interval": "{} to {}"}, {})
MEASURED = ["images", "accuracy (95 % interval)", "with its mirror image", "macro F1"]
OPTIONS, TYPED = ("RANGE", "CLASSES", "SIZE"), re.compile("[A-Z]+=")


def main(words: list[str]) -> int:
    """Print the table; returns the exit code, 2 for a fault that the user can mend."""
    return carry_out(words or ["--help"], USAGE, _show, "The same command prints it again.")


def _show(words: list[str]) -> int:
    for line in lines(*parse(words)):
        print(line)
    return 0


def parse(words: list[str]) -> tuple[Path, str, str | None, dict]:
    """The words of the command: network, data, name or None, and the options given.

    Raises:
        UserError: words that cannot be understood.
    """
    typed = dict(word.split("=", 1) for word in words if TYPED.match(word))
    plain = [word for word in words if not TYPED.match(word)]
    if unknown := [name for name in typed if name not in OPTIONS]:
        raise UserError(f"{unknown[0]}= is not known here, only {'=, '.join(OPTIONS)}=")
    if not 2 <= len(plain) <= 3:
        usage = USAGE.splitlines()[0]
        raise UserError(f"a network and a data set are needed, and perhaps its name: {usage}")
    path, data, name = (*plain, None)[:3]
    options = {key: BY_NAME[key].read(text) for key, text in typed.items() if text}
    return Path(path).expanduser(), data, name, options


def lines(path: Path, data: str, name: str | None, options: dict) -> Iterator[str]:
    """What there is to say of a network, part by part; arguments as ``parse`` gives them.

    Raises:
        UserError: a network or a data set that cannot be opened, or that do not fit each other.
    """
    if not path.exists():
        raise UserError(f"there is no file {path}: pass the path of a .keras or .h5 file")
    pixels = options.get("RANGE", "0..255")
    dataset = open_path(data, name, options.get("SIZE"))
    from helpers.networks import external  # loads Keras

    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # its advice on retracing helps nobody
    model, changes = external.adopt(path, pixels, dataset, options.get("CLASSES"))
    yield (
        f"{path.name} (Keras {import_keras().__version__}, {model.count_params():,} parameters, "
        f"pixels {pixels}) on {dataset.title}, {len(dataset.class_names)} classes"
    )
    yield from (f"- {note}" for note in dataset.notes)
    for change in changes:
        told = ", ".join(f"{key} {value}" for key, value in change.items() if key != "kind")
        yield f"- adapted: {change['kind'].replace('_', ' ')}{told and f' ({told})'}"
    try:
        external.check(model, dataset, path.name, pixels)
    except UserError as fault:
        yield f"Note: {fault}"
    splits, looked = _splits(dataset), _count(path, dataset)
    rows = {}
    for key, split in splits.items():
        rows |= split_rows(key, split, evaluation.predict(model, split.images), model)
    found = pd.DataFrame.from_dict(rows, orient="index", columns=MEASURED)
    yield "\n" + found.rename_axis(columns="split").to_string()
    if looked:
        yield f"\n{looked}"


def _splits(dataset: Dataset) -> dict[str, Split]:
    """The labelled splits but training, by the name that people know them by."""
    own = not any(note.startswith(NO_VALIDATION) for note in dataset.notes)
    official = dataset.name == "fer2013" and own
    names = ("PublicTest", "PrivateTest") if official else ("validation", "test")
    given = dict(zip(names, (dataset.validation, dataset.test), strict=True))
    return {name: split for name, split in given.items() if split and split.labelled}


def with_mirror(model, images: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Probabilities (n, classes), the mean of images (n, height, width, channels) and of their mirror images.

    Args:
        logits: of the images themselves, (n, classes).
    """
    mirrored = evaluation.predict(model, images[:, :, ::-1])
    return (evaluation.probabilities(logits) + evaluation.probabilities(mirrored)) / 2


def split_rows(name: str, split: Split, logits: np.ndarray, model) -> dict[str, list]:
    """A row for a split, and one without images that resemble training images, if there are any.

    Returns:
        by name: images, accuracy, accuracy of image and mirror image averaged, macro F1.
    """
    both, parts = with_mirror(model, split.images, logits), {name: np.arange(len(split))}
    if 0 < len(split.clean) < len(split):
        parts[f"{name} without duplicates"] = split.clean
    rows = {}
    for title, part in parts.items():
        labels, own = split.labels[part], logits[part]
        counts = evaluation.confusion(labels, own)
        f1 = evaluation.macro_f1(evaluation.per_class(counts, range(len(counts)), labels))
        shares = (shown(evaluation.accuracy(labels, each)) for each in (own, both[part]))
        rows[title] = [len(labels), *shares, f"{f1:.3f}"]
    return rows


def shown(share: Estimate) -> str:
    """Like ``81.2 % (78.6 to 83.5)``."""
    return NUMBERS.cell(share, "pct")


def _count(path: Path, dataset: Dataset) -> str:
    """Count the look at the test set, for the run whose network this is; what to say of it, if there is one."""
    if dataset.test is None:
        return ""
    if not dataset.test.labelled:
        return "The test split has no labels and was not looked at."
    reports, models = all_runs().resolve(), path.resolve().parent
    in_run = models.parent.parent == reports and models.name == "models"
    run = models.parent.name if in_run else ""
    file = count_test_evaluation(reports, run, "helpers.evaluation", path.stem, dataset.checksum)
    whose = f"for the run {run}" if run else "for the checkout (the network lies in no run)"
    return f"The test set was looked at: counted in {file.parent.name}/{file.name}, {whose}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
