"""The weights that a training keeps on its way, in its checkpoint: the same after a kill, and in one file at the end.

That a resumed training itself is the same to the bit is tested in test_training.py.
"""

import numpy as np
import pytest
from trained import RECIPE, blobs

from helpers.errors import UserError
from helpers.networks import models, snapshots, training
from helpers.networks.history import best_epoch


def train(path, stop=None):
    """Train for four epochs; stopped at the beginning of one of them, if asked."""

    class Stopped(training._Fitting):
        def epoch(self, number, batches):
            if number == stop:
                raise KeyboardInterrupt
            return super().epoch(number, batches)

    model = training.build(lambda: models.cnn((12, 12, 1), 3, (4,), stem=4, dropout=0.3), RECIPE, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_Fitting", Stopped)
        return training.fit(model, blobs(64), blobs(30, 1), RECIPE, checkpoint=path, keep=True)


def same(first, second):
    return list(first) == list(second) and all(
        np.array_equal(a, b)
        for epoch in first
        for a, b in zip(first[epoch], second[epoch], strict=True)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "cnn.npz"
    history = train(path)
    return snapshots.of_training(path), history


def test_the_wanted_epochs_are_kept_the_same_after_a_kill(tmp_path, whole):
    (weights, best), history = whole
    assert (list(weights), best) == (snapshots.wanted(history), best_epoch(history))
    assert not same({1: weights[1]}, {1: weights[2]})
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cnn.npz", stop=3)
    assert train(tmp_path / "cnn.npz") == history
    assert same(snapshots.of_training(tmp_path / "cnn.npz")[0], weights)
    assert train(tmp_path / "cnn.npz", stop=1) == history  # not trained again, and still there
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
    assert same(found, weights)
    assert best == 2
    path.write_bytes(b"no archive")
    with pytest.raises(UserError, match=r"cnn\.npz is damaged: delete it"):
        snapshots.read(path)
