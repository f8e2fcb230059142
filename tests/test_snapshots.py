"""The weights that a training keeps on its way: the same after a kill, never another training's.

That a resumed training itself is the same to the bit is tested in test_training.py.
"""

from dataclasses import replace

import numpy as np
import pytest
from trained import RECIPE, blobs

from helpers import models, snapshots, training
from helpers.checkpoint import Checkpoint, peek
from helpers.snapshots import Snapshots

TRAIN, VALIDATION = blobs(64), blobs(30, 1)


class Killed(Exception):
    pass


def train(folder, recipe=RECIPE, kill=None):
    """Train for four epochs; ``kill`` = (epoch, when) stops it ``before`` or ``after`` the weights were kept."""
    model = training.build(lambda: models.cnn((12, 12, 1), 3, (4,), stem=4, dropout=0.3), recipe, 0)
    kept = Snapshots(folder / "cnn.npz")
    kept.prepare(model)
    done = []

    def on_epoch(epoch, model):
        done.append(epoch)
        if kill == (epoch, "before"):
            raise Killed
        kept(epoch, model)
        if kill == (epoch, "after"):
            raise Killed

    history = training.fit(model, TRAIN, VALIDATION, recipe, checkpoint=kept.checkpoint, on_epoch=on_epoch)
    return kept, history, done


def same(first, second):
    return list(first) == list(second) and all(
        np.allclose(a, b, atol=1e-5) for epoch in first for a, b in zip(first[epoch], second[epoch], strict=True)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    kept, history, _ = train(tmp_path_factory.mktemp("whole"))
    return kept.weights(), history


def test_the_wanted_epochs_are_kept_and_differ(whole):
    weights, history = whole
    best = training.best_epoch(history)
    assert list(weights) == sorted({1, 2, best})
    assert not same({1: weights[1]}, {1: weights[2]})


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_training_keeps_the_same_weights(tmp_path, whole, when):
    with pytest.raises(Killed):
        train(tmp_path, kill=(2, when))
    kept, history, done = train(tmp_path)
    assert done == [3, 4]
    assert len(history) == len(whole[1])
    assert same(kept.weights(), whole[0])


def test_a_training_whose_weights_are_missing_is_run_again(tmp_path, whole, capsys):
    train(tmp_path)
    (tmp_path / "cnn_epochs" / "1.npz").unlink()
    kept, _, done = train(tmp_path)
    assert done == [1, 2, 3, 4]
    assert same(kept.weights(), whole[0])
    assert "training starts again" in capsys.readouterr().out
    assert train(tmp_path)[2] == []  # and not a third time


def test_weights_of_another_recipe_are_never_used(tmp_path, whole):
    train(tmp_path, replace(RECIPE, learning_rate=1e-4))
    kept, _, done = train(tmp_path)
    assert done == [1, 2, 3, 4]
    assert same(kept.weights(), whole[0])
    Checkpoint(kept.folder / "2.npz", "another key").save([np.zeros(3)], [], False)
    with pytest.raises(ValueError, match="missing"):
        kept.weights()


def test_the_best_so_far_is_kept_and_no_other(tmp_path):
    kept = Snapshots(tmp_path / "cnn.npz")

    class Model:
        def get_weights(self):
            return [np.array([epoch])]

    history = []
    for epoch, accuracy in enumerate([0.1, 0.2, 0.5, 0.6, 0.6, 0.4, 0.7, 0.3], 1):
        history.append({"epoch": epoch, "val_accuracy": accuracy})
        Checkpoint(kept.checkpoint, "key").save([], history, False)
        kept(epoch, Model())
    assert {epoch: int(weights[0][0]) for epoch, weights in kept.weights().items()} == {1: 1, 2: 2, 5: 5, 7: 7}
    assert sorted(file.stem for file in kept.folder.glob("*.npz")) == ["1", "2", "5", "7"]
    assert kept.best == 7


def test_one_file_holds_all_of_them_with_the_same_bytes(tmp_path, whole):
    for name in ("a", "b"):
        snapshots.write(tmp_path / f"{name}.npz", whole[0], 2)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    weights, best = snapshots.read(tmp_path / "a.npz")
    assert same(weights, whole[0])
    assert best == 2


def test_a_damaged_checkpoint_says_nothing(tmp_path):
    (tmp_path / "cnn.npz").write_bytes(b"no archive")
    assert peek(tmp_path / "cnn.npz") is None
    assert peek(tmp_path / "nothing.npz") is None
