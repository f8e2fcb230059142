"""Methods against known truths: what each region of a drawn face is worth, and a planted mark that the network uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from helpers import stats
from helpers.backend import keras
from helpers.explain import faithfulness, ranking, regions
from helpers.explain.core import blur_pixels
from helpers.explain.faithfulness import CONTROLS
from helpers.stats import Estimate, Verdict

FINDS, MISSES, FALSE, UNCLEAR = "finds", "misses", "false", "unclear"


# --- regions drawn at rest ---


@dataclass(frozen=True)
class RegionTruth:
    """Methods against the measured effect of each region.

    Attributes:
        rows: the ranking by each image's rank correlation of the regions' densities (share of the positive importance
            an area) with their effects; images in which no region has an effect are left out.
        spokesman: the highest method that beats the best control; without one, the highest method.
    """

    rows: list[ranking.Row]
    spokesman: ranking.Row


def region_truth(
    maps: Mapping[str, np.ndarray], region: np.ndarray, which: Sequence[int], effects: np.ndarray
) -> RegionTruth:
    """Hold the densities of maps in regions against what the regions are worth.

    The share of the positive importance inside a region is the relevance mass of Arras, Osman and Samek 2022,
    https://arxiv.org/abs/2003.07258. It grows with the region's area, and so would agree with any effect that does:
    here it is divided by the area.

    Args:
        maps: importance by method and control, (n, height, width).
        region: int (n, height, width), the region of every pixel.
        which: numbers of the regions that were drawn at rest.
        effects: float (n, regions), how far the logit falls.
    """
    moved = np.ptp(effects, axis=-1) > 0
    where, count, alike = region[moved], max(which) + 1, {}
    area = np.maximum(regions.areas(where, len(where), count), 1e-9)
    for name, each in maps.items():
        dense = regions.shares(np.maximum(each[moved], 0), where, count) / area
        alike[name] = stats.spearman(dense[:, which], effects[moved])
    rows = ranking.rank(alike, CONTROLS)
    beat = (row for row in rows if row.over and row.over.verdict == Verdict.HOLDS)
    return RegionTruth(rows, next(beat, None) or ranking.best(rows))


# --- the planted mark ---


def near(inside: np.ndarray) -> np.ndarray:
    """A mark, bool (height, width), and what lies so near that a blurred map's peak may fall there."""
    reach = max(1, round(blur_pixels(inside.shape)))
    return ndimage.binary_dilation(inside, np.ones((3, 3), bool), iterations=reach)


def find_mark(
    networks: Mapping[str, keras.Model], split, inside: np.ndarray
) -> dict[str, dict[str, dict]]:
    """How methods and controls point at a mark, network by network; what is explained is each network's answer.

    Args:
        networks: by name: the one that uses the mark, then the one that does not.
        split: images that carry the mark.
        inside: bool (height, width), where it is.

    Returns:
        by network, by method and control: ``pointing``, bool (n,), and ``maps``, importance (n, height, width).
    """
    found = {}
    for key, network in networks.items():
        shown = faithfulness.sample(network, split, len(split))
        found[key] = {
            name: {"pointing": faithfulness.pointing(maps, near(inside)), "maps": maps}
            for name, maps in faithfulness.explain(network, shown).items()
        }
    return found


@dataclass(frozen=True)
class Mark:
    """What a method makes of the mark, in the network that uses it and in the one that does not.

    Attributes:
        name: the method's or control's.
        used, unused: share of the images whose top pixel is at the mark.
        said: ``finds``, ``misses``, ``false`` (finds it where it is not used) or ``unclear``.
        verdict: whether it finds a mark that the network uses, and only there.
    """

    name: str
    used: Estimate
    unused: Estimate
    said: str
    verdict: Verdict


def marks(found: Mapping[str, Mapping[str, Mapping]], proved: bool = True) -> list[Mark]:
    """Judge what ``find_mark`` found, in its order; nothing is said unless the use of the mark is ``proved``."""
    pair, rows = list(found.values()), []
    for name in pair[0]:
        each = [network[name] for network in pair]
        rates = [stats.rate(int(e["pointing"].sum()), len(e["pointing"])) for e in each]
        said = finds(*rates) if proved else UNCLEAR
        verdict = {FINDS: Verdict.HOLDS, UNCLEAR: Verdict.UNDECIDED}.get(said, Verdict.FAILS)
        rows.append(Mark(name, *rates, said, verdict))
    return rows


def finds(used: Estimate, unused: Estimate) -> str:
    """What a method makes of the mark, from the shares of images that point at it: more or fewer than half, by the
    whole intervals."""
    if unused.low > 0.5:
        return FALSE
    if used.low > 0.5 and unused.high < 0.5:
        return FINDS
    return MISSES if used.high < 0.5 else UNCLEAR
