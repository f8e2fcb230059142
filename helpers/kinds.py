"""What the value of an option must be: read from a text, checked in a notebook, and said in words."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers import ROOT

LAB = "lab"
FOLDER_NAME = re.compile(r"\w([\w. -]{0,58}\w)?")
ANSWERS = ROOT / "helpers" / "answers"
KNOWN = ("faces", "fer2013", "food11", "image_folder")


@dataclass(frozen=True)
class Kind:
    """What a value must be.

    Attributes:
        read: makes it of a text; ValueError or LookupError where the text is none.
        write: makes the text again.
        typed, coded: what it must be, in words: behind make, and in a notebook.
        type: of the value in a notebook.
    """

    read: Callable[[str], object]
    typed: str
    coded: str
    type: object = str
    write: Callable[[object], str] = str

    def fits(self, value) -> bool:
        """Whether a notebook's value is of this kind."""
        if not isinstance(value, self.type) or (isinstance(value, bool) and self.type is not bool):
            return False
        try:
            self.read(self.write(value))
        except (ValueError, LookupError):
            return False
        return True


def languages() -> list[str]:
    """The languages a report can be written in: the folders of helpers/answers/, English first."""
    found = sorted(path.parent.name for path in ANSWERS.glob("*/page.toml"))
    return sorted(found, key=lambda name: name != "en") or ["en"]


def _joined(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _matching(
    pattern: str, typed: str, coded: str = "", of: type = str, within=lambda value: True
) -> Kind:
    def read(text: str):
        if not re.fullmatch(pattern, text) or not within(of(text)):
            raise ValueError
        return of(text)

    return Kind(read, typed, coded or typed, of)


def whole(low: int, high: int) -> Kind:
    words = f"a whole number from {low} to {high}"
    return _matching(r"[0-9]{1,12}", words, of=int, within=lambda value: low <= value <= high)


def one_of(*values: str) -> Kind:
    by_small = {value.lower(): value for value in values}
    coded = _joined(f'"{value}"' for value in values)
    return Kind(lambda text: by_small[text.lower()], _joined(values), coded)


def _listed(element: Kind, typed: str, coded: str = "") -> Kind:
    """A list, typed with commas between its elements, none of them twice."""

    def read(text: str) -> list:
        found = [element.read(part.strip()) for part in text.split(",")]
        if len(set(found)) < len(found):
            raise ValueError
        return found

    write = lambda values: ",".join(map(element.write, values))  # noqa: E731
    return Kind(read, typed, coded, (list, tuple), write)


SEED = whole(0, 2**32 - 1)
FLAGS = {"0": False, "1": True}
FLAG = Kind(FLAGS.__getitem__, "0 or 1", "True or False", bool, lambda value: str(int(value)))
PATH = Kind(str, "a path", 'a path in quotes, "data/x.zip"', (str, Path))
LETTERS = "of letters, digits, - and _"
NAME = _matching(
    FOLDER_NAME.pattern, f"a name, not a path, {LETTERS}", f"a name in quotes, {LETTERS}"
)
SMALL = {name: name for name in KNOWN}
DATA_SET = Kind(lambda text: SMALL.get(text.lower()) or NAME.read(text), NAME.typed, NAME.coded)
SEEDS = _listed(
    SEED, "whole numbers with commas between them, 0,1,2", "a list of whole numbers, [0, 1, 2]"
)
ALPHABETICAL = "alphabetical"
NAMES = _listed(_matching(r"[^,]+", ""), "")
CLASSES = Kind(
    lambda text: ALPHABETICAL if text.lower() == ALPHABETICAL else NAMES.read(text),
    '"alphabetical", or class names with commas between them',
    '"alphabetical" or a list of class names',
    (str, list, tuple),
    lambda value: value if isinstance(value, str) else NAMES.write(value),
)
PLACES = "local:N (N processes) or tcp://host:port"
CLUSTER = _matching(r"local:[1-9][0-9]?|tcp://[\w.-]+:[0-9]{1,5}", PLACES)
