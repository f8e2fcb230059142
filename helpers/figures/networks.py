"""Drawings of networks: every block a box to scale, several networks at one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.patches import Polygon

from helpers.figures import base as style
from helpers.figures.base import INK, SIZE, SMALL, SOFT, WIDTHS, Figure

SIDE, SEVERAL = 22.0, 16.0  # millimetres, the largest image and vector; of several networks
DEEPEST = 12.0  # millimetres, the most channels of an image
THIN = 0.7  # the least that a box measures
SLANT = 0.35  # of the depth, seen from the right and above
GAP, LINE = 3.0, 3.3  # between a box, or its words, and the next; between lines of words
FACES = {"input": "#ffffff", "dense": "#f3cfa5", "logits": "#d9803a", "pooling": "#e2e2e2"}
WIDE = WIDTHS["wide"]
STAGE, VECTOR = "#a9cfe6", "#ececec"


@dataclass(frozen=True)
class _Box:
    """A block in millimetres: ``front`` wide (its channels), of ``slabs`` side by side, ``tall`` and ``deep``."""

    words: list[str]
    colour: str
    front: float
    slabs: int
    tall: float
    deep: float

    @property
    def across(self) -> float:
        return self.slabs * (self.front + 0.4) - 0.4 + SLANT * self.deep

    @property
    def room(self) -> float:
        return max([self.across, *(style.length(words, SMALL) for words in self.words)])


def drawing(networks: Mapping[str, Sequence[Mapping]]) -> Figure:
    """Networks under one another at one scale: a box is as tall and deep as the image, and as wide as its channels.

    A stage of several convolutions is as many boxes side by side. A vector is a bar, as tall as it has units. What is
    too long for the figure goes on below.

    Args:
        networks: by title, the blocks in order: ``kind`` ("input", "convolution" or another word for a stage,
            "pooling", "dense", "logits"), ``height`` and ``width`` (None or 1 for a vector), ``channels``,
            ``layers`` (convolutions of the stage), ``parameters`` and, if wanted, ``label``: the first line below.
    """
    every = [block for blocks in networks.values() for block in blocks]
    most = SIDE if len(networks) < 3 else SEVERAL
    side = most / max([1, *(max(_side(block)) for block in every)])
    channel = DEEPEST / max([1, *(b["channels"] for b in every if not _vector(b))])
    unit = most / max([1, *(b["channels"] for b in every if _vector(b))])
    rows = []
    for title, blocks in networks.items():
        total = sum(block.get("parameters") or 0 for block in blocks)
        words = f"{title}: {total:,} parameters" if total else title
        boxes = [_box(block, side, channel, unit) for block in blocks]
        rows += [(words * (not at), some) for at, some in enumerate(_broken(boxes, WIDE))]
    tops = [0.0]
    for words, boxes in rows:
        tops.append(tops[-1] + _height(boxes) + (LINE + 2 if words else 1) + 3)
    figure = style.page("wide", max(8, tops[-1]))
    canvas = figure.add_axes((0, 0, 1, 1))
    canvas.axis("off")
    canvas.set(xlim=(0, WIDE), ylim=(max(8, tops[-1]), 0))
    for (words, boxes), top in zip(rows, tops, strict=False):
        title = style.shorten(words, WIDE - 8)
        style.write(figure, 0.5, top + 0.5, title, fontsize=SIZE, weight="bold")
        _line(figure, canvas, boxes, top + (LINE + 2 if words else 1), WIDE)
    return figure


def _side(block: Mapping) -> tuple[int, int]:
    return block.get("height") or 1, block.get("width") or 1


def _vector(block: Mapping) -> bool:
    return max(_side(block)) == 1


def _box(block: Mapping, side: float, channel: float, unit: float) -> _Box:
    (height, wide), kind, layers = _side(block), block["kind"], block.get("layers") or 0
    stage, channels = kind not in FACES, block["channels"]
    name = block.get("label") or (f"{layers} conv." if stage and layers else kind)
    words = [name, f"{channels:,}" if _vector(block) else f"{height}×{wide}×{channels}"]
    if block.get("parameters"):
        words.append(_count(block["parameters"]))
    if _vector(block):
        return _Box(words, FACES.get(kind, VECTOR), 1.6, 1, max(THIN, unit * channels), 1.6)
    size = [max(THIN, side * height), max(THIN, side * wide)]
    slabs = max(1, layers) if stage else 1
    return _Box(words, FACES.get(kind, STAGE), max(THIN, channel * channels), slabs, *size)


def _count(parameters: int) -> str:
    """A number of parameters in two or three digits."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if parameters >= size:
            return f"{parameters / size:.{1 if parameters < 10 * size else 0}f}{unit}"
    return str(parameters)


def _broken(boxes: Sequence[_Box], room: float) -> list[list[_Box]]:
    """The boxes in as many lines as they need."""
    rows = [[]]
    for box in boxes:
        if rows[-1] and sum(one.room + GAP for one in (*rows[-1], box)) > room + GAP - 1:
            rows.append([])
        rows[-1].append(box)
    return rows


def _height(boxes: Sequence[_Box], words: bool = True) -> float:
    tallest = max((box.tall + SLANT * box.deep for box in boxes), default=0)
    return tallest + words * (1 + LINE * max((len(box.words) for box in boxes), default=0))


def _line(figure, canvas, boxes: Sequence[_Box], top: float, room: float) -> None:
    """Boxes from left to right, all at one height of their middles, with words under them and arrows between."""
    tallest, spans, x = _height(boxes, words=False), [], 0.5
    spare = room - 1 - sum(box.room for box in boxes)
    gap = min(GAP + 4, spare / max(1, len(boxes) - 1))
    for box in boxes:
        left = x + (box.room - box.across) / 2
        _cuboid(canvas, box, left, top + (tallest + box.tall + SLANT * box.deep) / 2)
        spans.append((left, left + box.across))
        for at, line in enumerate(box.words):
            y, colour = top + tallest + 1 + LINE * at, INK if at < 2 else SOFT
            style.write(figure, x + box.room / 2, y, line, ha="center", color=colour)
        x += box.room + gap
    arrow = {"arrowstyle": "-|>,head_width=.12,head_length=.25", "lw": 0.6, "color": SOFT}
    for (_, right), (left, _) in pairwise(spans):
        ends = (left - 0.3, top + tallest / 2), (right + 0.3, top + tallest / 2)
        canvas.annotate("", *ends, arrowprops=arrow | {"shrinkA": 0, "shrinkB": 0})


def _cuboid(canvas, box: _Box, left: float, bottom: float) -> None:
    """The slabs of a block, the right one last, each with its front, top and right side; y grows downwards."""
    shift, top = SLANT * box.deep, bottom - box.tall
    for at in range(box.slabs):
        x = left + at * (box.front + 0.4)
        right = x + box.front
        front = [(x, bottom), (right, bottom), (right, top), (x, top)]
        roof = [(x, top), (right, top), (right + shift, top - shift), (x + shift, top - shift)]
        flank = [front[1], (right + shift, bottom - shift), roof[2], front[2]]
        for corners, shade in ((front, 0), (roof, 0.15), (flank, 0.08)):
            for look in ({"fc": box.colour, "ec": INK, "lw": 0.4}, {"fc": "black", "alpha": shade}):
                canvas.add_patch(Polygon(corners, joinstyle="round", zorder=2 + at, **look))
