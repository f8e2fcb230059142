"""LIME: which segments of an image raise a class's score.

    weights = argmin_w  Σ_k π_k (s(I_k) - w·z_k)² + ‖w‖²,   z_k: segments that copy I_k shows, π_k: its likeness to I

What is explained are the class-centred logits of all classes, from one pass and one ridge regression. The fit is linear
in what it is fitted to, so that the weights for the difference of two logits are the difference of their weights.
Perturbations, likeness and fit are those of the package ``lime``, and so are the weights (a test and notebook 06 hold
them together). It fits class by class and makes the perturbed images one by one in Python, which takes far longer.
Signed, in logits.

Ribeiro, Singh and Guestrin 2016, https://arxiv.org/abs/1602.04938; SLIC: Achanta and others 2012,
https://doi.org/10.1109/TPAMI.2012.120.

    said = core.logits_of(model, images).argmax(-1)
    maps = lime(model, images, said, samples=1000)       # float32 (n, height, width)
    one = explanations(model, images)[0]                 # .segments (height, width), .weights (classes, k)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from skimage.segmentation import slic
from sklearn.linear_model import Ridge

from helpers import stats
from helpers.backend import keras
from helpers.explain import core

SEGMENTS = ("slic", "grid")
GRID = 8  # cells along each side
ABOUT = 50  # segments that SLIC is asked for; it finds about 45
KERNEL, RIDGE = 0.25, 1.0  # the package's: width of the likeness's kernel, weight of the ridge
STABLE = 0.9  # the rank correlation over seeds from which the weights are called stable


@dataclass(frozen=True)
class Explanation:
    """LIME's weights of one image, for all classes from one pass.

    Attributes:
        segments: int (height, width), the segment of every pixel, 0..k-1.
        weights: float64 (classes, k): what showing a segment adds to each class's centred logit.
    """

    segments: np.ndarray
    weights: np.ndarray

    def weights_of(self, target) -> np.ndarray:
        """Weights float64 (k,) for a class, or for a pair: the first class's logit minus the second's."""
        # The rows of the target's weights add up to 0, so that centring twice changes nothing.
        return core.target_weights(np.asarray(target)[None], len(self.weights))[0] @ self.weights

    def map_of(self, target) -> np.ndarray:
        """The weight of its segment at every pixel, float32 (height, width), in logits, signed."""
        return self.weights_of(target)[self.segments].astype("float32")


def lime(model: keras.Model, images: np.ndarray, targets: np.ndarray, **options) -> np.ndarray:
    """LIME's weight of each pixel's segment, float32 (n, height, width); options as for ``explanations``.

    Raises:
        ValueError: images, targets or options that do not fit.
    """
    images, _ = core.checked(model, images, targets)
    found = explanations(model, images, **options)
    maps = [one.map_of(target) for one, target in zip(found, np.asarray(targets), strict=True)]
    return np.stack(maps) if maps else np.zeros(images.shape[:3], "float32")


def explanations(
    model: keras.Model,
    images: np.ndarray,
    *,
    segments: str = "slic",
    number: int = ABOUT,
    samples: int = 1000,
    fill: str = "grey",
    seed: int = 0,
) -> list[Explanation]:
    """LIME for all classes of each image; every image gets the same random numbers.

    Args:
        model: raw pixels in, logits out.
        images: (n, height, width, channels), 0..255.
        segments: ``slic`` (superpixels of each image) or ``grid`` (8 x 8 cells, the same on every image).
        number: how many superpixels SLIC is asked for.
        samples: perturbed images an image, 2 or more; stable from 20 to 30 a segment on.
        fill: what stands where a segment is hidden, see ``core.baseline``.
        seed: of the perturbations.

    Raises:
        ValueError: another kind of segments or fill, or images of another size.
    """
    images, _ = core.checked(model, images, np.zeros(len(images), int))
    found, every = [], np.arange(samples)
    for image, hidden in zip(images, core.baseline(images, fill), strict=True):
        cells = segment(image, segments, number)
        shown = _drawn(samples, cells.max() + 1, seed)
        # Cosine of the angle between a row with a share of ones and the row of ones.
        distance = 1 - np.sqrt(shown.mean(1))
        likeness = np.exp(-((distance / KERNEL) ** 2) / 2)
        keep = shown.astype(bool)[:, cells]
        scores = core.perturbed_logits(model, image[None], hidden[None], keep, 0 * every, every)
        scores = scores.astype("float64")
        scores -= scores.mean(-1, keepdims=True)
        fit = Ridge(alpha=RIDGE).fit(shown, scores, sample_weight=likeness)
        found.append(Explanation(cells, fit.coef_))
    return found


def resolved(model: keras.Model, **options) -> dict:
    """Every setting as a plain value, kernel width (of the cosine distance) and ridge with them."""
    usual = {**core.defaults(explanations), **options}
    if usual["segments"] == "grid":
        usual["number"] = min(GRID, model.input_shape[1]) * min(GRID, model.input_shape[2])
    return {**usual, "kernel": KERNEL, "ridge": RIDGE}


def _drawn(samples: int, count: int, seed: int) -> np.ndarray:
    """Which of ``count`` segments each perturbed image shows, 0 or 1 (samples, count), as the package draws it."""
    random = np.random.RandomState(seed)
    random.randint(0, 1000)  # the package's, for a segmentation of its own
    shown = random.randint(0, 2, samples * count).reshape(samples, count)
    shown[0] = 1
    return shown


def segment(image: np.ndarray, segments: str = "slic", number: int = ABOUT) -> np.ndarray:
    """Segments of an image (height, width, 1 or 3) in 0..255: int64 (height, width), 0..k-1, none of them empty.

    SLIC works on grey values, or on colours in CIELAB, which spreads each image's values over the same range; its
    smoothing grows with the image, so that the number of segments does not.

    Raises:
        ValueError: another kind of segments, or fewer than one.
    """
    if segments not in SEGMENTS or number < 1:
        known = " or ".join(SEGMENTS)
        raise ValueError(f"segments={segments!r}, number={number}: take {known}, and 1 or more")
    height, width, channels = image.shape
    if segments == "grid":
        rows, columns = (np.arange(side) * min(GRID, side) // side for side in (height, width))
        return rows[:, None] * min(GRID, width) + columns
    grey = channels == 1
    found = slic(
        np.clip(image[..., 0] if grey else image, 0, 255) / 255,
        n_segments=number,
        compactness=0.1 if grey else 10,  # each a tenth of the values' range
        sigma=min(height, width) / 48,
        channel_axis=None if grey else -1,
        start_label=0,  # from 1 there would be a segment that is none, and the last one would never be hidden
    )
    return np.unique(found, return_inverse=True)[1].reshape(height, width)


@dataclass(frozen=True)
class Stability:
    """How alike the weights come out under other seeds.

    Attributes:
        mean: of the images' mean rank correlations over pairs of seeds.
        lowest: of one image.
        verdict: that the mean is above ``STABLE``.
    """

    mean: stats.Estimate
    lowest: float
    verdict: stats.Verdict


def stability(draws: Sequence[Sequence[Explanation]], targets: np.ndarray) -> Stability:
    """How alike explanations of the same n images under two or more seeds are, by the mean rank correlation of an
    image's weights over pairs of seeds; targets as for every method."""
    found = []
    for images, target in zip(zip(*draws, strict=True), np.asarray(targets), strict=True):
        weights = [one.weights_of(target) for one in images]
        pairs = np.array([*combinations(weights, 2)])
        found.append(stats.spearman(pairs[:, 0], pairs[:, 1]).mean())
    found = np.array(found)
    return Stability(stats.mean(found), float(found.min()), stats.mean(found - STABLE).verdict)
