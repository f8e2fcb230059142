"""Each class's evidence beside its recall and its main confusion: why one is recognised well and another badly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helpers import stats
from helpers.explain import regions
from helpers.stats import Estimate


@dataclass(frozen=True)
class ClassEvidence:
    """What LIME and the confusion matrix say of one class.

    Attributes:
        name: of the class.
        recall: on the validation images.
        train: its training images.
        rival, mistaken: the class it is most often taken for, and how often; None without a mistake.
        place: where its evidence is densest; None without images.
    """

    name: str
    recall: Estimate
    train: int
    rival: str | None
    mistaken: Estimate | None
    place: regions.Place | None


def by_class(
    counts: np.ndarray,
    train_labels: np.ndarray,
    places: Mapping[int, regions.Place],
    names: Sequence[str],
) -> list[ClassEvidence]:
    """A row a class.

    Args:
        counts: the confusion matrix, int (classes, classes); rows are true classes.
        train_labels: int (n,), of the training images.
        places: by class, from ``places``; a class without images is missing.
        names: of the classes.
    """
    counts, sizes = np.asarray(counts), np.bincount(train_labels, minlength=len(names))
    found = []
    for k, name in enumerate(names):
        n = int(counts[k].sum())
        others = np.where(np.arange(len(names)) == k, -1, counts[k])
        worst = int(others.argmax())
        rival = (names[worst], stats.rate(others[worst], n)) if others[worst] > 0 else (None, None)
        recall, train = stats.rate(counts[k, k], n), int(sizes[k])
        found.append(ClassEvidence(name, recall, train, *rival, places.get(k)))
    return found


def places(
    maps: np.ndarray, labels: np.ndarray, region: np.ndarray, names: Sequence[str]
) -> dict[int, regions.Place]:
    """The densest region by class, for classes that have images; maps (n, height, width) are for the true class."""
    region, classes = np.broadcast_to(region, maps.shape), np.unique(labels)

    def densest(of):
        return regions.densest(maps[of], region[of], names, len(classes))

    return {int(k): densest(labels == k) for k in classes}
