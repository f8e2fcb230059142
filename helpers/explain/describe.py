"""What an image made by optimisation shows, from its spectrum: stripes, a grid, spots, arcs, or nothing fine.

    P(f) = |FFT(w · (I - mean))|²;   anisotropy = |Σ P e^{2iθ}| / Σ P,   gridness = |Σ P e^{4iθ}| / Σ P
    linearity = Σ (λ₁² - λ₂²) / Σ (λ₁² + λ₂²),   |λ₁| >= |λ₂| of the Hessian of the image behind a Gaussian

θ and f are direction and frequency of a wave, w is Hann's window, so that the borders add no cross. One direction
gives stripes, two at right angles a grid. Where all directions are there, lines that bend (arcs) curve one way only
at each of their points, and spots both ways. Where the energy lies is the squared deviation from the image's mean.

Second moments of the spectrum: Bigün and Granlund 1987, https://doi.org/10.1109/ICCV.1987.4767; the Hessian: Lindeberg
1998, https://doi.org/10.1023/A:1008045108935.

    found = describe(images)                             # (n, height, width, channels) -> n patterns
    found[0].kind, found[0].orientation, found[0].frequency
    commonest(found)["kind"]
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from helpers.explain import regions

KINDS = ("smooth", "stripes", "grid", "arcs", "spots")
SMOOTH = 2.0  # cycles an image, below which the mean frequency shows no pattern
ANISOTROPIC = 0.7  # from this anisotropy on: stripes
CROSSED = 0.5  # from this gridness on: a grid
LINEAR = 0.75  # from this linearity on: arcs


@dataclass(frozen=True)
class Pattern:
    """What one image shows.

    Attributes:
        kind: of ``KINDS``, by the thresholds above, in that order.
        orientation: of its lines in degrees, 0..180: 0 lies, 90 stands, 45 rises to the right.
        frequency: mean frequency in cycles an image (its shorter side), weighted by energy.
        place: the region whose share of the energy is largest for its area.
    """

    kind: str
    orientation: float
    frequency: float
    place: str


def describe(
    images: np.ndarray, region: np.ndarray | None = None, names: Sequence[str] = regions.NINTHS
) -> list[Pattern]:
    """What each image shows.

    Args:
        images: (n, height, width, channels), of any range; channels are averaged.
        region: int (height, width), the region of every pixel; by default its ninth.
        names: of the regions.
    """
    grey = np.asarray(images, "float64").mean(-1)
    grey -= grey.mean((1, 2), keepdims=True)
    region = regions.ninths(*grey.shape[1:]) if region is None else region
    shares = regions.shares(grey**2, region, len(names))
    dense = shares / np.maximum(regions.areas(region, 1, len(names)), 1e-9)
    return [_pattern(one, names[each.argmax()]) for one, each in zip(grey, dense, strict=True)]


def _pattern(grey: np.ndarray, place: str) -> Pattern:
    height, width = grey.shape
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    grey = grey - (grey * window).sum() / window.sum()
    power = np.abs(np.fft.fft2(grey * window)) ** 2
    # Rows count downwards: turned round, so that angles rise to the right.
    up, right = -np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    power = power / max(power.sum(), 1e-12)
    angle = np.arctan2(up, right)
    twice, fourfold = ((power * np.exp(times * 1j * angle)).sum() for times in (2, 4))
    frequency = float((power * np.hypot(up, right)).sum() * min(grey.shape))
    tests = {
        "smooth": frequency < SMOOTH,
        "stripes": abs(twice) >= ANISOTROPIC,
        "grid": abs(fourfold) >= CROSSED,
        "arcs": _linearity(grey, frequency) >= LINEAR,
        "spots": True,
    }
    kind = next(name for name, holds in tests.items() if holds)
    orientation = float((np.degrees(np.angle(twice)) / 2 + 90) % 180)
    return Pattern(kind, orientation, frequency, place)


def _linearity(grey: np.ndarray, frequency: float) -> float:
    """1 where the image bends one way only at each of its points, 0 where it bends as much across."""
    spread = min(grey.shape) / (8 * max(frequency, SMOOTH))  # an eighth of the mean wave's length
    orders = ((2, 0), (0, 2), (1, 1))
    down, across, mixed = (
        ndimage.gaussian_filter(grey, max(spread, 0.7), order=order, mode="nearest")
        for order in orders
    )
    total, apart = down + across, np.hypot(down - across, 2 * mixed)
    # λ = (total ± apart) / 2: the difference of their squares is |total| · apart.
    squares = ((total**2 + apart**2) / 2).sum()
    return float((np.abs(total) * apart).sum() / squares) if squares else 0.0


def commonest(found: Sequence[Pattern]) -> dict:
    """What some images show together: the commonest ``kind`` with its ``share`` (the first of ``KINDS`` of equals),
    ``counts`` by kind, and the median ``frequency``."""
    counts = Counter(each.kind for each in found)
    kind = max(KINDS, key=lambda name: counts[name])
    return {
        "kind": kind,
        "share": counts[kind] / max(1, len(found)),
        "counts": {name: counts[name] for name in KINDS},
        "frequency": float(np.median([each.frequency for each in found] or [0])),
    }
