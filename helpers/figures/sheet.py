"""Square tiles in rows and columns, as large as their figure's width allows, with words around them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.figures import base as style
from helpers.figures.base import SIGNED, SIZE, SMALL, TILE, UNSIGNED, WIDTHS

GAP = 0.8  # millimetres between tiles
LINE = 3.3  # of a line of small text
BLOCKS = 3.0  # between a block and the next
FOOT = 12.5  # for a colour bar
HEIGHT = 205  # millimetres that a figure should not exceed, where tiles need not shrink under their least for it


class Heat(NamedTuple):
    """A map (height, width) as a tile: ``limit`` ends its scale, which is its own where that is None."""

    map: np.ndarray
    signed: bool = False
    limit: float | None = None
    colours: str | None = None


class Sheet:
    """A Figure of tiles: ``count`` columns of ``rows`` tiles, wrapped into blocks where a line cannot hold them.

    Args:
        count: columns in all.
        rows: tiles in each column.
        width: of the figure, a name in ``base.WIDTHS``.
        left: millimetres for the rows' names.
        head: lines of text over each column.
        over, under: lines of text over and under the tiles of a row, one number or one a row.
        foot: millimetres below the last block.
        largest, least: millimetres, the most and the least that a tile may measure.
        columns: in a line; None takes as many as stay ``least`` wide.
        groups: columns before which a wider gap stands.
        shape: height over width of the tiles.
    """

    def __init__(
        self,
        count: int,
        rows: int = 1,
        *,
        width: str = "wide",
        left: float = 0,
        head: float = 0,
        over=0,
        under=0,
        foot: float = 0,
        largest: float = 26,
        least: float = TILE,
        columns: int | None = None,
        groups: Sequence[int] = (),
        shape: float = 1.0,
    ):
        room = WIDTHS[width] - left
        most = columns or max(1, int((room + GAP) // (least + GAP)))
        self.blocks = max(1, -(-count // most))
        self.columns = columns or -(-count // self.blocks) or 1
        self.side = min(largest, (room - 2 * len(groups) + GAP) / self.columns - GAP)
        if self.side < least - 0.05:
            raise ValueError(f"{self.columns} tiles beside {left} mm of names are under {least} mm")
        over, under = (LINE * np.broadcast_to(np.asarray(n, float), rows) for n in (over, under))
        head, gaps = LINE * head + (1.0 if head else 0), over + under + GAP + (under > 0)
        rest = self.blocks * (head + gaps.sum() + BLOCKS) + foot
        fitting = (HEIGHT - rest) / max(1, self.blocks * rows * shape)
        self.side = min(self.side, max(least, fitting))
        self.tall, self.left, self.groups = self.side * shape, left, groups
        ends = np.cumsum(self.tall + gaps)
        self.tops = head + ends - (under > 0) - under - GAP - self.tall
        self.block = head + (ends[-1] if rows else 0)
        height = self.blocks * (self.block + BLOCKS) - BLOCKS + foot + 0.6
        self.figure, self.head, self.height = style.page(width, max(height, 8)), head, height
        if not count or not rows:
            style.write(self.figure, 0, 2, "nothing to show")

    def place(self, row: int, column: int) -> tuple[float, float]:
        """Left and top of a tile in millimetres."""
        block, at = divmod(column, self.columns)
        x = self.left + at * (self.side + GAP) + 2 * sum(at >= group for group in self.groups)
        return x, block * (self.block + BLOCKS) + self.tops[row]

    def draw(self, row: int, column: int, tile):
        """An image, a Heat or words in their place; the axes."""
        axes = style.box(self.figure, *self.place(row, column), self.side, self.tall)
        if isinstance(tile, Heat):
            style.heat(axes, *tile)
        elif isinstance(tile, str):
            style.none(axes, style.wrapped(tile, self.side))
        else:
            style.picture(axes, tile)
        return axes

    def heading(self, column: int, text: str, span: int = 1, **look) -> None:
        """Words over the ``span`` columns that begin here."""
        top = column // self.columns * (self.block + BLOCKS) + self.head - 0.8
        self._centred(text, column, top, "bottom", span, look)

    def word(self, row: int, column: int, text: str, span: int = 1, over: bool = False, **look):
        """Words under, or over, the ``span`` tiles that begin here."""
        top = self.place(row, column)[1]
        y, side = (top - 0.5, "bottom") if over else (top + self.tall + 0.5, "top")
        self._centred(text, column, y, side, span, look)

    def _centred(self, text, column, y, va, span, look) -> None:
        x, room = self.place(0, column)[0], span * (self.side + GAP) - GAP
        size = look.get("fontsize", SMALL)
        lines = "\n".join(style.shorten(line, room - 0.8, size) for line in text.split("\n"))
        style.write(self.figure, x + room / 2, y, lines, ha="center", va=va, **look)

    def name(self, row: int, text: str) -> None:
        """The name of a row, on its left, in every block."""
        for block in range(self.blocks):
            y = self.place(row, block * self.columns)[1] + self.tall / 2
            look = {"ha": "right", "va": "center", "fontsize": SIZE}
            words = style.wrapped(text, self.left - 1.5, SIZE)
            style.write(self.figure, self.left - 1.5, y, words, **look)

    def scale(self, limit: float, label: str, signed: bool = False, ends: Sequence[str] = ()):
        """A colour bar in the foot, to ``limit``; ``ends``: words in place of its numbers."""
        low, wide = -limit if signed else 0, WIDTHS["text"] / 2
        middle = (self.left + self.columns * (self.side + GAP) + self.left) / 2
        left, top = max(3, middle - wide / 2), self.height - FOOT + 1.8
        axes = style.box(self.figure, left, top, wide, 2.2)
        colours = SIGNED if signed else UNSIGNED
        ramp, extent = np.linspace(0, 1, 256)[None], (low, limit, 0, 1)
        axes.imshow(ramp, cmap=colours, aspect="auto", extent=extent, vmin=0, vmax=1)
        axes.tick_params(labelsize=7, length=1.5, pad=1)
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        if ends:
            axes.set_xticks([low, limit], ends)
        axes.set_xlabel(label, fontsize=SMALL, labelpad=1)


def lines(words) -> int:
    """Lines of the tallest of some words."""
    return max((word.count("\n") + 1 for word in words if word), default=0)


def tiled(
    tiles: Sequence[Sequence],
    names: Sequence[str] = (),
    heads: Sequence[str] = (),
    words: Sequence[Sequence[str]] = (),
    *,
    over: bool = False,
    span: int = 1,
    left: float = 17,
    scale: Sequence | None = None,
    **options,
) -> Sheet:
    """A Sheet that is filled.

    Args:
        tiles: [row][column], an image (height, width, 1 or 3), a Heat, words, or None for an empty place.
        names: of the rows.
        heads: over every ``span`` columns.
        words: [row][column], under every ``span`` tiles, or ``over`` them.
        left: millimetres for the names.
        scale: arguments of ``Sheet.scale``.
        options: of Sheet.
    """
    high = [lines(line) for line in words] or 0
    options = {"head": lines(heads), "over" if over else "under": high} | options
    count = max(map(len, tiles), default=0)
    options |= {"left": left if len(names) else 0, "foot": FOOT if scale and count else 0}
    sheet = Sheet(count, len(tiles), **options)
    for row, column in np.ndindex(len(tiles), count):
        if column < len(tiles[row]) and tiles[row][column] is not None:
            sheet.draw(row, column, tiles[row][column])
    for row, name in enumerate(names if count else ()):
        sheet.name(row, name)
    for at, head in enumerate(heads if len(tiles) else ()):
        sheet.heading(at * span, head, span, fontsize=SIZE)
    for row, line in enumerate(words):
        for at, word in enumerate(line):
            sheet.word(row, at * span, word or "", span, over)
    if scale and count:
        sheet.scale(*scale)
    return sheet
