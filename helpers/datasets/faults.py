"""Collecting what is wrong with a data set: the first faults in printable sentences, the others counted."""

from collections import defaultdict
from collections.abc import Iterable

from helpers.datasets.words import WORDS
from helpers.errors import DataError

SHOWN = 10
"""Faults that are told; whoever has more has one cause."""
STOP = 1_000
"""Faults after which reading stops."""
JOINERS = "\u200c\u200d"
"""Zero-width letters that words in Persian or Hindi, and emoji, are spelt with."""


def printable(text: str) -> str:
    """The text with everything that would break a line, a terminal or UTF-8 turned into ``?``."""
    if text.isprintable():
        return text
    text = text.encode("utf-8", "replace").decode()
    return "".join(one if one.isprintable() or one in JOINERS else "?" for one in text)


def quote(text: str) -> str:
    """Text from a file as it may stand in a sentence: quoted, printable, at most 40 characters."""
    text = text.strip()
    return f'"{printable(text)}"' if len(text) <= 40 else f'"{printable(text[:37])}..."'


def listing(names: Iterable[str], most: int = 8) -> str:
    """Names in alphabetical order, the first of them if they are many."""
    names = sorted(names)
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def failure(sentence: str) -> DataError:
    """The error of one fault."""
    return DataError(printable(sentence))


class Unfit(Exception):
    """Why an image, or a row of a table, cannot be used; who reads it adds the place."""


class Faults:
    """The faults found so far: ``sentences`` holds the first of them, ``count`` is of all.

    ``remarks`` are no faults: what is odd -> the names of what is so.
    """

    def __init__(self):
        self.sentences: list[str] = []
        self.count = 0
        self.remarks: dict[str, list[str]] = defaultdict(list)

    def remark(self, what: str, names: list[str], size: int | None = None) -> None:
        """Keep the names of what is odd in a way that ``words.toml`` lists."""
        self.remarks[WORDS["remarks"][what].format(size)] += names

    def add(self, sentence: str) -> None:
        """Keep one sentence that names the place and the remedy; raises DataError at STOP faults."""
        sentence = printable(sentence)
        if sentence in self.sentences:  # a table is looked at before it is read
            return
        self.count += 1
        if self.count <= SHOWN:
            self.sentences.append(sentence)
        if self.count >= STOP:
            self.check()

    def check(self) -> None:
        """Raise DataError if there is any fault."""
        if self.count > SHOWN:
            stopped = ", after which reading stopped" if self.count >= STOP else ""
            more = f"and {self.count - SHOWN:,} more faults like these{stopped}"
            raise DataError(*self.sentences, more)
        if self.count:
            raise DataError(*self.sentences)
