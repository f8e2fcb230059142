"""Numbers with known answers."""

import numpy as np
import pytest

from helpers import evaluation
from helpers.stats import Order


def test_confused_pairs_are_tested_on_rates_not_counts():
    """A tenth of each of two classes is taken for the other: symmetric, though the counts are 10 to 100."""
    counts = np.array([[90, 10, 0], [100, 900, 0], [0, 0, 50]])
    pairs = evaluation.confused_pairs(counts)
    assert {(p.true, p.predicted) for p in pairs} == {(0, 1), (1, 0)}
    assert {p.order for p in pairs} == {Order.NEITHER}
    one_way = evaluation.confused_pairs(np.array([[60, 40, 0], [10, 990, 0], [0, 0, 50]]))
    assert {(p.true, p.order) for p in one_way} == {(0, Order.FIRST), (1, Order.SECOND)}


def test_confused_pairs_are_ranked_by_the_lower_end():
    """2 of 3 is a higher rate than 300 of 1,000, but says less."""
    pairs = evaluation.confused_pairs(np.array([[1, 2, 0], [0, 700, 300], [0, 0, 10]]))
    assert (pairs[0].true, pairs[0].predicted) == (1, 2)


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
    images = np.array([7, 8, 0, 5], "uint8").reshape(4, 1, 1, 1)
    assert evaluation.most_confident_mistakes(labels, logits, 5, images).tolist() == [0, 3, 1]
    images[1] = images[0]  # the same picture
    assert evaluation.most_confident_mistakes(labels, logits, 5, images).tolist() == [0, 3]


def test_probabilities_survive_large_logits():
    found = evaluation.probabilities(np.array([[1000.0, 0.0], [-1000.0, -1000.0]]))
    np.testing.assert_allclose(found, [[1, 0], [0.5, 0.5]])


def test_a_stratified_part_keeps_shares_and_rare_classes():
    labels = np.array([0] * 900 + [1] * 99 + [2])
    part = evaluation.stratified(labels, 100)
    assert np.bincount(labels[part]).tolist() == [90, 10, 1]
    assert (part == evaluation.stratified(labels, 100)).all()
    assert len(evaluation.stratified(labels, 5000)) == 1000
