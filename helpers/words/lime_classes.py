"""The words of notebook 06 on each class: where LIME finds its evidence, beside its recall and main confusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.datasets.base import Dataset
from helpers.evaluation import Rate
from helpers.explain import regions
from helpers.explain.lime_segments import rank_correlation
from helpers.words.common import plain

MANY = 8  # of more classes not every one gets a sentence
THIRDS = tuple(f"{row} {column}" for row in ("upper", "middle", "lower") for column in ("left", "centre", "right"))


def parts(data: Dataset, rows: np.ndarray) -> tuple[tuple[str, ...], np.ndarray, str]:
    """What places are called on these data: the regions of a face, or else the thirds of an image.

    Args:
        data: whose validation images are meant.
        rows: indices of them.

    Returns:
        names; int (n, height, width) or (height, width), the part of every pixel; how they were found.
    """
    shape = data.image_shape
    names, found, exact = regions.find(data.name, data.region_names, data.validation.regions, shape)
    if found is not None:
        return names, found[rows] if exact else found, "regions as drawn" if exact else "fixed boxes, approximate"
    down, across = (np.arange(side) * 3 // side for side in shape[:2])
    return THIRDS, down[:, None] * 3 + across, "thirds of the image"


@dataclass(frozen=True)
class Place:
    """The part where the evidence for a class is densest: its share divided by the part's share of the area.

    Attributes:
        name: of the part.
        density, interval: mean over the class's images and 95 % interval.
        shown: whether it has more than its area gives it, by an interval that holds for all parts and classes together.
    """

    name: str
    density: float
    interval: tuple[float, float]
    shown: bool


def densest(maps: np.ndarray, region: np.ndarray, names: Sequence[str], classes: int = 1) -> Place:
    """Where the positive weights of one class's images are densest: of the parts shown to have more than their area,
    if there are any.

    Args:
        maps: (n, height, width), for the class.
        region: the part of every pixel, as from ``parts``.
        names: of the parts.
        classes: how many classes are looked at so.
    """
    positive = np.maximum(maps, 0)
    shares = regions.shares(positive, region, len(names))
    area = regions.areas(region, len(maps), len(names)).mean(0)
    densities = np.where(area > 0, shares / np.maximum(area, 1e-9), 0)
    mean, low, high = regions.mean_interval(densities)
    shown = regions.mean_interval(densities, len(names) * classes)[1] > 1
    best = int(np.where(shown, mean, -1).argmax() if shown.any() else mean.argmax())
    return Place(names[best], float(mean[best]), (float(low[best]), float(high[best])), bool(shown[best]))


def places(maps: np.ndarray, labels: np.ndarray, region: np.ndarray, names: Sequence[str]) -> dict[int, Place]:
    """The densest part by class, for the classes that have images; maps (n, height, width) are for the true class."""
    region, classes = np.broadcast_to(region, maps.shape), np.unique(labels)
    return {int(k): densest(maps[labels == k], region[labels == k], names, len(classes)) for k in classes}


@dataclass(frozen=True)
class ClassStory:
    """What LIME and the confusion matrix say of one class.

    Attributes:
        name: of the class.
        recall: on the validation images.
        mistaken: the class it is most often taken for, and how often; None without a mistake.
        place: where its evidence is densest; None without images.
        alike: the class whose mean map is most like its own, with the rank correlation; None without images.
    """

    name: str
    recall: Rate
    mistaken: tuple[str, Rate] | None
    place: Place | None
    alike: tuple[str, float] | None


def stories(confusion: dict, means: np.ndarray, places: Mapping[int, Place], names: Sequence[str]) -> list[ClassStory]:
    """A story a class.

    Args:
        confusion: as notebook 03 records it.
        means: (classes, cells), each class's mean weights for itself.
        places: by class; a class without images is missing.
    """
    counts = np.asarray(confusion["counts"])
    found = []
    for k, name in enumerate(names):
        n = int(counts[k].sum())
        others = np.where(np.arange(len(names)) == k, -1, counts[k])
        worst = int(others.argmax())
        mistaken = (names[worst], Rate(int(others[worst]), n)) if others[worst] > 0 else None
        alike = None
        near = [(rank_correlation(means[k], means[j]), j) for j in places if j != k]
        if k in places and near:
            value, j = max(near)
            alike = names[j], value
        found.append(ClassStory(name, Rate(int(counts[k, k]), n), mistaken, places.get(k), alike))
    return found


def stories_in_words(found: Sequence[ClassStory]) -> str:
    """A sentence a class, as a list; of many classes the two best and the two worst recognised ones."""
    if len(found) > MANY:
        known = sorted((s for s in found if s.recall.n), key=lambda s: -s.recall.value)
        found = [*known[:2], *known[-2:]]
    return "\n".join(f"- {story_in_words(story)}" for story in found)


def story_in_words(story: ClassStory) -> str:
    """One sentence that ties LIME to recall and to the main confusion."""
    taken = f"taken for {plain(story.mistaken[0])} {share(story.mistaken[1])}" if story.mistaken else "never mistaken"
    start = f"**{plain(story.name)}** (recall {share(story.recall)}, {taken}): "
    if story.place is None:
        return start + "no image to explain."
    return f"{start}{_place(story.place)}{_alike(story)}."


def share(rate: Rate) -> str:
    """Like ``81.2 %``, with a space that does not break."""
    return f"{100 * rate.value:.1f}\u00a0%" if rate.n else "unknown"


def _place(place: Place) -> str:
    if not place.shown:
        return (
            f"no part has certainly more evidence than its area, most has “{plain(place.name)}” "
            f"({place.density:.1f} × its area)"
        )
    return f"evidence densest on “{plain(place.name)}” ({place.density:.1f} × its area)"


def _alike(story: ClassStory) -> str:
    if story.alike is None:
        return ""
    name, value = story.alike
    if value <= 0:
        return "; no other mean map is like its own"
    tie = ", its main confusion" if story.mistaken and name == story.mistaken[0] else ""
    return f"; most like the mean map of {plain(name)} ({value:+.2f}){tie}"


def story_rows(found: Sequence[ClassStory]) -> list[list]:
    """Rows: class, recall, most often taken for, densest part, its density with interval, most alike mean map."""
    rows = []
    for s in found:
        taken = f"{s.mistaken[0]} ({share(s.mistaken[1])})" if s.mistaken else "–"
        place = (
            (s.place.name, f"{s.place.density:.1f} ({s.place.interval[0]:.1f} to {s.place.interval[1]:.1f})")
            if s.place
            else ("–", "–")
        )
        number = f"{s.alike[1]:+.2f}".replace("-", "−") if s.alike else ""
        alike = f"{s.alike[0]} ({number})" if s.alike else "–"
        rows.append([s.name, share(s.recall), taken, *place, alike])
    return rows


def alike_in_words(found: Sequence[ClassStory]) -> str:
    """In how many classes the mean map most alike belongs to the class of the main confusion; a count, no proof."""
    known = [s for s in found if s.mistaken and s.alike]
    if len(known) < 3:
        return "Too few classes have mistakes to compare them with the mean maps."
    hits = sum(s.mistaken[0] == s.alike[0] for s in known)
    guess = 1 / (len(found) - 1)
    more = stats.binomtest(hits, len(known), guess, alternative="greater").pvalue < 0.05
    chance = len(known) * guess
    verdict = "more than" if more else "not shown to be more than"
    return (
        f"In {hits} of {len(known)} classes the mean map most alike is that of the class they are most often taken "
        f"for, {verdict} the {chance:.1f} that a guess gives."
    )
