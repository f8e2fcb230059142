"""The knobs of a report: KEY=VALUE words, checked one by one."""

import difflib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from helpers import ROOT
from helpers.errors import UserError
from helpers.files import sha256
from helpers.run import FOLDER_NAME, LAB

KNOBS = {
    "DATASET": "the data set: faces (drawn, the default), fer2013, food11, or an image folder in data/",
    "DATA": "where the data is: a folder, .zip or .csv; data/<DATASET> by default",
    "EPOCHS": "upper bound of every training, 1 or more",
    "SEED": "seed of every random generator; by default 0, or a number made from the student id in report.toml; "
    "networks shipped with the workbook stay",
    "QUICK": "1 for the small recipe: under three minutes, accuracies mean nothing",
    "SIZE": "side of the images in pixels, 8 to 1024, where the data set leaves it open",
    "RETRAIN": "1 to train afresh what is shipped with the workbook (data/pretrained)",
    "RUN": "the folder of results in reports/; DATASET by default",
    "MODEL": "a network trained elsewhere, .keras or .h5, to explain instead of training one",
    "RANGE": "the pixel range that MODEL was trained on: 0..255 (the default), 0..1 or -1..1",
    "HISTORY": "the training curves of MODEL, .csv or .json as Keras writes them",
}
RANGES = ("0..255", "0..1", "-1..1")


@dataclass(frozen=True)
class Knobs:
    """What a report was asked for; ``data`` as typed, the rest checked.

    Attributes:
        student_seed: the seed that follows from the student id in report.toml, which takes the default's place.
    """

    dataset: str = "faces"
    data: str | None = None
    epochs: int | None = None
    seed: int = 0
    quick: bool = False
    size: int | None = None
    run: str = "faces"
    retrain: bool = False
    student_seed: int | None = None
    model: str | None = None
    pixel_range: str | None = None
    history: str | None = None

    @property
    def path(self) -> Path | None:
        """The data's absolute path, or None; a relative one starts at the checkout."""
        return _path(self.data)

    @property
    def elsewhere(self) -> dict[str, Path]:
        """The absolute paths of a network trained elsewhere and of its curves, by parameter, if they are given."""
        given = {"model": _path(self.model), "curves": _path(self.history)}
        return {name: path for name, path in given.items() if path is not None}

    @property
    def choices(self) -> dict:
        """The parameters that can change a result, by knob; data and files go by their content.

        Raises:
            UserError: a file that is not there.
        """
        files = {name: f"{path.name} ({_digest(path)[:16]}…)" for name, path in self.elsewhere.items()}
        return {
            "DATASET": self.dataset,
            "EPOCHS": self.epochs,
            "SEED": self.seed,
            "QUICK": int(self.quick),
            "SIZE": self.size,
            "RETRAIN": int(self.retrain),
            "RUN": self.run,
            "MODEL": files.get("model"),
            "RANGE": self.pixel_range,
            "HISTORY": files.get("curves"),
        }

    @property
    def parameters(self) -> dict:
        """The parameters cell of every notebook, and what only notebook 01 knows of a network trained elsewhere."""
        return {
            "dataset": self.dataset,
            "data": None if self.data is None else str(self.path),
            "run": self.run,
            "seed": self.seed,
            "quick": self.quick,
            "size": self.size,
            "epochs": self.epochs,
            "retrain": self.retrain,
            "pixel_range": self.pixel_range or RANGES[0],
            **{name: str(path) for name, path in self.elsewhere.items()},
        }

    @property
    def command(self) -> str:
        """The command that asks for this report again; of a path that only this machine has, the last part."""
        chosen = {
            "DATASET": None if self.dataset == "faces" else self.dataset,
            "DATA": _typed(self.data),
            "EPOCHS": self.epochs,
            "SEED": self.seed if self.seed or self.student_seed else None,
            "QUICK": int(self.quick) or None,
            "SIZE": self.size,
            "RETRAIN": int(self.retrain) or None,
            "RUN": None if self.run == self.dataset else self.run,
            "MODEL": _typed(self.model),
            "RANGE": self.pixel_range,
            "HISTORY": _typed(self.history),
        }
        words = [f"{knob}={value}" for knob, value in chosen.items() if value is not None]
        return shlex.join(["make", "report", *words])


def parse(words: list[str], seed: int | None = None) -> Knobs:
    """KEY=VALUE words as Knobs; an empty value leaves the default.

    Args:
        seed: that of the student id.

    Raises:
        UserError: no such knob (the nearest is named), or a wrong value.
    """
    given = {}
    for word in words:
        knob, equals, value = word.partition("=")
        if not equals:
            raise UserError(f"{word!r} is no knob: write KEY=VALUE, for example DATASET=fer2013")
        if knob not in KNOBS:
            near = difflib.get_close_matches(knob.upper(), KNOBS, 1, 0.5)
            meant = f"did you mean {near[0]}? " if near else ""
            raise UserError(f"no knob is called {knob!r}: {meant}The knobs are {', '.join(KNOBS)}")
        if value.strip():
            given[knob] = value.strip()
    dataset = given.get("DATASET", "faces")
    for knob in ("RANGE", "HISTORY"):
        if knob in given and "MODEL" not in given:
            raise UserError(f"{knob}={given[knob]} says something of a network: give it as well, MODEL=my.keras")
    if given.get("RANGE", RANGES[0]) not in RANGES:
        raise UserError(f"RANGE={given['RANGE']} is not possible: RANGE is {', '.join(RANGES[:-1])} or {RANGES[-1]}")
    return Knobs(
        dataset=_folder_name("DATASET", dataset),
        data=given.get("DATA"),
        epochs=_number("EPOCHS", given.get("EPOCHS"), 1, 100_000),
        seed=_number("SEED", given.get("SEED", str(seed or 0)), 0, 2**32 - 1),
        quick=_number("QUICK", given.get("QUICK", "0"), 0, 1) == 1,
        size=_number("SIZE", given.get("SIZE"), 8, 1024),
        retrain=_number("RETRAIN", given.get("RETRAIN", "0"), 0, 1) == 1,
        run=_run(given.get("RUN", dataset)),
        student_seed=seed,
        model=given.get("MODEL"),
        pixel_range=given.get("RANGE", RANGES[0]) if "MODEL" in given else None,
        history=given.get("HISTORY"),
    )


def _path(typed: str | None) -> Path | None:
    return None if typed is None else ROOT / Path(typed).expanduser()


def _typed(path: str | None) -> str | None:
    """A path as a command shows it: of one that only this machine has, the last part."""
    absolute = path is not None and Path(path).expanduser().is_absolute()
    return Path(path).name if absolute else path


def _digest(path: Path) -> str:
    if not path.is_file():
        raise UserError(f"{path.name} is not there, or no file: a relative path starts at the repository")
    return sha256(path)


def _number(knob: str, value: str | None, low: int, high: int) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", value) or not low <= int(value) <= high:
        allowed = "0 or 1" if (low, high) == (0, 1) else f"a whole number from {low} to {high}"
        raise UserError(f"{knob}={value} is not possible: {knob} is {allowed}")
    return int(value)


def _folder_name(knob: str, value: str) -> str:
    if not FOLDER_NAME.fullmatch(value):
        raise UserError(f"{knob}={value} is not possible: {knob} is a name, not a path, of letters, digits, - and _")
    return value


def _run(value: str) -> str:
    name = _folder_name("RUN", value)
    if name == LAB or name.startswith(f"{LAB}-"):
        raise UserError(f"RUN={name} is kept for notebooks opened by hand: choose another RUN")
    return name
