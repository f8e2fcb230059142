"""The benchmark's ratios and verdicts; the timings themselves are nobody's test."""

import pytest

from tools.bench.timing import Row


@pytest.mark.parametrize(
    ("theirs", "verdict"),
    [([6.0, 7.0, 8.0], "met"), ([4.0, 4.9, 6.0], "in the noise"), ([1.0, 2.0, 4.9], "missed")],
)
def test_a_rival_is_to_be_so_many_times_slower_or_a_bound_is_kept(theirs, verdict):
    assert Row("what", [1.0] * 3, "rival", theirs, at_least=5).verdict == verdict
    ours = [10 / each for each in theirs]
    assert Row("what", ours, "floor", [1.0] * 3, at_most=2).verdict == verdict
