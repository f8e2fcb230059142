"""Shares of a map in the regions of a face, exact ones where the data has masks, fixed boxes for FER2013's faces."""

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
