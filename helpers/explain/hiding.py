"""What becomes of an answer when cells of the image are hidden: those that an explanation ranks first, or others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from helpers import stats
from helpers.backend import keras
from helpers.evaluation import probabilities
from helpers.explain import controls, core, regions
from helpers.stats import Estimate, Verdict


def hide(
    model: keras.Model,
    images: np.ndarray,
    weights: np.ndarray,
    cells: np.ndarray,
    *,
    count: int,
    fill: str,
    draws: int = 10,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Hide ``count`` cells of each image: those of the highest weights, random ones, and those nearest the centre.

    Args:
        images: (n, height, width, channels), 0..255.
        weights: (n, k), what an explanation gives each cell for the network's own answer.
        cells: int (height, width), the cell of every pixel, 0..k-1; all of one size, so that equal areas are hidden.
        count: cells to hide, 1 to k.
        fill: what stands where a cell is hidden, see ``core.baseline``.
        draws: random choices averaged.
        seed: of these.

    Returns:
        by name, ``top``, ``random`` and ``centre``: how far each answer's probability fell, float64 (n,), -1..1, the
        mean of the draws.
    """
    n, k = weights.shape
    rng = np.random.default_rng(seed)
    scores = {
        "top": weights[:, None],
        "random": rng.random((n, draws, k)),
        "centre": np.broadcast_to(_nearness(cells), (n, 1, k)),
    }
    before = probabilities(core.logits_of(model, images))
    said, fills = before.argmax(-1), core.baseline(images, fill)
    found = {}
    for name, score in scores.items():
        order = np.argsort(-score, axis=-1, kind="stable")
        keep = np.ones(score.shape, bool)
        np.put_along_axis(keep, order[..., :count], False, -1)
        ways = keep.shape[1]
        masks, every = keep.reshape(-1, k)[:, cells], np.arange(n * ways)
        rows = np.repeat(np.arange(n), ways)
        after = probabilities(core.perturbed_logits(model, images, fills, masks, rows, every))
        falls = before[rows, said[rows]] - after[every, said[rows]]
        found[name] = falls.reshape(n, ways).mean(-1)
    return found


def _nearness(cells: np.ndarray) -> np.ndarray:
    """How near each cell lies to the centre, float64 (k,)."""
    bump = controls.centre_gaussian(np.zeros((1, *cells.shape, 1)))[0]
    return np.bincount(cells.ravel(), bump.ravel()) / np.bincount(cells.ravel())


@dataclass(frozen=True)
class Check:
    """One fill and one way of hiding.

    Attributes:
        fill, way: which: ``top``, ``random`` or ``centre``.
        fall: of the answer's probability, mean over the images.
        difference: the fall of ``top`` minus this one, by Holm over all fills and ways; None for ``top`` itself.
    """

    fill: str
    way: str
    fall: Estimate
    difference: Estimate | None


def check(found: Mapping[str, Mapping[str, np.ndarray]]) -> list[Check]:
    """Judge what ``hide`` found, by fill."""
    apart = {}
    for fill, ways in found.items():
        apart |= {(fill, way): ways["top"] - falls for way, falls in ways.items() if way != "top"}
    gaps, rows = stats.means(apart), []
    for fill, ways in found.items():
        for way, falls in ways.items():
            rows.append(Check(fill, way, stats.mean(falls), gaps.get((fill, way))))
    return rows


def verdict(rows: Iterable[Check], way: str) -> Verdict:
    """Whether the top cells matter more than those of another way, under every fill."""
    return regions.together(row.difference for row in rows if row.way == way)
