"""The words on trainings with several seeds: how far they differ, and what that means for the intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.evaluation import Rate

COLUMNS = ["network", "mean", "standard deviation", "lowest", "highest", "seeds"]


@dataclass(frozen=True)
class Spread:
    """Some values, one a seed, with what they tell of all seeds if these are normally distributed.

    Attributes:
        values: float (n,), n at least 1.
    """

    values: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def deviation(self) -> float:
        """The standard deviation of a sample; NaN for a single value."""
        return float(self.values.std(ddof=1)) if len(self.values) > 1 else float("nan")

    @property
    def mean_interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean over all seeds, from Student's t; n at least 2."""
        n = len(self.values)
        half = float(stats.t.ppf(0.975, n - 1)) * self.deviation / np.sqrt(n)
        return self.mean - half, self.mean + half

    @property
    def deviation_interval(self) -> tuple[float, float]:
        """The 95 % interval of the standard deviation over all seeds, from the chi-square; n at least 2."""
        free = len(self.values) - 1
        low, high = (self.deviation * np.sqrt(free / stats.chi2.ppf(q, free)) for q in (0.975, 0.025))
        return float(low), float(high)


def spreads(rates: Sequence[tuple[Rate, Rate]]) -> tuple[Spread, Spread, Spread]:
    """The accuracies of the CNN and of the DNN, and their paired difference, as shares.

    Args:
        rates: CNN and DNN of each seed.
    """
    cnn, dnn = (np.array([pair[k].value for pair in rates]) for k in (0, 1))
    return Spread(cnn), Spread(dnn), Spread(cnn - dnn)


def rows(rates: Sequence[tuple[Rate, Rate]]) -> list[list[str]]:
    """Rows of the table, columns are ``COLUMNS``; the difference is in points."""
    cnn, dnn, difference = spreads(rates)
    return [
        ["CNN", *_figures(cnn, "{:.1f}\u00a0%")],
        ["DNN", *_figures(dnn, "{:.1f}\u00a0%")],
        ["CNN − DNN, same seed", *_figures(difference, "{:+.1f}")],
    ]


def _figures(spread: Spread, form: str) -> list[str]:
    mean, low, high = (_form(form, value) for value in (spread.mean, spread.values.min(), spread.values.max()))
    return [mean, _deviation(spread), low, high, str(len(spread.values))]


def _form(form: str, share: float) -> str:
    return form.format(round(100 * share, 1) or 0).replace("-", "−")  # never −0.0


def _deviation(spread: Spread) -> str:
    return f"{100 * spread.deviation:.1f}" if len(spread.values) > 1 else "–"


def difference_in_words(rates: Sequence[tuple[Rate, Rate]]) -> str:
    """Whether CNN and DNN differ over seeds: a verdict where the interval of the mean difference excludes zero."""
    _, _, difference = spreads(rates)
    n = len(difference.values)
    if n < 2:
        return "From one seed nothing follows for others: add a second."
    low, high = difference.mean_interval
    numbers = (
        f"{_form('{:+.1f}', difference.mean)} points on average over {n} seeds (95 % interval over seeds "
        f"{_form('{:+.1f}', low)} to {_form('{:+.1f}', high)}, Student's t)"
    )
    if low <= 0 <= high:
        return f"No difference between CNN and DNN is shown over seeds: {numbers}."
    first, second, sign = ("CNN", "DNN", 1) if low > 0 else ("DNN", "CNN", -1)
    every = "with every seed" if (sign * difference.values > 0).all() else "on average, not with every seed"
    return f"The {first} beats the {second} {every}: {numbers}."


def spread_in_words(rates: Sequence[tuple[Rate, Rate]]) -> str:
    """What the CNN's spread over seeds means against its interval over images; nothing for one seed.

    The deviation over seeds is compared with the standard error that stands in the interval over images: it is larger
    or smaller where its own interval says so.
    """
    cnn, _, _ = spreads(rates)
    n = len(cnn.values)
    if n < 2:
        return ""
    low, high = cnn.deviation_interval
    error = float(np.mean([np.diff(rate.interval)[0] for rate, _ in rates])) / (2 * 1.96)
    verdict = (
        "more than the choice of images: intervals over images leave out the larger part"
        if low > error
        else "less than the choice of images: intervals over images count the larger part"
        if high < error
        else f"and whether that is more or less than the choice of images, {n} seeds cannot tell"
    )
    return (
        f"From seed to seed the CNN's accuracy varies by {100 * cnn.deviation:.1f} points (standard deviation; 95 % "
        f"interval {100 * low:.1f} to {100 * high:.1f}), {verdict} (standard error over images: {100 * error:.1f} "
        "points). All seeds were measured on the same validation images, so the two add up."
    )
