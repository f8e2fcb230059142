"""What becomes of an answer when cells of the image are hidden: those that an explanation ranks first, or others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from helpers import stats
from helpers.backend import keras
from helpers.evaluation import probabilities
from helpers.explain import controls, core, regions
from helpers.stats import Estimate, Verdict


@dataclass(frozen=True)
class Hidden:
    """What hiding did to each image.

    Attributes:
        falls: float64 (n,), how far the answer's probability fell, -1..1.
        flips: float64 (n,), whether the answer changed, 0 or 1, or the share of the draws in which it did.
    """

    falls: np.ndarray
    flips: np.ndarray


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
) -> dict[str, Hidden]:
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
        by name, ``top``, ``random`` and ``centre``.
    """
    n, k = weights.shape
    if not 1 <= count <= k:
        raise ValueError(f"count={count}: hide 1 to {k} cells")
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
        flips = after.argmax(-1) != said[rows]
        found[name] = Hidden(*(values.reshape(n, ways).mean(-1) for values in (falls, flips)))
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
        flips: share of the answers that changed.
        difference: the fall of ``top`` minus this one, by Holm over all fills and ways; None for ``top`` itself.
    """

    fill: str
    way: str
    fall: Estimate
    flips: float
    difference: Estimate | None


def check(found: Mapping[str, Mapping[str, Hidden]]) -> list[Check]:
    """Judge what ``hide`` found, by fill."""
    apart = {}
    for fill, ways in found.items():
        rest = {(fill, way): hidden for way, hidden in ways.items() if way != "top"}
        apart |= {key: ways["top"].falls - hidden.falls for key, hidden in rest.items()}
    gaps, rows = stats.means(apart), []
    for fill, ways in found.items():
        for way, hidden in ways.items():
            numbers = stats.mean(hidden.falls), float(hidden.flips.mean()), gaps.get((fill, way))
            rows.append(Check(fill, way, *numbers))
    return rows


def verdict(rows: Iterable[Check], way: str) -> Verdict:
    """Whether the top cells matter more than those of another way, under every fill."""
    return regions.together(row.difference for row in rows if row.way == way)
