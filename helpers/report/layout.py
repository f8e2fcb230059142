"""What stands beside what: the text column with its margin, and wide figures and tables alone."""

import unicodedata
from dataclasses import dataclass, field

from helpers.report.document import WIDTHS, Figure, Note, Part, Table

LINE, SIGN, ROW = 4.9, 1.62, 5.4  # millimetres: a line of text, a sign and a row of a table
SIGNS = {"text": 70, "margin": 34}  # that a line holds
FEW = 7  # rows of a table that stands in the text
NARROW = 60  # millimetres of a table, roughly, that the margin holds


@dataclass
class Placed:
    """A part in its place: "column", "margin", or alone: "text" (caption beside), "wide".

    Lengths are millimetres; a figure's height is without its caption, below which ``beside`` stands.
    """

    part: Part
    kind: str  # text | note | figure | table
    place: str
    height: float
    width: float = 0.0
    beside: list["Placed"] = field(default_factory=list)


@dataclass
class Row:
    """Text, and the notes beside it."""

    texts: list[Placed] = field(default_factory=list)
    notes: list[Placed] = field(default_factory=list)

    @property
    def hole(self) -> float:
        """By how many millimetres the notes are longer than the text."""
        return sum(item.height for item in self.notes) - sum(item.height for item in self.texts)


def flow(parts: list[Part]) -> list[Placed | list[Row]]:
    """Arrange the parts of a section: what is wide stands alone, text and notes in rows.

    A note stands beside the text before it; below the caption of a figure stands a narrow table that follows it.
    """
    blocks, rows = [], []
    for item in map(placed, parts):
        before = blocks[-1] if blocks and not rows else None
        if item.kind == "table" and item.width <= NARROW and getattr(before, "place", "") == "text":
            before.beside.append(item)
        elif item.place == "margin":
            if rows and rows[-1].texts[1:] and not rows[-1].notes:
                rows.append(Row([rows[-1].texts.pop()]))
            rows = rows or [Row()]
            rows[-1].notes.append(item)
        elif item.place == "column":
            if not rows or (rows[-1].notes and rows[-1].hole <= 0):
                rows.append(Row())
            rows[-1].texts.append(item)
        else:
            blocks += [rows, item] if rows else [item]
            rows = []
    return [*blocks, rows] if rows else blocks


def placed(part: Part) -> Placed:
    """A part with its place, and its height as far as that can be told before it is set."""
    match part:
        case Figure():
            place, width, height = part.placed()
            return Placed(part, "figure", place, height, width)
        case Table():
            columns = zip(part.heads, *part.rows, strict=True)
            width = sum(4 + SIGN * max(map(signs, column)) for column in columns)
            narrow = width <= WIDTHS["text"] and len(part.rows) <= FEW
            height = ROW * (len(part.rows) + 1) + _height(part.caption, "text")
            return Placed(part, "table", "column" if narrow else "wide", height, width)
        case Note():
            return Placed(part, "note", "margin", _height(part.text, "margin"))
        case _:
            return Placed(part, "text", "column", _height(part, "text"))


def unbroken(cell: str, right: bool) -> str:
    """A cell that breaks nowhere inside a number: before the bracket of its interval, and no product apart."""
    if right:
        return cell.replace(" ", "\u00a0").replace("\u00a0(", " (")
    return cell.replace(" × ", "\u00a0×\u00a0")


def longest(table: Table) -> list[str]:
    """The widest cell of each column, roughly."""
    columns = zip([""] * len(table.heads), *table.rows, strict=True)
    return [max(column, key=signs) for column in columns]


def signs(text: str) -> int:
    """How many signs wide a text is: a Chinese sign is two."""
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def _height(text: str, place: str) -> float:
    lines = -(-signs(text) // SIGNS[place])
    return lines * LINE * (1 if place == "text" else 0.78) + LINE / 2
