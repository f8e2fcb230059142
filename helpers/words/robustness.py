"""More words of notebook 02: what the networks withstand, and whether they are as sure as they are right."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.calibration import Calibration
from helpers.robustness import Course, Difference
from helpers.words.common import p_value, percent
from helpers.words.rivals import TITLES

SHORT = {"cnn": "the CNN", "cnn_half": "half depth", "dnn": "the DNN"}
DIFFERENCE_COLUMNS = ["change", "comparison", "points kept", "95 % interval", "p (Holm)", "verdict"]
CALIBRATION_COLUMNS = [
    "network",
    "mean confidence",
    "accuracy",
    "confidence − accuracy (95 % interval)",
    "calibration error (95 % interval)",
    "of a calibrated one, below",
    "verdict",
]
CALIBRATION_CAPTION = (
    "Confidence and accuracy on the same images, and the expected calibration error {cite:guo2017} (bins of equal "
    "counts, bootstrap {cite:bootstrap}). Even a calibrated network has an error on so few images; 95 % of such "
    "networks with the same confidences stay below the number given {cite:brocker2007}."
)


def _points(value: float) -> str:
    return f"{round(100 * value, 1) or 0:+.1f}".replace("-", "−")  # never −0.0


def courses_caption(courses: Sequence[Course]) -> str:
    """What the curves show, and on how many images."""
    n = len(courses[0].shared)
    return (
        f"Accuracy on {n:,} validation images, spoiled more and more {{cite:hendrycks2019}}; bands are 95\u00a0% "
        "intervals. Shifts and turns go either way, the square lies anywhere, and the border is repeated."
    )


def describe_courses(courses: Sequence[Course]) -> str:
    """The curves in words: accuracy unchanged and at the greatest strength."""
    parts = []
    for course in courses:
        ends = [f"{TITLES[n]} {percent(r[0].value)} to {percent(r[-1].value)}" for n, r in _rates(course).items()]
        parts.append(f"{course.change.name} up to {course.strengths[-1]} {course.change.unit}: {', '.join(ends)}")
    return "Accuracy against strength. " + "; ".join(parts) + "."


def _rates(course: Course) -> dict:
    return {name: course.rates(name) for name in course.right}


def difference_rows(found: Sequence[Difference]) -> list[list]:
    """Rows, one a change and pair of networks; columns are ``DIFFERENCE_COLUMNS``."""
    rows = []
    for d in found:
        low, high = map(_points, d.interval)
        verdict = "no difference shown" if d.better is None else "higher" if d.better == d.first else "lower"
        pair = f"{TITLES[d.first]} − {TITLES[d.second]}"
        rows.append([d.change, pair, _points(d.value), f"{low} to {high}", p_value(d.p), verdict])
    return rows


def losses_in_words(courses: Sequence[Course], found: Sequence[Difference]) -> str:
    """Which network loses least and which most under each change, and by how many points, as far as tests show it."""
    n = int(courses[0].shared.sum())
    if not found:
        return (
            f"All networks recognise {n} unchanged images: too few to say which withstands more when they are spoiled."
        )
    parts = []
    for course in courses:
        mine = [d for d in found if d.change == course.change.name]
        parts.append(f"under {course.change.name} {_ranks(list(course.right), mine)}")
    text = "; ".join(parts)
    by = "; in brackets: points to the next" if "(" in text else ""
    return f"Of {n:,} images that all recognise, spoiled ({{ref:spoiled}}{by}): {text}."


def _ranks(networks: list[str], found: Sequence[Difference]) -> str:
    wins = {name: sum(d.better == name for d in found) for name in networks}
    losses = {name: sum(d.better not in (None, name) and name in (d.first, d.second) for d in found) for name in wins}
    others = len(networks) - 1

    def points(name):
        return f"({100 * min(abs(d.value) for d in found if name in (d.first, d.second)):.1f})"

    least = [f"{SHORT[name]} loses least {points(name)}" for name in networks if wins[name] == others]
    most = [f"{SHORT[name]} loses most {points(name)}" for name in networks if losses[name] == others]
    return ", ".join(least + most) or "neither who loses least nor who loses most is shown"


def calibration_rows(found: Mapping[str, Calibration]) -> list[list]:
    """Rows, one a network; columns are ``CALIBRATION_COLUMNS``."""
    rows = []
    for name, c in found.items():
        low, high = map(_points, c.excess_interval)
        error = f"{c.error:.3f} ({c.error_interval[0]:.3f} to {c.error_interval[1]:.3f})"
        excess = f"{_points(c.excess)} ({low} to {high})"
        accuracy = f"{100 * c.accuracy.value:.1f} %"
        rows.append(
            [TITLES[name], f"{100 * c.confidence:.1f} %", accuracy, excess, error, f"{c.chance:.3f}", c.verdict]
        )
    return rows


def reliability_caption(found: Mapping[str, Calibration]) -> str:
    """What the reliability curves show, and on how many images."""
    n, bins = (next(iter(found.values())).accuracy.n, len(next(iter(found.values())).rates))
    return (
        f"Share of right answers against confidence on {n:,} validation images, in {bins} bins of equal counts, with "
        "95\u00a0% intervals. On the dotted line a network is as sure as it is right; above it, less sure."
    )


def describe_reliability(found: Mapping[str, Calibration]) -> str:
    """The reliability curves in words: the bin that is furthest off."""
    parts = []
    for name, c in found.items():
        values = np.array([rate.value for rate in c.rates])
        k = int(np.abs(values - c.confidences).argmax())
        parts.append(f"{TITLES[name]} is {percent(values[k])} right where it is {percent(c.confidences[k])} sure")
    return "Accuracy against confidence in bins of equal counts, the worst bin: " + "; ".join(parts) + "."


def calibration_in_words(c: Calibration, smoothing: float, classes: int) -> str:
    """Whether the CNN is as sure as it is right, and what label smoothing has to do with it.

    Args:
        c: of the CNN.
        smoothing: label smoothing of its training, 0..1; 0 where it is not known.
        classes: number of classes.
    """
    low, high = map(_points, c.excess_interval)
    state = {
        "no fault shown": "No fault in the CNN's confidence is shown",
        "miscalibrated": "The CNN is on the whole neither over- nor under-confident, but miscalibrated in places",
    }.get(c.verdict, f"The CNN is {c.verdict}")
    text = (
        f"{state}: mean confidence minus accuracy is {_points(c.excess)} points ({low} to {high}), its calibration "
        f"error {c.error:.3f} ({{ref:reliability}})."
    )
    return f"{text} {_smoothing(c.verdict, smoothing, classes)}".strip() if smoothing else text


def _smoothing(verdict: str, smoothing: float, classes: int) -> str:
    asked = percent(1 - smoothing + smoothing / classes)
    if verdict == "under-confident":
        return f"Label smoothing makes for that: it never asks for more than {asked} {{cite:muller2019}}."
    if verdict == "over-confident":
        return f"It is so although label smoothing never asks for more than {asked} {{cite:muller2019}}."
    return ""
