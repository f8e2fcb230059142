"""The key of the shipped networks is frozen: what it writes out, byte for byte, and every network found by it."""

import hashlib
import os
from pathlib import Path

import pytest

from helpers import experiments
from helpers.experiments.ablations import behind_softmax, shuffled
from helpers.networks import models, shipped
from helpers.networks.recipes import Training, recipe, transfer_training

WRITTEN_OUT = "149d997de73a2372df2acf022ea557c5d8082014dbfa2434947fae9e29fd5a7e"
DATA = os.environ.get("WORKBOOK_DATA")


def small():
    return models.cnn((16, 16, 1), 3, (4, 8), stem=4, dropout=0.2, statistics=([9.0], [4.0]))


def test_what_is_hashed_never_changes():
    """Of this text the keys in networks.json are made: with another one nothing of it would be found again."""
    how, plain = recipe("fer2013", (48, 48, 1), 28709).training, Training(3, augmentation=None)
    texts = [
        shipped.described(make(), training, 28709, 0, [[1, 2, 3], [4, 5, 6]])
        for make in (small, shuffled(small), behind_softmax(small))
        for training in (how, plain)
    ]
    assert hashlib.sha256("\n".join(texts).encode()).hexdigest() == WRITTEN_OUT


@pytest.mark.slow
@pytest.mark.skipif(not DATA, reason="WORKBOOK_DATA names no folder with fer2013.zip")
def test_every_shipped_network_is_found(tmp_path, monkeypatch):
    from helpers.datasets import load
    from helpers.run import Run

    run = Run("fer2013", run="own", notebook="01_train_cnn", reports=tmp_path)
    run.dataset = load("fer2013", Path(DATA) / "fer2013.zip")

    class Untaken(Exception):
        pass

    def refuse(*_, **__):
        raise Untaken("it would be trained")

    monkeypatch.setattr("helpers.networks.training.fit", refuse)
    how = run.recipe
    used, make = experiments.part(run, how.train_images), experiments.cnn(run, how)
    network, history = experiments.adopt_or_train(run, None, make, how.training, used)
    assert len(history) == how.training.epochs + how.training.finish
    size = network.count_params()
    dnn = experiments.dnn(run, how, size)
    experiments.train(run, "dnn", dnn, experiments.dnn_training(how), used)
    experiments.train(run, "cnn_half", experiments.cnn_half(run, how, size), how.training, used)
    experiments.two_by_two(run, how)
    experiments.shuffled_pixels(run, how, cnn=make, dnn=dnn)
    experiments.softmax_once_and_twice(run, how)
    _, history = experiments.transfer_network(run, how)
    assert len(history) == transfer_training(how).epochs
    experiments.keep_epochs(run, make, how.training, run.path("models/cnn_epochs.npz"))
    listed = shipped.listed(shipped.FOLDER / "fer2013")
    assert len(listed) == 13
    assert set(run.shipped) == set(listed)
