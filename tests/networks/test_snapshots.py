"""The weights that a training keeps on its way, in its checkpoint, also after a break, and in one file at the end."""

from itertools import chain

import numpy as np
import pytest
from trained import train

from helpers.errors import UserError
from helpers.networks import snapshots
from helpers.networks.history import best_epoch


def same(first, second):
    pairs = zip(chain(*first.values()), chain(*second.values()), strict=True)
    return list(first) == list(second) and all(np.array_equal(*pair) for pair in pairs)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "cnn.npz"
    final, history = train(path)
    return snapshots.of_training(path), history, final


def test_the_wanted_epochs_are_kept_the_same_after_a_kill(tmp_path, whole):
    (weights, best), history, final = whole
    assert (list(weights), best) == (snapshots.wanted(history), best_epoch(history))
    assert not same({1: weights[1]}, {1: weights[2]})
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cnn.npz", stop=15)
    for _ in range(2):  # the second time it is not trained again
        found, again = train(tmp_path / "cnn.npz")
        assert again == history
        assert same({0: found}, {0: final})
        assert same(snapshots.of_training(tmp_path / "cnn.npz")[0], weights)


def test_the_best_so_far_is_wanted_and_no_other():
    accuracies = [0.1, 0.2, 0.5, 0.6, 0.6, 0.4, 0.7, 0.3]
    history = [{"epoch": at, "val_accuracy": each} for at, each in enumerate(accuracies, 1)]
    assert snapshots.wanted(history) == [1, 2, 5, 7]
    assert snapshots.wanted(history[:6]) == [1, 2, 4, 5]
    assert snapshots.wanted([]) == []


def test_one_file_holds_all_of_them_with_the_same_bytes_or_is_named(tmp_path, whole):
    path, (weights, _) = tmp_path / "cnn.npz", whole[0]
    path.write_bytes(snapshots.content(weights, 2))
    assert path.read_bytes() == snapshots.content(weights, 2)
    found, best = snapshots.read(path)
    assert same(found, weights) and best == 2
    path.write_bytes(b"no archive")
    with pytest.raises(UserError, match=r"cnn\.npz is damaged: delete it"):
        snapshots.read(path)
