"""Recipes: defaults that fit the data, options that are checked."""

from dataclasses import replace

import pytest

from helpers.errors import UserError
from helpers.networks.recipes import adjusted, hyperparameters, recipe, transfer_training


def test_epochs_caps_every_training():
    assert recipe("somebody's photos", (64, 64, 3), 120).brief_images <= 120
    found = recipe("fer2013", (48, 48, 1), 28709, epochs=2)
    assert (found.training.epochs, found.training.finish, found.brief_epochs) == (2, 0, 2)
    whole = recipe("fer2013", (48, 48, 1), 28709).training
    assert (whole.epochs, whole.finish) == (80, 12)
    part = recipe("fer2013", (48, 48, 1), 28709, epochs=85).training
    assert (part.epochs, part.finish) == (80, 5)
    assert recipe("faces", (48, 48, 1), 8000, epochs=999) == recipe("faces", (48, 48, 1), 8000)


def test_the_transfer_network_is_trained_as_the_cnn_or_shorter():
    faces = recipe("faces", (48, 48, 1), 8000)
    assert transfer_training(faces) == faces.training
    whole = recipe("fer2013", (48, 48, 1), 28709)
    how = transfer_training(whole)
    assert (how.epochs, how.finish) == (24, 0)
    assert replace(how, epochs=80, finish=12) == whole.training
    assert transfer_training(recipe("fer2013", (48, 48, 1), 28709, epochs=1)).epochs == 1


def test_options_of_notebook_01():
    base = recipe("faces", (48, 48, 1), 8000)
    assert adjusted(base) == base
    changed = adjusted(base, widths=[4, 8], depth=1, dropout=0.5, learning_rate=0.1, epochs=3)
    assert (changed.widths, changed.convolutions, changed.dropout) == ((4, 8), 1, 0.5)
    assert (changed.training.learning_rate, changed.training.epochs) == (0.1, 3)
    long = recipe("fer2013", (48, 48, 1), 28709)
    assert adjusted(long, epochs=3).training.finish == 0
    assert adjusted(long, epochs=3, finish=2).training.finish == 2
    assert adjusted(long, epochs=80).training == long.training


def test_hyperparameters_tell_trainings_apart_and_leave_out_what_is_not_there():
    whole = recipe("fer2013", (48, 48, 1), 28709).training
    assert "finish" not in hyperparameters(recipe("faces", (48, 48, 1), 8000).training)
    assert hyperparameters(whole)["finish"]["learning_rate"] == whole.learning_rate / 2


@pytest.mark.parametrize(
    "wrong", [{"widths": []}, {"widths": [0]}, {"depth": 0}, {"dropout": 1.0}, {"epochs": 0}]
)
def test_impossible_options_are_one_sentence(wrong):
    with pytest.raises(UserError, match="is not possible"):
        adjusted(recipe("faces", (48, 48, 1), 8000), **wrong)
