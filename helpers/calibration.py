"""Whether a network is as sure as it is right; arrays in, plain numbers out."""

from dataclasses import dataclass

import numpy as np

from helpers.evaluation import probabilities
from helpers.stats import Estimate, mean, rate

BINS = 10
DRAWS = 1000  # of the calibrated network


@dataclass(frozen=True)
class Calibration:
    """Confidence, the probability of the answer, against how often the answer is right.

    Attributes:
        confidences: mean confidence of each bin, rising; bins hold equal numbers of images.
        rates: share of right answers of each bin.
        excess: confidence minus share of right answers, over all images; above 0 where the network is over-confident.
        error: expected calibration error, 0..1 (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
        chance: what 95 % of perfectly calibrated networks of these confidences stay below, on as many images (Bröcker
            and Smith 2007, https://doi.org/10.1175/WAF993.1): with few images no error is 0.
    """

    confidences: list[float]
    rates: list[Estimate]
    excess: Estimate
    error: float
    chance: float


def calibration(labels: np.ndarray, logits: np.ndarray) -> Calibration:
    """Measure the calibration of a network.

    Args:
        labels: int (n,), n at least 2.
        logits: float (n, classes).

    Raises:
        ValueError: fewer than two images.
    """
    if len(labels) < 2:
        raise ValueError(f"{len(labels)} images have no calibration")
    chances = probabilities(logits)
    confidence, right = chances.max(-1), chances.argmax(-1) == labels
    parts = _bins(confidence)
    return Calibration(
        confidences=[float(confidence[part].mean()) for part in parts],
        rates=[rate(int(right[part].sum()), len(part)) for part in parts],
        excess=mean(confidence - right),
        error=expected_error(confidence, right),
        chance=_by_chance(confidence),
    )


def _bins(confidence: np.ndarray) -> list[np.ndarray]:
    """The images by rising confidence, in bins of equal counts, fewer where there are fewer images."""
    return np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(confidence)))


def expected_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: mean over equal-count bins of |mean confidence − accuracy|, by images (0..1)."""
    gaps = confidence - right
    return float(sum(abs(gaps[part].sum()) for part in _bins(confidence)) / len(gaps))


def _by_chance(confidence: np.ndarray) -> float:
    rng = np.random.default_rng(0)
    hits = (rng.random(len(confidence)) < confidence for _ in range(DRAWS))
    return float(np.quantile([expected_error(confidence, hit) for hit in hits], 0.95))
