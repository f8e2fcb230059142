"""Each class's evidence beside its recall and its main confusion: why one is recognised well and another badly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helpers import evaluation, stats
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
    mistakes, found = counts - np.diag(np.diag(counts)), []
    for k, score in enumerate(evaluation.per_class(counts, names, train_labels)):
        worst = int(mistakes[k].argmax())
        mistaken = stats.rate(mistakes[k, worst], score.recall.n) if mistakes[k, worst] else None
        told = score.train_images, mistaken and names[worst], mistaken
        found.append(ClassEvidence(score.name, score.recall, *told, places.get(k)))
    return found


def places(
    maps: np.ndarray, labels: np.ndarray, region: np.ndarray, names: Sequence[str]
) -> dict[int, regions.Place]:
    """The densest region by class, for classes that have images; maps (n, height, width) are for the true class."""
    region, classes = np.broadcast_to(region, maps.shape), np.unique(labels)

    def densest(of):
        return regions.densest(maps[of], region[of], names, len(classes))

    return {int(k): densest(labels == k) for k in classes}
