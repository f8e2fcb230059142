"""How much of what networks recognise they still recognise in images shifted, turned, noisy or partly hidden."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import ndimage, stats

from helpers.evaluation import FEW, Rate, holm, predict

DRAWN_FOR = 48  # side in pixels for which the lengths below were chosen; larger images get longer ones
GREY = 128  # of the square that hides


def shift(images: np.ndarray, pixels: int, seed: int = 0) -> np.ndarray:
    """Each image moved by so many pixels, right, left, down or up by chance; the border is repeated.

    Args:
        images: uint8 (n, height, width, channels), as for every change of this module.
        pixels: how far.
        seed: of the choices, which are the same at every strength.

    Returns:
        uint8, the shape of ``images``.
    """
    height, width = images.shape[1:3]
    ways = np.array([(0, 1), (0, -1), (1, 0), (-1, 0)])[np.random.default_rng(seed).integers(4, size=len(images))]
    padded = np.pad(images, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)), "edge")
    corners = pixels - pixels * ways
    return np.stack([image[r : r + height, c : c + width] for image, (r, c) in zip(padded, corners, strict=True)])


def rotate(images: np.ndarray, degrees: float, seed: int = 0) -> np.ndarray:
    """Each image turned about its centre, to the left or the right by chance; linear, the border is repeated."""
    left = np.random.default_rng(seed).random(len(images)) < 0.5
    turned = images.astype("float32")
    for part, angle in ((left, degrees), (~left, -degrees)):
        if part.any():
            turned[part] = ndimage.rotate(turned[part], angle, axes=(2, 1), reshape=False, order=1, mode="nearest")
    return np.rint(turned).astype("uint8")


def noise(images: np.ndarray, deviation: float, seed: int = 0) -> np.ndarray:
    """Gaussian noise of a standard deviation in grey levels added to every value, cut at 0 and 255."""
    drawn = np.random.default_rng(seed).standard_normal(images.shape, "float32")
    return np.clip(np.rint(images + deviation * drawn), 0, 255).astype("uint8")


def occlude(images: np.ndarray, side: int, seed: int = 0) -> np.ndarray:
    """A grey square of so many pixels a side laid over each image, wholly inside of it, at a place drawn by chance."""
    hidden, room = images.copy(), np.array(images.shape[1:3]) - side + 1
    corners = (np.random.default_rng(seed).random((len(images), 2)) * room).astype(int)
    for image, (r, c) in zip(hidden, corners, strict=True):
        image[r : r + side, c : c + side] = GREY
    return hidden


@dataclass(frozen=True)
class Change:
    """One way of spoiling an image.

    Attributes:
        name: as a figure calls it.
        unit: of its strength.
        apply: function of images, strength and seed.
        levels: strengths, rising, without 0; lengths in pixels hold for images of 48 pixels a side.
        length: whether the strength is a length.
    """

    name: str
    unit: str
    apply: Callable[[np.ndarray, float, int], np.ndarray]
    levels: tuple[int, ...]
    length: bool

    def strengths(self, shape: tuple[int, int, int]) -> list[int]:
        """The strengths for images of a shape (height, width, channels), from 0."""
        scale = min(shape[:2]) / DRAWN_FOR if self.length else 1
        return [0, *sorted({max(1, round(level * scale)) for level in self.levels})]


CHANGES = (
    Change("shift", "px", shift, (2, 4, 6, 8), True),
    Change("rotation", "degrees", rotate, (10, 20, 30, 45), False),
    Change("noise", "grey levels", noise, (10, 20, 40, 60), False),
    Change("occlusion", "px a side", occlude, (8, 12, 16, 24), True),
)


@dataclass(frozen=True)
class Course:
    """What networks recognise as one change grows.

    Attributes:
        change: the change.
        strengths: from 0, rising.
        right: by network, bool (strengths, n): whether it recognises an image.
    """

    change: Change
    strengths: list[int]
    right: dict[str, np.ndarray]

    def rates(self, network: str) -> list[Rate]:
        """Accuracy at each strength."""
        return [Rate(int(row.sum()), len(row)) for row in self.right[network]]

    @property
    def shared(self) -> np.ndarray:
        """Bool (n,): the unchanged images that all networks recognise."""
        return np.all([right[0] for right in self.right.values()], axis=0)

    def kept(self, network: str) -> np.ndarray:
        """Of each shared image, the share of strengths above 0 at which it is still recognised, float (shared,)."""
        return self.right[network][1:, self.shared].mean(axis=0)


def courses(
    networks: Mapping[str, object], images: np.ndarray, labels: np.ndarray, seed: int = 0, changes=CHANGES
) -> list[Course]:
    """What networks recognise in the same images, changed in the same way, more and more.

    Args:
        networks: Keras models by name, raw pixels in, logits out.
        images: uint8 (n, height, width, channels).
        labels: int (n,).
        seed: of what chance decides.
        changes: what is done to the images, one at a time.
    """
    plain = {name: predict(network, images).argmax(-1) == labels for name, network in networks.items()}
    found = []
    for change in changes:
        strengths = change.strengths(images.shape[1:])
        right = {name: [unchanged] for name, unchanged in plain.items()}
        for strength in strengths[1:]:
            changed = change.apply(images, strength, seed)
            for name, network in networks.items():
                right[name].append(predict(network, changed).argmax(-1) == labels)
        found.append(Course(change, strengths, {name: np.array(rows) for name, rows in right.items()}))
    return found


@dataclass(frozen=True)
class Difference:
    """How much more one network keeps than another, on the unchanged images that all of them recognise.

    Attributes:
        change: the name of the change.
        first, second: the networks.
        value: mean of what the first keeps minus what the second keeps, −1..1.
        interval: its 95 % interval (paired, normal).
        p: of the paired t test, Holm-adjusted over all changes and pairs.
    """

    change: str
    first: str
    second: str
    value: float
    interval: tuple[float, float]
    p: float

    @property
    def better(self) -> str | None:
        """The network that keeps more, where the test shows one."""
        return None if self.p >= 0.05 else self.first if self.value > 0 else self.second


def differences(found: Sequence[Course]) -> list[Difference]:
    """Every change and pair of networks; none where they share fewer than 30 recognised images."""
    if not found or found[0].shared.sum() < FEW:
        return []
    pairs = [(course, *pair) for course in found for pair in combinations(course.right, 2)]
    gaps = [course.kept(first) - course.kept(second) for course, first, second in pairs]
    p = [stats.ttest_1samp(gap, 0).pvalue if np.ptp(gap) else float(gap[0] == 0) for gap in gaps]
    listed = []
    for (course, first, second), gap, adjusted in zip(pairs, gaps, holm(p), strict=True):
        mean, spread = float(gap.mean()), 1.96 * float(gap.std(ddof=1)) / np.sqrt(len(gap))
        listed.append(Difference(course.change.name, first, second, mean, (mean - spread, mean + spread), adjusted))
    return listed
