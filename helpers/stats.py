"""Every interval and every test of the workbook: numbers in, an ``Estimate`` out.

Nothing else computes one. Intervals have 95 %. Where several tests belong together, their p values and their
intervals are adjusted by the same steps, so that an interval that reaches across zero is never called a difference.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

ALPHA = 0.05
NAN = float("nan")


def _scipy():
    """SciPy's statistics, imported with the first test: that takes half a second, which most kernels can spare."""
    from scipy import stats

    return stats


class Verdict(StrEnum):
    """Whether a claim holds."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"


class Order(StrEnum):
    """Which of two is higher."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"


@dataclass(frozen=True)
class Estimate:
    """A number that was measured, with its interval.

    Attributes:
        value: the number; NaN where ``n`` is 0.
        low, high: its interval of 95 %, adjusted as ``p`` is.
        n: how many images (or classes, or trainings) it rests on.
        p: two-sided, of a value of 0; None where nothing was tested.
    """

    value: float
    low: float
    high: float
    n: int
    p: float | None = None

    @property
    def shown(self) -> bool:
        """Whether the value is shown to be other than 0."""
        if self.p is not None:
            return self.p < ALPHA
        return self.low > 0 or self.high < 0

    @property
    def order(self) -> Order:
        """Of a difference, first minus second: which of the two is higher."""
        if not self.shown:
            return Order.NEITHER
        return Order.FIRST if self.value > 0 else Order.SECOND

    @property
    def verdict(self) -> Verdict:
        """Whether the claim "it is more than 0" holds."""
        if not self.shown:
            return Verdict.UNDECIDED
        return Verdict.HOLDS if self.value > 0 else Verdict.FAILS

    @property
    def hits(self) -> int:
        """Of a rate: how many of the ``n``."""
        return round(self.value * self.n) if self.n else 0


NOTHING = Estimate(NAN, NAN, NAN, 0)


@dataclass(frozen=True)
class Paired:
    """Two classifiers on the same images.

    Attributes:
        only_first, only_second: how many images only one of the two gets right.
        difference: accuracy of the first minus the second.
    """

    only_first: int
    only_second: int
    difference: Estimate


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        key: which one; its words stand in the template.
        about: what it is about: a region, method, layer or network.
        verdict: computed from the numbers.
        numbers: what it rests on, if one estimate does.
    """

    key: str
    about: str
    verdict: Verdict
    numbers: Estimate | None = None


def rate(hits: int, n: int) -> Estimate:
    """A share of ``n`` independent images (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953)."""
    if not n:
        return NOTHING
    found = _scipy().binomtest(int(hits), int(n)).proportion_ci(1 - ALPHA, method="wilson")
    return Estimate(hits / n, float(found.low), float(found.high), int(n))


def fisher(first: Estimate, second: Estimate) -> float:
    """Fisher's exact test that two rates of different images are equal, two-sided; 1 where one has no images."""
    if not (first.n and second.n):
        return 1.0
    table = [[each.hits, each.n - each.hits] for each in (first, second)]
    return float(_scipy().fisher_exact(table).pvalue)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """First minus second of two rates of different images.

    The interval is Newcombe's (1998, method 10, https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I),
    p is Fisher's.
    """
    value = first.value - second.value
    below = np.hypot(first.value - first.low, second.high - second.value)
    above = np.hypot(first.high - first.value, second.value - second.low)
    p = fisher(first, second)
    return Estimate(value, float(value - below), float(value + above), first.n + second.n, p)


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment of p values (Holm 1979, https://www.jstor.org/stable/4615733), in the order given."""
    p = np.asarray(p, float)
    order, steps = np.argsort(p, kind="stable"), np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * steps))
    return adjusted.tolist()


def _family(tests: Mapping[str, Callable[[float], Estimate]]) -> dict[str, Estimate]:
    """Tests that belong together, by name: each is called with the share of error that Holm's steps leave to it.

    From the first test that shows nothing on, the steps stop: the rest gets the share where they stopped.
    """
    raw = {name: test(ALPHA) for name, test in tests.items()}
    adjusted = dict(zip(raw, holm([each.p for each in raw.values()]), strict=True))
    found, left = {}, len(raw)
    for name in sorted(raw, key=lambda name: raw[name].p):
        wide = tests[name](ALPHA / left)
        found[name] = Estimate(wide.value, wide.low, wide.high, wide.n, adjusted[name])
        left -= adjusted[name] < ALPHA
        left = max(left, 1)
    return {name: found[name] for name in raw}


def mean(values, *, share: bool = False, family: int = 1) -> Estimate:
    """The mean of some values, with Student's interval (1908, https://doi.org/10.1093/biomet/6.1.1) and p of 0.

    Args:
        values: (n,), one an image; for a paired comparison the differences. Those that are not finite are left out.
        share: whether they are shares or probabilities: the interval is then taken on the scale of log odds, so that
            it stays within 0..1.
        family: how many such means belong together (Bonferroni): widens the interval and raises p.

    Returns:
        p is never below what turning the signs of so few values could show, 2^(1-n).
    """
    return _mean(values, share, ALPHA / family, family)


def _mean(values, share: bool, alpha: float, family: int = 1) -> Estimate:
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    n = len(values)
    if n < 2:
        value = float(values[0]) if n else NAN
        return Estimate(value, NAN, NAN, n, 1.0)
    value, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(n))
    p = 2 * _scipy().t.sf(abs(value) / error, n - 1) if error else float(value == 0)
    p = min(1.0, max(float(p), 2.0 ** (1 - n)) * family)
    reach = float(_scipy().t.ppf(1 - alpha / 2, n - 1)) * error
    if share and 0 < value < 1:
        odds, reach = np.log(value / (1 - value)), reach / (value * (1 - value))
        low, high = (float(1 / (1 + np.exp(-end))) for end in (odds - reach, odds + reach))
        return Estimate(value, low, high, n, p)
    return Estimate(value, value - reach, value + reach, n, p)


def means(series: Mapping[str, Sequence[float]]) -> dict[str, Estimate]:
    """``mean`` of several series that belong together, by name: Holm's steps adjust p and intervals."""

    def test(values):
        return lambda alpha: _mean(values, False, alpha)

    return _family({name: test(values) for name, values in series.items()})


def spread(values) -> Estimate:
    """The standard deviation of a sample (n,), with its interval by the chi-square distribution. Nothing is tested."""
    values = np.asarray(values, float)
    n = len(values)
    if n < 2:
        return Estimate(NAN, NAN, NAN, n)
    value = float(values.std(ddof=1))
    quantiles = _scipy().chi2.ppf([1 - ALPHA / 2, ALPHA / 2], n - 1)
    low, high = value * np.sqrt((n - 1) / quantiles)
    return Estimate(value, float(low), float(high), n)


def mcnemar(first: np.ndarray, second: np.ndarray) -> Paired:
    """Compare two classifiers by which images each gets right, bool (n,).

    p is McNemar's, exact (1947, https://doi.org/10.1007/BF02295996); the interval adds half an image to each of the
    four cells (Agresti and Min 2005, https://doi.org/10.1002/sim.1781).
    """
    return mcnemars({"": (first, second)})[""]


def mcnemars(pairs: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, Paired]:
    """``mcnemar`` of several pairs that belong together, by name: Holm's steps adjust p and intervals."""

    def test(pair):
        return lambda alpha: _mcnemar(*pair, alpha)

    found = _family({name: test(pair) for name, pair in pairs.items()})
    return {name: Paired(*_only(*pairs[name]), each) for name, each in found.items()}


def _only(first, second) -> tuple[int, int]:
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    return int((first & ~second).sum()), int((~first & second).sum())


def _mcnemar(first, second, alpha: float) -> Estimate:
    (b, c), n = _only(first, second), len(first)
    p = float(_scipy().binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0
    middle = (b - c) / (n + 2)
    spread = np.sqrt(b + c + 1 - (b - c) ** 2 / (n + 2)) / (n + 2)
    reach = float(_scipy().norm.ppf(1 - alpha / 2) * spread)
    return Estimate((b - c) / n, max(-1.0, middle - reach), min(1.0, middle + reach), n, p)


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each row, float64 (n,), of two arrays (n, ...); 0 where one is constant."""
    ranks = []
    for values in (first, second):
        rank = _scipy().rankdata(np.reshape(values, (len(values), -1)), axis=1)
        ranks.append(rank - rank.mean(1, keepdims=True))
    norm = np.sqrt((ranks[0] ** 2).sum(1) * (ranks[1] ** 2).sum(1))
    return (ranks[0] * ranks[1]).sum(1) / np.where(norm == 0, 1, norm)
