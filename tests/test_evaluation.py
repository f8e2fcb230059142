"""Numbers with known answers."""

import numpy as np
import pytest

from helpers import evaluation
from helpers.evaluation import Rate


def logits_of(answers, classes=3):
    return np.eye(classes, dtype="float32")[np.asarray(answers)] * 5


def test_wilson_interval_of_a_known_rate():
    low, high = Rate(81, 263).interval  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert Rate(0, 0).interval != Rate(0, 0).interval  # NaN
    assert str(Rate(0, 0)) == "no images"


def test_mcnemar_counts_only_where_they_differ():
    labels = np.zeros(100, int)
    first = logits_of([0] * 90 + [1] * 10)
    second = logits_of([0] * 80 + [1] * 20)
    found = evaluation.mcnemar(labels, first, second)
    assert (found.only_first, found.only_second) == (10, 0)
    assert found.p == pytest.approx(2 * 0.5**10)
    assert found.difference == pytest.approx(0.1)
    back = evaluation.mcnemar(labels, second, first)
    assert back.difference == pytest.approx(-0.1)
    same = evaluation.mcnemar(labels, first, first)
    assert same.p == 1
    assert same.interval[0] < 0 < same.interval[1]  # so few images prove no equality


def test_holm_by_hand():
    np.testing.assert_allclose(evaluation.holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(evaluation.holm([0.9, 0.8]), [1, 1])
    assert len(evaluation.holm([])) == 0


def test_confused_pairs_are_tested_on_rates_not_counts():
    """A tenth of each of two classes is taken for the other: symmetric, though the counts are 10 to 100."""
    counts = np.array([[90, 10, 0], [100, 900, 0], [0, 0, 50]])
    pairs = evaluation.confused_pairs(counts)
    assert {(p.true, p.predicted) for p in pairs} == {(0, 1), (1, 0)}
    assert not any(p.one_way for p in pairs)
    one_way = evaluation.confused_pairs(np.array([[60, 40, 0], [10, 990, 0], [0, 0, 50]]))
    assert all(p.one_way for p in one_way)


def test_confused_pairs_are_ranked_by_the_lower_end():
    """2 of 3 is a higher rate than 300 of 1,000, but says less."""
    pairs = evaluation.confused_pairs(np.array([[1, 2, 0], [0, 700, 300], [0, 0, 10]]))
    assert (pairs[0].true, pairs[0].predicted) == (1, 2)


def test_a_perfect_classifier_has_no_pairs():
    assert evaluation.confused_pairs(np.diag([5, 5, 5])) == []


def test_per_class_recall_and_precision():
    counts = np.array([[8, 2, 0], [4, 6, 0], [0, 0, 0]])
    scores = evaluation.per_class(counts, ["a", "b", "c"], np.array([0] * 50 + [1] * 5))
    assert (scores[0].recall.value, scores[0].precision.value) == (0.8, 8 / 12)
    assert scores[0].train_images == 50
    assert scores[2].recall.n == 0
    assert scores[0].few
    assert evaluation.macro_f1(scores) == pytest.approx(np.mean([16 / 22, 12 / 18]))


def test_most_confident_mistakes_come_first_and_are_mistakes():
    logits = np.array([[9.0, 0, 0], [2, 0, 0], [0, 0, 9], [0, 4, 0]])
    labels = np.array([1, 1, 2, 0])
    assert evaluation.most_confident_mistakes(labels, logits, 5).tolist() == [0, 3, 1]
    images = np.array([7, 7, 0, 5], "uint8").reshape(4, 1, 1, 1)  # 1 is the same picture as 0
    assert evaluation.most_confident_mistakes(labels, logits, 5, images).tolist() == [0, 3]


def test_probabilities_survive_large_logits():
    found = evaluation.probabilities(np.array([[1000.0, 0.0], [-1000.0, -1000.0]]))
    np.testing.assert_allclose(found, [[1, 0], [0.5, 0.5]])


def test_a_stratified_part_keeps_shares_and_rare_classes():
    labels = np.array([0] * 900 + [1] * 99 + [2])
    part = evaluation.stratified(labels, 100)
    assert np.bincount(labels[part]).tolist() == [90, 10, 1]
    assert (part == evaluation.stratified(labels, 100)).all()
    assert (part != evaluation.stratified(labels, 100, seed=1)).any()
    assert len(evaluation.stratified(labels, 5000)) == 1000


def test_the_difference_of_two_rates_is_newcombes():
    found = evaluation.difference(Rate(56, 70), Rate(48, 80))  # table II, (a), of his paper
    assert found == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
