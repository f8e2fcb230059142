"""Figures of notebook 02: accuracy as images are spoiled, and confidence against accuracy."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.calibration import Calibration
from helpers.figures.base import COLOURS, SOFT, Figure, figure_of, percent
from helpers.robustness import Course

MARKERS = "os^Dvp"


def withstood(courses: Sequence[Course], titles: Mapping[str, str], chance: float) -> Figure:
    """Accuracy with 95 % intervals against strength, one panel a change, one line a network.

    Args:
        courses: the changes.
        titles: of the networks, by the names in the courses.
        chance: accuracy of guessing, a dotted line.
    """
    figure, axes = figure_of(2.3, 1, len(courses), sharey=True)
    for ax, course in zip(axes.flat, courses, strict=True):
        for (name, title), colour, marker in zip(titles.items(), COLOURS, MARKERS, strict=False):
            rates = course.rates(name)
            ends = np.array([rate.interval for rate in rates])
            ax.fill_between(course.strengths, ends[:, 0], ends[:, 1], color=colour, alpha=0.18, lw=0)
            values = [rate.value for rate in rates]
            ax.plot(course.strengths, values, color=colour, marker=marker, ms=3, lw=1.3, label=title)
        ax.axhline(chance, color=SOFT, lw=0.9, ls=":")
        ax.set(xlabel=f"{course.change.name} ({course.change.unit})", xticks=course.strengths, ylim=(0, 1))
        percent(ax.yaxis)
    axes[0, 0].text(0, chance, "chance", color=SOFT, fontsize=8, va="bottom")
    axes[0, 0].set_ylabel("accuracy")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(titles))
    return figure


def reliability(found: Mapping[str, Calibration]) -> Figure:
    """Share of right answers with 95 % intervals against mean confidence, bin by bin, one panel a network."""
    figure, axes = figure_of(2.4, 1, len(found), sharey=True)
    for ax, (title, measured), colour, marker in zip(axes.flat, found.items(), COLOURS, MARKERS, strict=False):
        ax.plot([0, 1], [0, 1], color=SOFT, lw=0.9, ls=":")
        for confidence, rate in zip(measured.confidences, measured.rates, strict=True):
            ax.plot([confidence, confidence], rate.interval, color=colour, lw=1.2)
        ax.plot(measured.confidences, [rate.value for rate in measured.rates], marker=marker, ms=3.5, color=colour)
        ax.set(xlabel="confidence", xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal", xticks=(0, 0.5, 1))
        ax.set_title(title, fontsize=8.5)
        percent(ax.xaxis)
        percent(ax.yaxis)
    axes[0, 0].set_ylabel("accuracy")
    axes[0, 0].text(0.03, 0.97, "under-\nconfident", color=SOFT, fontsize=8, va="top")
    axes[0, 0].text(0.99, 0.03, "over-\nconfident", color=SOFT, fontsize=8, ha="right", va="bottom")
    return figure
