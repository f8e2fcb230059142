"""Shares of maps in the regions of an image, and what they mean beside the region's area and maps that know nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from helpers import stats
from helpers.stats import Estimate, Verdict

BOXES = {
    "brows": (0.16, 0.14, 0.28, 0.86),
    "eyes": (0.28, 0.14, 0.45, 0.86),
    "nose": (0.45, 0.34, 0.66, 0.66),
    "mouth": (0.68, 0.24, 0.90, 0.76),
}
"""Top, left, bottom, right of each region as shares of the side, read off FER2013's mean face: approximate."""
REST = "the rest"
ROWS, COLUMNS = ("upper", "middle", "lower"), ("left", "centre", "right")
NINTHS = tuple(" ".join(pair) for pair in product(ROWS, COLUMNS))
AREA = "area"  # the control that is the same everywhere


def boxes(height: int, width: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the regions, and uint8 (height, width) with the region of every pixel by these fixed boxes."""
    region = np.full((height, width), len(BOXES), np.uint8)
    for index, (top, left, bottom, right) in enumerate(BOXES.values()):
        rows = slice(round(top * height), round(bottom * height))
        region[rows, round(left * width) : round(right * width)] = index
    return (*BOXES, REST), region


def ninths(height: int, width: int) -> np.ndarray:
    """The ninth of the image, of ``NINTHS``, that every pixel lies in, int64 (height, width)."""
    down, across = (np.arange(side) * 3 // side for side in (height, width))
    return down[:, None] * 3 + across


def find(
    name: str, region_names: Sequence[str], masks: np.ndarray | None, shape: tuple[int, ...]
) -> tuple[tuple[str, ...], np.ndarray, str]:
    """The regions of a data set's images: its own masks, the boxes for FER2013's faces, or ninths of the image.

    Args:
        name: the data set's.
        region_names, masks: its own, uint8 (n, height, width), or None.
        shape: (height, width, ...) of its images.

    Returns:
        names; the region of every pixel, (n, height, width) or (height, width); ``drawn``, ``boxes`` or ``ninths``.
    """
    if masks is not None:
        return tuple(region_names), masks, "drawn"
    if name == "fer2013":
        return (*boxes(*shape[:2]), "boxes")
    return NINTHS, ninths(*shape[:2]), "ninths"


def usual(region: np.ndarray, count: int) -> np.ndarray:
    """The most frequent region of every pixel over masks (n, height, width): int64 (height, width)."""
    if region.ndim == 2:
        return region
    return np.stack([(region == index).mean(0) for index in range(count)]).argmax(0)


def shares(maps: np.ndarray, region: np.ndarray, count: int) -> np.ndarray:
    """Each map's share of absolute values in each region, float64 (n, count); a map of zeros is spread evenly.

    Args:
        maps: (n, height, width), signed or not.
        region: int (n, height, width) or (height, width), the region of every pixel, 0..count-1.
        count: how many regions there are.
    """
    size = np.abs(np.asarray(maps, "float64"))
    size[size.sum((1, 2)) == 0] = 1
    region = np.broadcast_to(region, size.shape)
    sums = [np.where(region == index, size, 0).sum((1, 2)) for index in range(count)]
    return np.stack(sums, -1) / size.sum((1, 2))[:, None]


def areas(region: np.ndarray, n: int, count: int) -> np.ndarray:
    """Each region's share of the area, float64 (n, count): the shares of a map that is the same everywhere."""
    return shares(np.ones((n, *region.shape[-2:])), region, count)


@dataclass(frozen=True)
class Focus:
    """How much of the maps lies in one region, against maps that know nothing.

    Attributes:
        region: its name.
        share: of the maps in it, mean over the images.
        area: the region's share of the image, mean over the images.
        density: share / area; 1 where the maps treat it as any other place.
        control: the control with the highest share there (``area`` is one).
        control_share, control_density: its numbers.
        difference: share minus that control's, paired by image.
        verdict: whether more of the maps lies there than of every control (``FAILS``: less than of every control).
    """

    region: str
    share: Estimate
    area: float
    density: Estimate
    control: str
    control_share: float
    control_density: float
    difference: Estimate
    verdict: Verdict


def focus(
    names: Sequence[str], found: np.ndarray, area: np.ndarray, controls: Mapping[str, np.ndarray]
) -> list[Focus]:
    """Compare the shares of maps in regions with those of controls; all intervals hold for all regions together.

    Args:
        names: of the regions.
        found: (n, regions), from ``shares``.
        area: (n, regions), from ``areas``; it is a control as well.
        controls: the shares of each control, by name.

    Returns:
        one row a region, in the order given.
    """
    known, rows = {AREA: area, **controls}, []
    family = len(names)
    for at, region in enumerate(names):
        gaps = {name: found[:, at] - each[:, at] for name, each in known.items()}
        gaps = {name: stats.mean(gap, family=family) for name, gap in gaps.items()}
        highest = max(known, key=lambda name: known[name][:, at].mean())
        share = stats.mean(found[:, at], share=True, family=family)
        size, most = float(area[:, at].mean()), float(known[highest][:, at].mean())
        numbers = size, _scaled(share, size), highest, most, most / size if size else 0.0
        rows.append(Focus(region, share, *numbers, gaps[highest], together(gaps.values())))
    return rows


def together(gaps) -> Verdict:
    """Of differences from several rivals: ``HOLDS`` if each is above 0, ``FAILS`` if each is below, by its interval."""
    gaps = list(gaps)
    if all(gap.low > 0 for gap in gaps):
        return Verdict.HOLDS
    return Verdict.FAILS if all(gap.high < 0 for gap in gaps) else Verdict.UNDECIDED


def _scaled(share: Estimate, size: float) -> Estimate:
    if not size:
        return stats.NOTHING
    return Estimate(share.value / size, share.low / size, share.high / size, share.n)


@dataclass(frozen=True)
class Agreement:
    """Whether the maps and the measured effect of each region agree on which matters most.

    Attributes:
        largest: the region with the largest measured effect.
        preferred: the region that the maps prefer most: the highest density above the highest control's.
        effects: by region, the mean fall of the score in logits.
        verdict: ``HOLDS`` if they are the same and its effect is larger than every other's, ``FAILS`` if the largest
            effect is larger than that of the preferred region, both by paired intervals.
    """

    largest: str
    preferred: str
    effects: dict[str, Estimate]
    verdict: Verdict


def agreement(rows: Sequence[Focus], effects: Mapping[str, np.ndarray]) -> Agreement:
    """Hold the maps against what each region is worth; ``effects``: by region, falls of the score (n,) in logits."""
    known = [row for row in rows if row.region in effects]
    preferred = max(known, key=lambda row: row.density.value - row.control_density).region
    largest = max(effects, key=lambda region: effects[region].mean())
    same = largest == preferred
    rivals = [region for region in effects if region != largest] if same else [preferred]
    gaps = [stats.mean(effects[largest] - effects[r], family=len(rivals)) for r in rivals]
    sure = all(gap.low > 0 for gap in gaps)
    verdict = (Verdict.HOLDS if same else Verdict.FAILS) if sure else Verdict.UNDECIDED
    measured = {region: stats.mean(falls) for region, falls in effects.items()}
    return Agreement(largest, preferred, measured, verdict)


@dataclass(frozen=True)
class Place:
    """The region where positive values are densest: their share of it divided by its share of the area.

    Attributes:
        name: of the region.
        density: mean over the images.
        shown: whether it has more than its area gives it, by an interval that holds for all regions and groups.
    """

    name: str
    density: Estimate
    shown: bool


def densest(maps: np.ndarray, region: np.ndarray, names: Sequence[str], groups: int = 1) -> Place:
    """Where the positive values of maps (n, height, width) are densest: of the regions shown to have more than their
    area, if there are any; ``groups``: how many groups of images are looked at so."""
    found = shares(np.maximum(maps, 0), region, len(names))
    area = areas(region, len(maps), len(names)).mean(0)
    values = np.where(area > 0, found / np.maximum(area, 1e-9), 0)
    family = len(names) * groups
    dense = [stats.mean(each, family=family) for each in values.T]
    shown = [each.low > 1 for each in dense]
    order = sorted(range(len(names)), key=lambda at: (shown[at], dense[at].value), reverse=True)
    best = order[0]
    return Place(names[best], dense[best], shown[best])
