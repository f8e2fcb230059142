"""Shares of a map in the regions of a face, exact ones where the data has masks, fixed boxes for FER2013's faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

BOXES = {
    "brows": (0.16, 0.14, 0.28, 0.86),
    "eyes": (0.28, 0.14, 0.45, 0.86),
    "nose": (0.45, 0.34, 0.66, 0.66),
    "mouth": (0.68, 0.24, 0.90, 0.76),
}
"""Top, left, bottom, right of each region as shares of the side, read off the mean face: approximate."""
REST = "the rest"


def boxes(height: int, width: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the regions, and uint8 (height, width) with the region of every pixel by these fixed boxes."""
    names = (*BOXES, REST)
    region = np.full((height, width), len(BOXES), np.uint8)
    for index, (top, left, bottom, right) in enumerate(BOXES.values()):
        region[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = index
    return names, region


def find(
    name: str, region_names: Sequence[str], masks: np.ndarray | None, shape: tuple[int, ...]
) -> tuple[tuple[str, ...], np.ndarray | None, bool]:
    """The regions of a data set's images: its own masks, the boxes for FER2013, or none.

    Args:
        name: the data set's.
        region_names, masks: its own, uint8 (n, height, width), or None.
        shape: (height, width, ...) of its images.

    Returns:
        names, the region of every pixel (None where there is nothing to go by), and whether that is exact.
    """
    if masks is not None:
        return tuple(region_names), masks, True
    if name == "fer2013":
        return (*boxes(*shape[:2]), False)
    return (), None, False


def shares(maps: np.ndarray, regions: np.ndarray, count: int) -> np.ndarray:
    """Each map's share of absolute values in each region, float64 (n, count); a map of zeros is spread evenly.

    Args:
        maps: (n, height, width), signed or not.
        regions: int (n, height, width) or (height, width), the region of every pixel, 0..count-1.
        count: how many regions there are.
    """
    size = np.abs(np.asarray(maps, "float64"))
    size[size.sum((1, 2)) == 0] = 1
    regions = np.broadcast_to(regions, size.shape)
    sums = np.stack([np.where(regions == region, size, 0).sum((1, 2)) for region in range(count)], -1)
    return sums / sums.sum(-1, keepdims=True)


def areas(regions: np.ndarray, n: int, count: int) -> np.ndarray:
    """Each region's share of the area, float64 (n, count): the shares of a map that is the same everywhere."""
    return shares(np.ones((n, *regions.shape[-2:])), regions, count)


def mean_interval(values: np.ndarray, tests: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over the first axis and its 95 % interval by Student's t (1908): mean, low, high.

    For paired differences give the differences.

    Args:
        values: (n, ...); with fewer than two the ends are NaN, so that no comparison with them holds.
        tests: how many such intervals are to hold together (Bonferroni).
    """
    values = np.asarray(values, "float64")
    n, mean = len(values), values.mean(0)
    if n < 2:
        return mean, mean * np.nan, mean * np.nan
    half = stats.t.ppf(1 - 0.025 / tests, n - 1) * values.std(0, ddof=1) / np.sqrt(n)
    return mean, mean - half, mean + half


@dataclass(frozen=True)
class Focus:
    """How much of the maps lies in one region, against maps that know nothing.

    Attributes:
        region: its name.
        share: mean share of the maps in it, with its 95 % interval (mean, low, high).
        control: the control with the largest share there, and that mean share.
        difference: paired difference of the shares from that control's, with its 95 % interval.
        verdict: ``more`` than every control, ``less`` than the one with the most, or ``not shown``, by intervals that
            hold for all regions together (Bonferroni).
    """

    region: str
    share: tuple[float, float, float]
    control: tuple[str, float]
    difference: tuple[float, float, float]
    verdict: str


def focus(names: Sequence[str], found: np.ndarray, controls: Mapping[str, np.ndarray], groups: int = 1) -> list[Focus]:
    """Compare the shares of maps in regions with those of controls, paired by image.

    Args:
        names: of the regions.
        found: (n, regions), from ``shares``.
        controls: the same for each control, by name.
        groups: how many groups of images are compared so; the verdicts hold for all their regions together.

    Returns:
        one row a region, in the order given.
    """
    mean = np.stack(mean_interval(found), -1)
    apart = {name: found - shares for name, shares in controls.items()}
    together = {name: np.stack(mean_interval(gap, groups * len(names)), -1) for name, gap in apart.items()}
    rows = []
    for at, region in enumerate(names):
        highest = max(controls, key=lambda name: controls[name][:, at].mean())
        verdict = (
            "more"
            if min(gap[at, 1] for gap in together.values()) > 0
            else "less"
            if together[highest][at, 2] < 0
            else "not shown"
        )
        control = (highest, float(controls[highest][:, at].mean()))
        difference = np.stack(mean_interval(apart[highest][:, at]))
        rows.append(Focus(region, _floats(mean[at]), control, _floats(difference), verdict))
    return rows


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of the pixels of two maps, image by image, float64 (n,); 0 for a constant map."""
    ranks = [stats.rankdata(maps.reshape(len(maps), -1), axis=1) for maps in (first, second)]
    ranks = [rank - rank.mean(1, keepdims=True) for rank in ranks]
    norm = np.sqrt((ranks[0] ** 2).sum(1) * (ranks[1] ** 2).sum(1))
    return (ranks[0] * ranks[1]).sum(1) / np.where(norm == 0, 1, norm)


def focus_by_class(
    names: Sequence[str], labels: np.ndarray, found: np.ndarray, controls: Mapping[str, np.ndarray]
) -> dict[int, tuple[int, list[Focus]]]:
    """``focus`` for the images of each class alone: label -> images and rows; not for classes of one."""
    members = {label: np.flatnonzero(labels == label) for label in np.unique(labels).tolist()}
    groups = len(members)
    return {
        label: (len(at), focus(names, found[at], {name: shares[at] for name, shares in controls.items()}, groups))
        for label, at in members.items()
        if len(at) > 1
    }
