"""What the curves of a training tell: when more training does harm, and whether the network still learns."""

import math

import pytest

from helpers.networks.history import course, falling, loss_floor


def rows(accuracies, losses=None, rates=None):
    losses = losses or [1.0] * len(accuracies)
    rates = rates or [0.01] * len(accuracies)
    return [
        {"epoch": at, "val_accuracy": a, "val_loss": b, "learning_rate": c}
        for at, (a, b, c) in enumerate(zip(accuracies, losses, rates, strict=True), 1)
    ]


def test_a_network_learns_while_its_accuracy_rises_by_a_point_over_the_last_fifth():
    rising = course(rows([0.1 * step for step in range(10)]))
    assert rising.learning and rising.window == 2 and rising.gain == pytest.approx(0.2)
    assert not course(rows([0.5, 0.7, 0.8, 0.85, 0.86, 0.86, 0.86, 0.86, 0.861, 0.86])).learning
    assert not course(rows([0.9, 0.8, 0.7, 0.6, 0.5])).learning


def test_more_training_does_harm_where_the_loss_ends_two_percent_above_its_lowest():
    found = course(rows([0.5] * 5, [1.0, 0.7, 0.5, 0.6, 0.8]))
    assert (found.overfits, found.lowest) == (True, 3)
    assert not course(rows([0.5] * 5, [1.0, 0.7, 0.5, 0.505, 0.509])).overfits


def test_epochs_at_a_constant_rate_after_the_cosine_do_not_count():
    rates = [0.02, 0.015, 0.01, 0.005, 0.0, 0.01, 0.01]
    history = rows([0.1, 0.2, 0.3, 0.3, 0.3, 0.2, 0.9], rates=rates)
    assert len(falling(history)) == 5
    assert course(history).best == 3
    assert len(falling([{"epoch": 1}, {"epoch": 2}])) == 2


def test_gaps_and_single_epochs():
    assert course([]) is None
    assert course([{"epoch": 1, "val_accuracy": None, "val_loss": None}]) is None
    assert course(rows([0.3])).gain == 0.0
    log = [*rows([0.3, 0.4]), {"epoch": 3, "val_accuracy": None, "val_loss": None}]
    assert course(log).epochs == 2


def test_the_floor_is_the_entropy_of_the_smoothed_labels():
    assert loss_floor(0, 7) == 0
    assert loss_floor(1, 4) == pytest.approx(math.log(4))
    assert loss_floor(0.1, 7) == pytest.approx(0.446, abs=5e-4)
