"""The options of a report: one table, from which come the parser, the checks, the help, the README's table, the
notebooks' parameters and what the manifest says of them. Needs nothing but Python itself.
"""

import difflib
import os
import re
import shlex
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers import ROOT, kinds
from helpers.errors import UserError
from helpers.files import sha256
from helpers.kinds import FLAG, LAB, PATH, Kind, languages, one_of, whole


@dataclass(frozen=True)
class Option:
    """An option.

    Attributes:
        parameter: its name in a notebook's parameters; empty for what no notebook knows.
        example: a value, for the help.
        default: of the value; that of RUN, SEED and SEEDS may follow from others.
        reruns: whether another value runs a notebook again that has this parameter; data goes by its content.
    """

    name: str
    parameter: str
    kind: Kind
    example: str
    what: str
    default: object = None
    reruns: bool = True

    def read(self, text: str):
        """The value of a typed text."""
        try:
            return self.kind.read(text)
        except (ValueError, LookupError):
            fault = f"{self.name}={text} is not possible: {self.name} is {self.kind.typed}"
        raise UserError(fault)

    def write(self, value) -> str | None:
        return None if value is None else self.kind.write(value)


OPTIONS = (
    Option("DATASET", "dataset", kinds.DATA_SET, "fer2013",
           "the data set: faces (drawn, the default), fer2013, food11, image_folder, or a folder of images in data/",
           "faces"),
    Option("DATA", "data", PATH, "path",
           "where the data is: a folder, .zip or .csv; data/<DATASET> if not given", reruns=False),
    Option("EPOCHS", "epochs", whole(1, 100_000), "3", "the most epochs any training may take"),
    Option("SEED", "seed", kinds.SEED, "1",
           "seed of every random generator; 0 if not given, or made from the student id in report.toml; "
           "networks that come with the workbook stay", 0),
    Option("QUICK", "quick", FLAG, "1",
           "1 for a small recipe, under three minutes: shows that everything runs; its accuracies mean nothing", False),
    Option("SIZE", "size", whole(8, 1024), "96",
           "side of the images in pixels, 8 to 1024, where the data set leaves it open"),
    Option("RETRAIN", "retrain", FLAG, "1", "1 to train afresh what comes with the workbook", False),
    Option("RUN", "run", kinds.NAME, "name", "the folder of results in reports/; DATASET if not given"),
    Option("SEEDS", "seeds", kinds.SEEDS, "0,1,2",
           "seeds of the trainings that notebook 12 compares; only SEED if not given"),
    Option("MODEL", "model", PATH, "my.keras",
           "a network trained elsewhere, .keras or .h5, to explain instead of training one"),
    Option("RANGE", "pixel_range", one_of("0..255", "0..1", "-1..1"), "0..1",
           "the pixel range that MODEL was trained on: 0..255 (if not given), 0..1 or -1..1", "0..255"),
    Option("CLASSES", "classes", kinds.CLASSES, "alphabetical",
           "the order of MODEL's classes: alphabetical, or their names with commas between them; "
           "found out if not given"),
    Option("HISTORY", "curves", PATH, "log.csv", "the training curves of MODEL, .csv or .json as Keras writes them"),
    Option("LANGUAGE", "", one_of(*languages()), "zh-TW",
           "the language of the report: en or zh-TW; that of report.toml, or en, if not given",
           reruns=False),
    Option("CLUSTER", "cluster", kinds.CLUSTER, "local:4",
           "where notebook 12 trains and the desk works: local:N in N processes here, or tcp://host:port of a "
           "Dask scheduler; one training after the other if not given", reruns=False),
)  # fmt: skip
BY_NAME = {option.name: option for option in OPTIONS}
BY_PARAMETER = {option.parameter: option for option in OPTIONS if option.parameter}
FILES = ("DATA", "MODEL", "HISTORY")
OF_MODEL = ("RANGE", "CLASSES", "HISTORY")


class Options:
    """What a report was asked for: checked values, as attributes in small letters (``options.quick``).

    Args:
        given: values by option; the others have their defaults.
        student_seed: the seed that follows from the student id in report.toml, which takes the default's place.
    """

    def __init__(self, given: dict[str, object], student_seed: int | None = None):
        values = {option.name: given.get(option.name, option.default) for option in OPTIONS}
        values["RUN"] = values["RUN"] or values["DATASET"]
        values["SEED"] = given.get("SEED", student_seed or 0)
        values["SEEDS"] = values["SEEDS"] or [values["SEED"]]
        self.values, self.given, self.student_seed = values, given, student_seed

    def __getattr__(self, name: str):
        try:
            return self.__dict__["values"][name.upper()]
        except KeyError:
            raise AttributeError(name) from None

    def path(self, name: str) -> Path | None:
        """The absolute path of DATA, MODEL or HISTORY, or None; a relative one starts at the checkout."""
        value = self.values[name]
        return None if value is None else ROOT / os.path.expanduser(value)

    @property
    def parameters(self) -> dict:
        """What the parameters cell of a notebook is overruled with, as far as it has such names."""
        paths = {name: str(self.path(name)) for name in FILES if self.values[name]}
        return {name: (self.values | paths)[each.name] for name, each in BY_PARAMETER.items()}

    @property
    def told(self) -> dict:
        """The parameters as a manifest may tell them: of paths, the last part."""
        paths = [name for name in FILES if self.values[name]]
        return self.parameters | {BY_NAME[name].parameter: self.path(name).name for name in paths}

    def choices(self, parameters: Iterable[str]) -> dict[str, str | None]:
        """What can change the results of a notebook with these parameters, by option; files go by their content.

        Raises:
            UserError: a file that is not there.
        """
        options = [BY_PARAMETER[name] for name in parameters if name in BY_PARAMETER]
        chosen = {o.name: o.write(self.values[o.name]) for o in options if o.reruns}
        for name in {"MODEL", "HISTORY"} & chosen.keys():
            path = self.path(name)
            if path and not path.is_file():
                raise UserError(
                    f"{path.name} is not there, or no file: a relative path starts at the repository"
                )
            chosen[name] = path and f"{path.name} ({sha256(path)[:16]}…)"
        return chosen

    @property
    def command(self) -> str:
        """The command that asks for this report again; of a path that only this machine has, the last part."""
        usual = {option.name: option.default for option in OPTIONS}
        usual |= {"RUN": self.dataset, "SEEDS": [self.seed]}
        usual |= {"SEED": None} if self.student_seed else {}
        words = []
        for name, value in self.values.items():
            if value not in (None, usual[name]) and (name in self.given or name == "SEED"):
                text = BY_NAME[name].write(value)
                absolute = name in FILES and os.path.isabs(os.path.expanduser(text))
                words.append(f"{name}={Path(text).name if absolute else text}")
        return shlex.join(["make", "report", *words])


def parse(words: Iterable[str], student_seed: int | None = None) -> Options:
    """KEY=VALUE words as Options; an empty value leaves the default.

    Raises:
        UserError: no such option (the nearest is named), a wrong value, or data of no known kind.
    """
    given = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise UserError(f"{word!r} is no option: write KEY=VALUE, for example DATASET=fer2013")
        if name not in BY_NAME:
            near = difflib.get_close_matches(name.upper(), BY_NAME, 1, 0.5)
            meant = f"did you mean {near[0]}? " if near else ""
            raise UserError(
                f"no option is called {name!r}: {meant}The options are {', '.join(BY_NAME)}"
            )
        if text.strip():
            given[name] = BY_NAME[name].read(text.strip())
    for name in OF_MODEL:
        if name in given and "MODEL" not in given:
            raise UserError(f"{name} says something of a network: give it as well, MODEL=my.keras")
    if "DATA" in given and "DATASET" not in given:
        from helpers.datasets import recognise

        given["DATASET"] = recognise(ROOT / os.path.expanduser(given["DATA"]))
    options = Options(given, student_seed)
    if options.run == LAB or options.run.startswith(f"{LAB}-"):
        raise UserError(f"RUN={options.run} is kept for notebooks opened by hand: choose another")
    return options


def check_parameters(**values) -> dict:
    """A notebook's parameters as they are to be taken; ``notebook`` and ``reports`` pass unchecked.

    Raises:
        UserError: a parameter that there is not, or a value of the wrong kind, in one sentence.
    """
    checked = {name: values.pop(name) for name in ("notebook", "reports") if name in values}
    for name, value in values.items():
        option = BY_PARAMETER.get(name)
        if option is None:
            near = difflib.get_close_matches(name, BY_PARAMETER, 1, 0.5)
            raise UserError(
                f"there is no parameter {name}" + (f": did you mean {near[0]}?" if near else "")
            )
        # A run's name has no default here: by hand it is "lab".
        optional = option.default is None and name != "run"
        if value is None and optional:
            checked[name] = None
            continue
        if not option.kind.fits(value):
            none = ", or None" if optional else ""
            raise UserError(f"{name} must be {option.kind.coded}{none}, not {_shown(value)}")
        checked[name] = value if option.kind is PATH else option.kind.read(option.kind.write(value))
    return checked


def in_a_notebook(text: str) -> str:
    """A message in the words of a notebook: ``data = path`` for ``DATA=path``, ``retrain = True`` for ``RETRAIN=1``."""
    names = "|".join(option.name for option in BY_PARAMETER.values())

    def said(found: re.Match) -> str:
        option, value = BY_NAME[found[1]], found[2]
        value = str(option.kind.read(value)) if value and option.kind is FLAG else value
        return f"{option.parameter} = {value}" if value else option.parameter

    return re.sub(rf"\b({names})\b(?:=(\w+))?", said, text)


def _shown(value) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def usage(command: str = "make report") -> str:
    """The options, one a line, as a terminal shows them."""
    lines = [
        textwrap.fill(
            f"  {f'{option.name}={option.example}':<21} {option.what}",
            100,
            subsequent_indent=" " * 24,
        )
        for option in OPTIONS
    ]
    return "\n".join([f"Options of {command}, written behind it, all optional:", *lines])
