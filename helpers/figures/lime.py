"""Figures of notebook 06: LIME's weights beside the images, class averages, and what hiding does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from helpers.figures.base import COLOURS, INK, SOFT, WIDTH, Figure, picture, shorten

SIGNED = "RdBu_r"
ACROSS = 11  # class averages side by side
SIDE = 0.49  # inches, a tile of a long table of examples: 12.4 mm
LABEL, TEXT, GAP = 0.72, 0.62, 0.05  # inches, left of a tile: a class's name, other words, nothing
HEAD, FOOT = 0.36, 0.56  # inches, above and below the tiles


@dataclass(frozen=True)
class LimeExample:
    """One image with the maps that explain it.

    Attributes:
        image: uint8 (height, width, 1 or 3).
        maps: signed, each (height, width).
        titles: words left of the image and of each map; may be empty.
    """

    image: np.ndarray
    maps: Sequence[np.ndarray]
    titles: Sequence[str]


def overlaid(image: np.ndarray, map_: np.ndarray, largest: float) -> np.ndarray:
    """A signed map in colour over the grey image, uint8 (height, width, 3); ``largest`` is full colour."""
    colour = colormaps[SIGNED](Normalize(-largest, largest)(map_))[..., :3]
    return (255 * 0.7 * colour + 0.3 * image.mean(-1, keepdims=True)).astype("uint8")


def lime_examples(rows: Mapping[str, Sequence[LimeExample | str]], heads: Sequence[Sequence[str]]) -> Figure:
    """A row a class; in it one or more examples: an image, then its maps, on the example's own scale.

    Args:
        rows: by class, for each group of columns an example, or words that say why there is none.
        heads: for each group, a heading of one or two lines for the image and for each map.
    """
    lefts = _widths(rows, heads)
    tiles = sum(map(len, lefts))
    side = min((WIDTH - sum(map(sum, lefts))) / tiles, 1.3 if len(rows) == 1 else SIDE)
    rest = (WIDTH - sum(map(sum, lefts)) - tiles * side) / len(heads)
    height = HEAD + len(rows) * (side + GAP) + FOOT
    figure = Figure(figsize=(WIDTH, height))
    for r, (name, examples) in enumerate(rows.items()):
        bottom, x = height - HEAD - (r + 1) * (side + GAP), 0.0
        for example, group, head in zip(examples, lefts, heads, strict=True):
            places = [(x + sum(group[: c + 1]) + c * side, bottom, side) for c in range(len(group))]
            x += sum(group) + len(group) * side + rest
            _example(figure, example, places, shorten(name, 9) if example is examples[0] else "")
            for text, place in zip(head if r == 0 else (), places, strict=False):
                _say(figure, text, place[0] + side / 2, height - HEAD + 0.02, ha="center", va="bottom", fontsize=7)
    bar = figure.add_axes([0.3, 0.42 / height, 0.4, 0.07 / height])
    _bar(figure, 1, "weight, as a share of the largest of the image's maps", cax=bar)
    return figure


def _widths(rows, heads) -> list[list[float]]:
    """Inches left of each tile, by group: of a name, of words, or a mere gap."""
    found = []
    for g, head in enumerate(heads):
        shown = [examples[g] for examples in rows.values() if not isinstance(examples[g], str)]
        found.append([TEXT if any(example.titles[c] for example in shown) else GAP for c in range(len(head))])
    found[0][0] = LABEL
    return found


def _say(figure, text: str, x: float, y: float, **style) -> None:
    """Words at a place in inches."""
    width, height = figure.get_size_inches()
    figure.text(x / width, y / height, text, **{"fontsize": 8, "linespacing": 1.1, **style})


def _example(figure, example: LimeExample | str, places, name: str) -> None:
    x, bottom, side = places[0]
    middle = bottom + side / 2
    if isinstance(example, str):
        _say(figure, name, x - GAP, middle, ha="right", va="center")
        _say(figure, example, x, middle, color=SOFT, va="center")
        return
    largest = max(float(np.abs(map_).max()) for map_ in example.maps) or 1.0
    pictures = [example.image, *(overlaid(example.image, map_, largest) for map_ in example.maps)]
    titles = ["\n".join(filter(None, (name, example.titles[0]))), *example.titles[1:]]
    width, height = figure.get_size_inches()
    for shown, title, (left, low, size) in zip(pictures, titles, places, strict=True):
        picture(figure.add_axes([left / width, low / height, size / width, size / height]), shown)
        _say(figure, title, left - GAP, middle, ha="right", va="center")


def _bar(figure, largest: float, label: str, **where) -> None:
    mappable = ScalarMappable(Normalize(-largest, largest), SIGNED)
    bar = figure.colorbar(mappable, orientation="horizontal", label=label, **where)
    bar.outline.set_visible(False)


def lime_averages(means: np.ndarray, maps: np.ndarray, names: Sequence[str]) -> Figure:
    """The mean map of every class over its mean image, all maps on one scale.

    Args:
        means: (classes, height, width, channels), 0..255.
        maps: (classes, height, width), signed, in logits.
        names: of the classes.
    """
    columns = min(len(names), ACROSS)
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(WIDTH, lines * (WIDTH / columns + 0.2) + 0.5), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False)
    largest = float(np.abs(maps).max()) or 1.0
    for ax in axes.flat[len(names) :]:
        ax.axis("off")
    for ax, mean, map_, name in zip(axes.flat, means, maps, names, strict=False):
        picture(ax, overlaid(mean, map_, largest), shorten(name, 9 if columns > 8 else 12))
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    _bar(figure, largest, "mean weight of a cell for the class, in logits", ax=axes, shrink=0.4, aspect=40)
    return figure


def lime_hidden(found: Mapping[str, Mapping[str, tuple[float, float, float]]], note: str) -> Figure:
    """Means with their intervals: a panel a fill, a row for what was hidden.

    Args:
        found: by fill and by what was hidden: mean, low and high end.
        note: what is measured, with its unit.
    """
    figure = Figure(figsize=(WIDTH, 1.25), layout="constrained")
    axes = figure.subplots(1, len(found), squeeze=False, sharex=True, sharey=True)[0]
    for ax, (fill, rows) in zip(axes, found.items(), strict=True):
        for row, ((mean, low, high), colour) in enumerate(zip(rows.values(), COLOURS, strict=False)):
            ax.plot([low, high], [row, row], color=colour, lw=1.6, solid_capstyle="butt")
            ax.plot(mean, row, "o", ms=5, color=colour)
            ax.text(high, row, f"  {mean:.2f}", va="center", fontsize=8, color=INK)
        ax.axvline(0, color=SOFT, lw=0.9, ls=":")
        ax.set(yticks=range(len(rows)), yticklabels=list(rows), ylim=(len(rows) - 0.5, -0.5))
        ax.set_title(fill, fontsize=8.5)
        ax.margins(x=0.15)
        ax.grid(axis="y", visible=False)
    figure.supxlabel(note, fontsize=8.5)
    return figure
