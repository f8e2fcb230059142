"""Whether a network is as sure as it is right; arrays in, plain numbers out."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.evaluation import Rate, probabilities

BINS = 10
DRAWS = 1000  # of the bootstrap and of the calibrated network


@dataclass(frozen=True)
class Calibration:
    """Confidence, the probability of the answer, against how often the answer is right.

    Attributes:
        confidences: mean confidence of each bin, rising; bins hold equal numbers of images.
        rates: share of right answers of each bin.
        confidence: mean over all images, 0..1.
        accuracy: share of right answers over all images.
        excess: confidence minus accuracy; above 0 where the network is over-confident.
        excess_interval: its 95 % interval (paired, normal).
        error: expected calibration error, 0..1 (Guo et al. 2017), over bins of equal counts.
        error_interval: its 95 % bootstrap interval (basic, which takes off the bias of resampling), cut at 0.
        chance: what 95 % of perfectly calibrated networks of these confidences stay below, on as many images
            (Bröcker and Smith 2007): with few images no error is 0.
    """

    confidences: np.ndarray
    rates: list[Rate]
    confidence: float
    accuracy: Rate
    excess: float
    excess_interval: tuple[float, float]
    error: float
    error_interval: tuple[float, float]
    chance: float

    @property
    def verdict(self) -> str:
        """``over-confident``, ``under-confident``, ``miscalibrated`` (both, in places) or ``no fault shown``."""
        low, high = self.excess_interval
        if low > 0 or high < 0:
            return "over-confident" if low > 0 else "under-confident"
        return "miscalibrated" if self.error > self.chance else "no fault shown"


def calibration(labels: np.ndarray, logits: np.ndarray, bins: int = BINS, seed: int = 0) -> Calibration:
    """Measure the calibration of a network.

    Args:
        labels: int (n,), n at least 2.
        logits: float (n, classes).
        bins: of equal counts; fewer where there are fewer images.
        seed: of the bootstrap and of chance.

    Raises:
        ValueError: fewer than two images.
    """
    if len(labels) < 2:
        raise ValueError(f"{len(labels)} images have no calibration")
    chances = probabilities(logits)
    confidence, right = chances.max(-1), chances.argmax(-1) == labels
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(labels)))
    gaps = confidence - right
    spread = 1.96 * gaps.std(ddof=1) / np.sqrt(len(gaps))
    rng = np.random.default_rng(seed)
    found = expected_error(confidence, right, bins)
    return Calibration(
        confidences=np.array([confidence[part].mean() for part in parts]),
        rates=[Rate(int(right[part].sum()), len(part)) for part in parts],
        confidence=float(confidence.mean()),
        accuracy=Rate(int(right.sum()), len(right)),
        excess=float(gaps.mean()),
        excess_interval=(float(gaps.mean() - spread), float(gaps.mean() + spread)),
        error=found,
        error_interval=_interval(confidence, right, bins, rng),
        chance=_by_chance(confidence, bins, rng),
    )


def expected_error(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean over equal-count bins of |mean confidence − accuracy|, by images (0..1)."""
    gaps = (confidence - right)[np.argsort(confidence, kind="stable")]
    return sum(abs(part.sum()) for part in np.array_split(gaps, min(bins, len(gaps)))) / len(gaps)


def _interval(confidence: np.ndarray, right: np.ndarray, bins: int, rng) -> tuple[float, float]:
    low, high = stats.bootstrap(
        (confidence, right),
        lambda sure, hit: expected_error(sure, hit, bins),
        n_resamples=DRAWS,
        paired=True,
        vectorized=False,
        method="basic",
        rng=rng,
    ).confidence_interval
    return max(0.0, float(low)), max(0.0, float(high))


def _by_chance(confidence: np.ndarray, bins: int, rng) -> float:
    draws = (expected_error(confidence, rng.random(len(confidence)) < confidence, bins) for _ in range(DRAWS))
    return float(np.quantile(list(draws), 0.95))
