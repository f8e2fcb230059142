"""Results go to JSON and come back as they went."""

import math

import numpy as np
import pytest

from helpers import records, stats


def test_a_record_comes_back_as_it_went():
    nothing = stats.rate(0, 0)
    values = {
        "rate": stats.rate(3, 10),
        "none": nothing,
        "pairs": [stats.mcnemar(np.array([True, False]), np.array([True, True]))],
        "counts": np.arange(4).reshape(2, 2),
        "verdict": stats.Verdict.HOLDS,
        "name": "生氣 <b>",
    }
    found = records.loads(records.dumps(values))
    assert found.rate == values["rate"]
    assert math.isnan(found.none.value)
    assert found.none.p is None
    assert found.pairs[0].difference.order == stats.Order.NEITHER
    assert found.counts == [[0, 1], [2, 3]]
    assert (found.verdict, found["name"]) == ("holds", "生氣 <b>")
    with pytest.raises(AttributeError):
        _ = found.missing


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"a": {"b": [1.0, float("nan")]}}, r"a\.b\[1\] is nan"),
        ({"a": object()}, "a is a object"),
        ({"a": {1: 2}}, "the key 1"),
        ({"loss": math.inf}, "loss is inf"),
    ],
)
def test_what_cannot_be_recorded_is_named_with_its_place(values, place):
    with pytest.raises(ValueError, match=place):
        records.dumps(values)
