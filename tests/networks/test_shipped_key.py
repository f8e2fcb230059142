"""The key of the shipped networks is frozen: what it writes out, byte for byte, and every network found by it."""

import hashlib
import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from helpers.experiments import trainings
from helpers.experiments.ablations import behind_softmax, shuffled
from helpers.networks import models, shipped
from helpers.networks.recipes import Training, recipe, transfer_training
from helpers.run import Run
from tools import ship

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
    """Ship them all again, which finds each of them and trains nothing."""
    data = str(Path(DATA) / "fer2013.zip")
    run = Run("fer2013", run="own", notebook="01_train_cnn", data=data, reports=tmp_path)
    monkeypatch.setattr("helpers.networks.training.fit", Mock(side_effect=AssertionError("fits")))
    monkeypatch.setattr(ship, "write_atomic", Mock())
    monkeypatch.setattr(ship, "card", Mock())
    ship.ship(run)
    make, how = trainings.cnn(run, run.recipe), run.recipe.training
    trainings.keep_epochs(run, make, how, run.path("models/cnn_epochs.npz"))
    assert len(run.shipped["cnn"].history) == how.epochs + how.finish
    assert len(run.shipped["cnn_judge"].history) == transfer_training(run.recipe).epochs
    assert len(run.shipped) == 13
    assert set(run.shipped) == set(shipped.listed(shipped.FOLDER / "fer2013"))
