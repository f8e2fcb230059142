"""Collecting what is wrong with a data set: every fault one printable line, all of them at once."""

from helpers.errors import DataError

LIMIT = 100
"""Reading stops at this many faults: whoever has a hundred has one cause."""


def printable(text: str) -> str:
    """The text with everything that would break a line, a terminal or UTF-8 turned into ``?``."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(character if character.isprintable() else "?" for character in text)


def quote(text: str) -> str:
    """Text from a file as it may stand in a sentence: quoted, printable, at most 40 characters."""
    text = printable(text.strip())
    return f'"{text}"' if len(text) <= 40 else f'"{text[:37]}..."'


class Faults:
    """The faults found so far; ``add`` raises DataError once there are LIMIT of them."""

    def __init__(self):
        self.sentences: list[str] = []

    def add(self, sentence: str) -> None:
        """Keep one sentence that names the place and the remedy."""
        self.sentences.append(printable(sentence))
        if len(self.sentences) >= LIMIT:
            raise DataError(*self.sentences, f"reading stopped after {LIMIT} faults: there may be more")

    def check(self) -> None:
        """Raise DataError if there is any fault."""
        if self.sentences:
            raise DataError(*self.sentences)
