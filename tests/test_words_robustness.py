"""The words on spoiled images, confidence and shared mistakes follow the numbers."""

from dataclasses import replace

import numpy as np
import pytest
from test_calibration import drawn
from test_robustness import made

from helpers import display, evaluation, figures, robustness
from helpers.calibration import calibration
from helpers.evaluation import MAJORITY, Rate, Shared
from helpers.words import doubtful
from helpers.words import robustness as words
from helpers.words.rivals import TITLES


def course(cnn, half, dnn, n=200):
    found = made(cnn, half, dnn, n=n)
    return replace(found, right=dict(zip(TITLES, found.right.values(), strict=True)))


def said(*shares, **options):
    found = [course(*shares, **options)]
    return words.losses_in_words(found, robustness.differences(found))


def test_who_loses_least_and_most_follows_the_tests():
    assert "the CNN loses least (30.0), the DNN loses most (30.0)." in said(0.9, 0.6, 0.3)
    assert "the DNN loses least (30.0), the CNN loses most (30.0)" in said(0.3, 0.6, 0.9)
    assert "under shift the DNN loses most (60.0)." in said(0.9, 0.9, 0.3)
    assert "under shift half depth loses least (60.0)." in said(0.3, 0.9, 0.3)
    assert "neither who loses least nor who loses most is shown" in said(0.5, 0.5, 0.5)
    assert "too few to say" in said(0.9, 0.6, 0.3, n=20)
    rows = words.difference_rows(robustness.differences([course(0.9, 0.6, 0.9)]))
    assert [row[-1] for row in rows] == ["higher", "no difference shown", "lower"]
    assert rows[2][2].startswith("−30")
    assert "CNN 100" in words.describe_courses([course(0.9, 0.6, 0.9)])
    assert "200 validation images" in words.courses_caption([course(0.9, 0.6, 0.9)])


def test_confidence_is_called_what_the_intervals_show():
    sharp, calibrated, soft = (calibration(*drawn(2000, by)) for by in (3, 1, 0.3))
    assert "The CNN is over-confident" in words.calibration_in_words(sharp, 0.1, 7)
    assert "although label smoothing never asks for more than 91" in words.calibration_in_words(sharp, 0.1, 7)
    assert "The CNN is under-confident" in words.calibration_in_words(soft, 0.1, 7)
    assert "Label smoothing makes for that" in words.calibration_in_words(soft, 0.1, 7)
    assert "smoothing" not in words.calibration_in_words(soft, 0, 7)
    assert "No fault" in words.calibration_in_words(calibrated, 0.1, 7)
    assert "smoothing" not in words.calibration_in_words(calibrated, 0.1, 7)
    both = replace(calibrated, error=0.2)
    assert "neither over- nor under-confident, but" in words.calibration_in_words(both, 0.1, 7)
    (row,) = words.calibration_rows({"dnn": sharp})
    assert (row[0], row[-1]) == ("DNN", "over-confident")
    assert "DNN is" in words.describe_reliability({"dnn": sharp})
    assert "10 bins" in words.reliability_caption({"dnn": sharp})


def shared(top, rest):
    return {MAJORITY: Shared(Rate(*top), Rate(*rest))}


def test_shared_mistakes_hint_and_never_prove():
    hint = doubtful.labels_in_words(shared((19, 20), (50, 100)), drawn=False)
    assert "19" not in hint
    assert "95.0" in hint
    assert "hints at wrong labels or ambiguous images and proves neither" in hint
    assert "Here they cannot" in doubtful.labels_in_words(shared((19, 20), (50, 100)), drawn=True)
    assert "No difference is shown" in doubtful.labels_in_words(shared((11, 20), (50, 100)), drawn=False)
    assert "rather the CNN's own" in doubtful.labels_in_words(shared((2, 20), (60, 100)), drawn=False)
    assert "too few mistakes" in doubtful.labels_in_words(shared((5, 5), (0, 0)), drawn=False)
    assert "too few mistakes" in doubtful.labels_in_words(shared((0, 0), (0, 0)), drawn=True)


def test_mistakes_are_shared_where_the_wrong_answers_are_the_same():
    """Ten mistakes; the five surest are made by two of three other networks, the rest by none."""
    labels, mine = np.zeros(20, int), np.zeros((20, 3))
    mine[:10, 1] = np.arange(10, 0, -1)
    mine[10:, 0] = 5
    same, other = mine.copy(), np.tile([0.0, 0.0, 9.0], (20, 1))
    same[5:10] = [0, 0, 9]  # wrong as well, but in another way
    found = evaluation.shared_mistakes(labels, mine, {"cnn_half": same, "dnn": other, "cnn_judge": same}, 5)
    assert found["cnn_half"] == Shared(Rate(5, 5), Rate(0, 5))
    assert found["dnn"] == Shared(Rate(0, 5), Rate(0, 5))
    assert found[MAJORITY] == found["cnn_half"]
    assert found[MAJORITY].p == pytest.approx(2 / 252)
    assert [row[0] for row in doubtful.shared_rows(found)][-1] == "at least two of the three"
    none = evaluation.shared_mistakes(labels, np.eye(3)[labels], {"dnn": other}, 5)
    assert none["dnn"].p == 1


def test_the_figures_are_drawn_and_repeat():
    courses = [course(0.9, 0.6, 0.3), course(0, 0, 0)]
    sure = {"A": calibration(*drawn(50)), "B": calibration(*drawn(3))}
    for draw in (lambda: figures.withstood(courses, TITLES, 1 / 7), lambda: figures.reliability(sure)):
        first = display.render(draw(), "x")
        assert first == display.render(draw(), "x")
        assert first[0] == "svg"
