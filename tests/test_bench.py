"""The benchmark's ratios and verdicts; the timings themselves are nobody's test."""

import pytest

from tools.bench import timing
from tools.bench.timing import Row


@pytest.mark.parametrize(
    ("theirs", "verdict"),
    [([6.0, 7.0, 8.0], "met"), ([4.0, 4.9, 6.0], "in the noise"), ([1.0, 2.0, 4.9], "missed")],
)
def test_a_rival_is_to_be_so_many_times_slower(theirs, verdict):
    row = Row("what", [1.0, 1.0, 1.0], "rival", theirs, at_least=5)
    assert row.ratios.tolist() == theirs
    assert row.verdict == verdict


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [([1.1, 1.2, 1.9], "met"), ([1.1, 1.3, 1.4], "in the noise"), ([1.3, 1.4, 1.5], "missed")],
)
def test_a_bound_is_to_be_exceeded_by_so_much(ours, verdict):
    row = Row("what", ours, "floor", [1.0, 1.0, 1.0], at_most=1.2)
    assert row.ratios.tolist() == ours
    assert row.verdict == verdict


def test_without_a_target_there_is_no_verdict():
    assert Row("what", [1.0], "rival", [9.0]).cells[4:7] == ["9.00", "–", "–"]


def test_calls_take_turns_and_stop_when_time_is_up():
    order = []
    calls = {name: lambda name=name: order.append(name) for name in "AB"}
    times = timing.in_turns(calls, repeats=3)
    assert order == ["A", "B"] * 3
    assert [len(found) for found in times.values()] == [3, 3]
    assert len(timing.in_turns(calls, repeats=5, seconds=0)["A"]) == 2


def test_the_table_is_straight():
    text = timing.table(
        [Row("short", [1.0], "rival", [2.0], at_least=1), Row("rather long", [1.0], "x", [0.5])]
    )
    assert len({len(line) for line in text.splitlines()}) == 1
    assert text.splitlines()[2].startswith("| short       | 1 ")
