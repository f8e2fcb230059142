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


def mean_interval(
    values: np.ndarray, seed: int = 0, resamples: int = 2000
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over the first axis and its 95 % bootstrap interval (percentiles, Efron 1979): mean, low, high.

    For paired differences give the differences.

    Args:
        values: (n, ...); with fewer than two images the interval is the mean itself.
        seed: of the resampling.
    """
    mean = values.mean(0)
    if len(values) < 2:
        return mean, mean, mean
    found = stats.bootstrap(
        (values,),
        np.mean,
        axis=0,
        n_resamples=resamples,
        method="percentile",
        rng=np.random.default_rng(seed),
        batch=50,
    ).confidence_interval
    return mean, found.low, found.high


@dataclass(frozen=True)
class Focus:
    """How much of the maps lies in one region, against maps that know nothing.

    Attributes:
        region: its name.
        share: mean share of the maps in it, with its 95 % interval (mean, low, high).
        control: the control with the largest share there, and that mean share.
        difference: paired difference of the shares from that control's, with its 95 % interval.
        verdict: ``more`` than every control, ``less`` than the one with the most, or ``not shown``.
    """

    region: str
    share: tuple[float, float, float]
    control: tuple[str, float]
    difference: tuple[float, float, float]
    verdict: str


def focus(names: Sequence[str], found: np.ndarray, controls: Mapping[str, np.ndarray], seed: int = 0) -> list[Focus]:
    """Compare the shares of maps in regions with those of controls, paired by image.

    Args:
        names: of the regions.
        found: (n, regions), from ``shares``.
        controls: the same for each control, by name.
        seed: of the bootstrap.

    Returns:
        one row a region, in the order given.
    """
    mean = np.stack(mean_interval(found, seed), -1)
    gaps = {name: np.stack(mean_interval(found - shares, seed), -1) for name, shares in controls.items()}
    rows = []
    for at, region in enumerate(names):
        highest = max(controls, key=lambda name: controls[name][:, at].mean())
        verdict = (
            "more"
            if min(gap[at, 1] for gap in gaps.values()) > 0
            else "less"
            if gaps[highest][at, 2] < 0
            else "not shown"
        )
        control = (highest, float(controls[highest][:, at].mean()))
        rows.append(Focus(region, _floats(mean[at]), control, _floats(gaps[highest][at]), verdict))
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
    return {
        label: (len(at), focus(names, found[at], {name: shares[at] for name, shares in controls.items()}))
        for label, at in members.items()
        if len(at) > 1
    }
