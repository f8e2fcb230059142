"""The sentences about filters follow the numbers: turn them round, and the verdict turns."""

import numpy as np
import pytest

from helpers.explain.ascent import Ascent
from helpers.explain.filter_survey import Climb, Purity, Survey
from helpers.words import filters as words
from helpers.words import filters_shown as shown


def climb(end: list, best: float = 1.0, shuffled: float = 0.5, layer: str = "conv") -> Climb:
    count, end = len(end), np.array(end, "float32")
    found = Ascent(np.zeros((count, 4, 4, 1), "float32"), np.full(count, 0.1), end, np.ones(count))
    return Climb(
        layer, "fourier", np.arange(count), found, *(np.full(count, x) for x in (shuffled, best)), np.arange(count)
    )


def survey(filters: int, dead: int = 0) -> Survey:
    activations = np.ones((5, filters), "float32")
    activations[:, :dead] = 0
    return Survey("conv", activations, np.eye(filters))


def purity(value: float, p: float) -> Purity:
    return Purity(value, 0.3, p, np.array([value]), np.array([0]))


@pytest.mark.parametrize(
    ("above", "says"),
    [(20, "each of the 20"), (18, "most (18 of 20)"), (10, "no clear majority (10 of 20)"), (1, "few (1 of 20)")],
)
def test_more_than_any_photo_is_counted(above, says):
    found = climb([2.0] * above + [0.5] * (20 - above))
    assert says in words.beyond(found)
    assert f" {above} of 20 filters" in words.filters_in_one_sentence([found], [purity(0.8, 0.001)])


def test_the_answer_leads_with_the_share_of_one_class_and_its_control():
    sure, unsure = purity(0.8, 0.001), purity(0.31, 0.6)
    assert "tell classes apart: of the nine" in words.filters_in_one_sentence([climb([2.0])], [sure])
    assert "not shown to tell" in words.filters_in_one_sentence([climb([2.0])], [unsure])
    assert words.key([unsure, sure]) == "80\u00a0% (chance 30\u00a0%)"
    assert words.key([None]) is None


def test_a_pattern_counts_only_if_shuffling_costs():
    good, bad = climb([2.0] * 20), climb([2.0] * 20, shuffled=3.0)
    assert "so the pattern counts" in words.contrast([good])
    assert "contrast alone" not in words.contrast([good])
    assert "pattern counts is not shown" in words.contrast([bad])
    assert "contrast alone still beats" in words.contrast([bad])
    assert words.contrast([climb([])]) == ""


def test_classes_are_told_apart_only_by_a_test():
    climbs = [climb([2.0], layer="first"), climb([2.0], layer="last")]
    assert (
        "by chance in `last` (80\u00a0%, by chance 30\u00a0%), which is not shown in `first`"
        in words.class_sentence(climbs, [purity(0.31, 0.6), purity(0.8, 0.001)])
    )
    assert "not shown to share" in words.class_sentence(climbs, [purity(0.31, 0.6), purity(0.32, 0.4)])
    assert "not shown" not in words.class_sentence(climbs, [purity(0.8, 0.001)] * 2)
    assert "cannot be said" in words.class_sentence(climbs, [None, None])


def test_dead_and_stuck_filters_are_counted_apart():
    stuck = np.array([True, True, True, False])
    text = words.dead_sentence([survey(4, dead=1)], [stuck], [climb([0, 2.0, 2.0, 2.0])])
    assert "1 is dead" in text
    assert "2 living" in text
    assert "no living filter" in words.dead_sentence([survey(4)], [np.zeros(4, bool)], [climb([2.0] * 4)])


def test_a_layer_without_living_filters_is_said_to_have_none():
    none = climb([])
    assert "no filter of `conv` is ever active" in words.beyond(none)
    rows = words.layer_rows([survey(3, dead=3)], [none], [np.ones(3, bool)], [None])
    assert len(rows) <= 12
    assert all(len(row) == 2 for row in rows)
    assert words.filters_in_words(
        [survey(3, dead=3)], [none], [np.ones(3, bool)], [None], {"conv": np.zeros((0, 4, 4))}
    )
    assert shown.describe_climbs([none])
    assert shown.describe_ladder(none, {"none": none.found})


def test_how_much_of_an_image_filters_are_active_on():
    half, none = np.zeros((2, 4, 4)), np.zeros((2, 4, 4))
    half[:, :2] = 0.1
    little = np.zeros((300, 4, 4))
    little[0, 0, 0] = 0.1
    assert "at <\u00a01\u00a0% (`stem`)" in words.outputs_in_words({"stem": little})
    said = words.outputs_in_words({"stem": half, "conv": none, "empty": np.zeros((0, 4, 4))})
    assert "active at 50\u00a0% (`stem`), 0\u00a0% (`conv`) of the positions" in said
    assert not words.outputs_in_words({"empty": np.zeros((0, 4, 4))})


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (0.004, "<\u00a00.01"), (0.076, "0.08"), (0.5, "0.50"), (4, "4.0"), (25.4, "25")]
)
def test_activations_are_short(number, text):
    assert words.value(number) == text


def test_claims_follow_the_counts_and_the_test():
    found = words.claims([climb([2.0] * 9), climb([2.0, 0.5]), climb([])], [purity(0.9, 0.001), purity(0.4, 0.2), None])
    assert [claim["verdict"] for claim in found] == [
        "holds",
        "holds",
        "cannot be told",
        "cannot be told",
        "cannot be told",
    ]
    assert words.claims([climb([0.5] * 9)], [None])[0]["verdict"] == "does not hold"
    assert found[2]["numbers"] == "1 of 2 filters"
