"""Intervals and tests with known answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import stats
from helpers.stats import Estimate, Order, Verdict


def test_wilson_interval_of_a_known_rate():
    found = stats.rate(81, 263)  # Newcombe 1998, table I
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    assert stats.rate(0, 0).n == 0
    assert found.hits == 81


@settings(max_examples=30)
@given(st.integers(1, 500), st.data())
def test_the_interval_of_a_share_stays_within_0_and_1(n, data):
    found = stats.rate(data.draw(st.integers(0, n)), n)
    assert -1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12


def test_the_difference_of_two_rates_is_newcombes():
    found = stats.difference(stats.rate(56, 70), stats.rate(48, 80))  # table II (a) of his paper
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.order == Order.FIRST
    assert stats.difference(stats.rate(48, 80), stats.rate(56, 70)).order == Order.SECOND


def test_mcnemar_counts_only_where_they_differ():
    first = np.array([True] * 90 + [False] * 10)
    second = np.array([True] * 80 + [False] * 20)
    found = stats.mcnemar(first, second)
    assert (found.only_first, found.only_second) == (10, 0)
    assert found.difference.p == pytest.approx(2 * 0.5**10)
    assert found.difference.value == pytest.approx(0.1)
    same = stats.mcnemar(first, first).difference
    assert same.p == 1
    assert same.low < 0 < same.high  # so few images prove no equality
    assert stats.mcnemar(first[:2], ~first[:2]).difference.high == 1  # no more than all


def test_holm_by_hand():
    assert stats.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert stats.holm([0.9, 0.8]) == [1, 1]


def test_student_by_hand():
    found = stats.mean([1.0, 2.0, 3.0, 4.0])
    reach = 3.182446 * np.std([1, 2, 3, 4], ddof=1) / 2
    assert (found.low, found.high) == pytest.approx((2.5 - reach, 2.5 + reach))
    assert found.p == pytest.approx(2.0**-3)  # turning the signs of four values shows no less
    assert stats.mean([]).n == 0
    assert not stats.mean([5.0]).shown


def test_a_larger_family_widens_the_interval_and_raises_p():
    values = np.random.default_rng(0).normal(0.4, 1, 40)
    alone, together = stats.mean(values), stats.mean(values, family=9)
    assert together.low < alone.low
    assert together.p == pytest.approx(min(1, 9 * alone.p))


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_adjusted_intervals_and_p_values_agree(seed):
    """What the p value calls shown is what the interval calls shown, in every family."""
    rng = np.random.default_rng(seed)
    series = {str(k): rng.normal(rng.uniform(-0.6, 0.6), 1, 60) for k in range(rng.integers(1, 7))}
    for found in stats.means(series).values():
        assert found.shown == (found.low > 0 or found.high < 0)


def test_spearman_by_hand_and_of_constants():
    first = np.array([[1.0, 2, 3], [1, 1, 1]])
    second = np.array([[2.0, 9, 5], [1, 2, 3]])
    assert stats.spearman(first, second) == pytest.approx([0.5, 0])


def test_verdicts_turn_with_the_interval():
    assert Estimate(0.2, 0.1, 0.3, 9).verdict == Verdict.HOLDS
    assert Estimate(-0.2, -0.3, -0.1, 9).verdict == Verdict.FAILS
    assert Estimate(0.2, -0.1, 0.3, 9).verdict == Verdict.UNDECIDED
    assert Estimate(0.2, 0.1, 0.3, 9, p=0.2).verdict == Verdict.UNDECIDED  # p was adjusted


def test_the_spread_is_that_of_a_sample_with_its_chi_square_interval():
    found = stats.spread([1.0, 2.0, 3.0, 4.0])
    assert found.value == pytest.approx(np.std([1, 2, 3, 4], ddof=1))
    # 3 s² / χ²: 9.348 and 0.2158 are the quantiles for three degrees of freedom
    assert [5 / found.low**2, 5 / found.high**2] == pytest.approx([9.348, 0.2158], rel=2e-3)
    assert np.isnan(stats.spread([1.0]).value)
