"""Figures of notebook 10: deletion and insertion curves, maps of randomised networks, maps of a planted mark."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.figures import base as style
from helpers.figures.base import COLOURS, DASHES, MARKS, SOFT, Figure
from helpers.figures.sheet import Heat, tiled

STAGES = 4  # of a network, at most
SCALE = (1, "positive importance", False, ("0", "the tile's maximum"))


def curves(
    deletion: Mapping[str, np.ndarray], insertion: Mapping[str, np.ndarray], controls: Sequence[str]
) -> Figure:
    """Mean probability against the share of the pixels deleted, and inserted; controls are grey and dashed.

    Args:
        deletion, insertion: by title, (steps + 1,).
        controls: which titles are controls.
    """
    figure, axes = style.chart(58, 1, 2, "wide", sharey=True)
    own = [title for title in deletion if title not in controls]
    looks = {}
    for k, title in enumerate(own):
        dash = DASHES[k // 6 % 6]
        looks[title] = {"color": COLOURS[k % 6], "ls": dash, "marker": MARKS[k % 6], "ms": 3}
    looks |= {t: {"color": SOFT, "ls": DASHES[1 + k % 5]} for k, t in enumerate(controls)}
    halves = (deletion, "deleted"), (insertion, "inserted")
    for ax, (found, what) in zip(axes[0], halves, strict=True):
        for at, (title, curve) in enumerate(found.items()):
            every = (at, max(4, len(curve) // 4))  # marks on one line never stand over another's
            label, x = style.shorten(title, 34), np.linspace(0, 1, len(curve))
            ax.plot(x, curve, label=label, markevery=every, **looks[title])
        ax.set_xlabel(f"pixels {what}")
        style.in_percent(ax.xaxis, 5)
    style.in_percent(axes[0, 0].yaxis)
    axes[0, 0].set_ylabel("probability of the answer")
    if deletion:
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right center")
    return figure


def forgetting(
    image: np.ndarray,
    strips: Mapping[str, np.ndarray],
    stages: Sequence[str],
    alike: Mapping[str, Sequence[float]],
    yardsticks: Mapping[str, Mapping[str, tuple[np.ndarray, float]]] | None = None,
) -> Figure:
    """Maps of one image as a network is randomised from the top, one method a row; under each the rank correlation.

    Args:
        image: (height, width, 1 or 3), 0..255.
        strips: by title, (1 + stages, height, width), absolute maps: of the trained network, then stage by stage.
        stages: the lowest stage drawn anew, from the top of the network down; of more than four, four are shown.
        alike: by title, (stages,), the mean Spearman correlation with the trained network's maps.
        yardsticks: what stands on the right: by head, by title, a map (height, width) and its mean correlation.
    """
    beside = dict(yardsticks or {})
    shown = np.unique(np.linspace(0, len(stages) - 1, min(STAGES, len(stages))).round().astype(int))
    tiles, words = [], []
    for title, maps in strips.items():
        more = [found[title] for found in beside.values()]
        drawn = [*(maps[k] for k in (0, *(1 + shown))), *(each for each, _ in more)]
        values = [*(alike[title][k] for k in shown), *(value for _, value in more)]
        tiles.append([image, *map(_positive, drawn)])
        words.append(["", "", *(style.minus(f"{value:+.2f}") for value in values)])
    heads = ["image", "trained", *(("+ " if k else "") + stages[k] for k in shown), *beside]
    return tiled(tiles, list(strips), heads, words, left=19, scale=SCALE).figure


def _positive(tile: np.ndarray) -> Heat:
    """The positive part of a map on a scale of its own."""
    return Heat(np.maximum(tile, 0))


def marked(images: np.ndarray, rows: Mapping[str, np.ndarray]) -> Figure:
    """Images with the mark, and below them one method's map a row, in positive importance."""
    tiles = [list(images), *([_positive(tile) for tile in maps] for maps in rows.values())]
    return tiled(tiles, ["image", *rows], left=19, scale=SCALE).figure
