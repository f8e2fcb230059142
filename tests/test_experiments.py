"""Trainings of a run: kept, shipped, found again; the planted mark. One small training serves all tests."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from helpers.datasets.faces import draw
from helpers.errors import UserError
from helpers.evaluation import predict
from helpers.experiments import shortcut, trainings
from helpers.kinds import LAB
from helpers.networks import shipped, snapshots, training
from helpers.networks.recipes import Recipe, Training
from helpers.run import Run
from tools import ship

RECIPE = Recipe((6, 8), Training(2, augmentation=None), stem=4, brief_images=40, brief_epochs=1)


@pytest.fixture(scope="module")
def faces():
    return draw(train=[12] * 7, validation=[4] * 7, test=[1] * 7)


def opened(reports, faces, name="own") -> Run:
    run = Run("faces", run=name, notebook="01_train_cnn", reports=reports)
    run.dataset = faces
    return run


def adopt(run, how=RECIPE.training):
    make = trainings.cnn(run, RECIPE)
    return trainings.train(run, "cnn", make, how, run.dataset.train)


def briefly(run):
    make = trainings.cnn(run, RECIPE)
    return trainings.train_briefly(run, "cnn", make, RECIPE, RECIPE.training)[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory, faces):
    """A folder of shipped networks, made from a small recipe on a few drawn faces; and the run that made it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("shipped")
        patch.setattr(shipped, "FOLDER", folder)
        run = opened(tmp_path_factory.mktemp("made"), faces)
        run.retrain = True
        adopt(run)
        briefly(run)
        ship.save(folder / "faces", run)
        yield folder / "faces", run


@pytest.fixture
def taken(made, tmp_path, monkeypatch, faces):
    """A run that may take what is shipped."""
    monkeypatch.setattr(shipped, "FOLDER", made[0].parent)
    return opened(tmp_path, faces)


def test_the_same_training_is_taken_and_not_repeated(made, taken, capsys):
    network, history = adopt(taken)
    first, images = made[1].trained["cnn"], taken.dataset.validation.images
    assert history == first.history
    assert np.abs(predict(network, images) - predict(first.model, images)).max() < 0.05
    assert "shipped with the workbook" in capsys.readouterr().out
    assert not (taken.folder / "checkpoints").exists()
    assert taken.read("shipped_cnn")["seed"] == 0


def test_another_recipe_or_wish_is_trained(taken):
    adopt(taken, replace(RECIPE.training, epochs=1))
    taken.retrain = True
    adopt(taken)
    assert taken.shipped == {}
    assert "cnn" in taken.trained


def test_the_order_of_the_images_does_not_matter(made, taken):
    brief = briefly(taken)
    order = np.random.default_rng(0).permutation(len(taken.dataset.validation))
    validation, train = taken.dataset.validation.take(order), taken.dataset.train
    back = train.take(np.arange(len(train))[::-1])
    taken.dataset = replace(taken.dataset, validation=validation, train=back)
    again = briefly(taken)
    assert np.array_equal(again, brief[order])
    wanted = predict(made[1].trained["brief_cnn"].model, validation.images)
    assert np.abs(again - wanted).max() < 0.01
    assert list(taken.read("shipped_brief_01_train_cnn")) == ["brief_cnn"]


def test_another_copy_of_the_same_images_takes_the_network_but_no_answers(taken):
    # JPEGs made of a table of pixels differ by a grey level here and there.
    images = taken.dataset.train.images ^ 1
    taken.dataset = replace(taken.dataset, train=replace(taken.dataset.train, images=images))
    briefly(taken)
    assert (taken.folder / "checkpoints" / "brief_cnn.npz").is_file()
    adopt(taken)
    assert "cnn" in taken.shipped


def test_the_kept_epochs_come_with_it_and_its_own_start_whatever_the_seed(taken):
    taken.seed = 1
    make = trainings.cnn(taken, RECIPE)
    adopt(taken)
    path = taken.path("models/cnn_epochs.npz")
    trainings.keep_epochs(taken, make, RECIPE.training, path)
    weights, best = snapshots.read(path)
    assert sorted(weights) == [0, 1, 2]
    assert best in weights
    start = training.build(make, RECIPE.training, 0).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(weights[0], start, strict=True))


@pytest.mark.parametrize(("content", "word"), [(b"x", "damaged"), (None, "missing")])
def test_a_damaged_network_is_one_line_with_both_remedies(made, altered, taken, content, word):
    altered(made[0] / "cnn.keras", content)
    with pytest.raises(UserError, match=rf"cnn\.keras is {word}: .*git checkout.*RETRAIN=1"):
        adopt(taken)


def test_damaged_answers_are_named_and_made_anew(made, altered, taken, capsys):
    path = made[0] / "brief_cnn.npz"
    altered(path, path.read_bytes()[:8] + b"\x63" + path.read_bytes()[9:])
    found = briefly(taken)
    assert "brief_cnn.npz is damaged" in (said := capsys.readouterr().out)
    assert "brief_cnn is trained here instead" in said
    wanted = predict(made[1].trained["brief_cnn"].model, taken.dataset.validation.images)
    assert np.abs(found - wanted).max() < 0.01


@pytest.mark.parametrize("shape", [(48, 48, 1), (64, 40, 3), (16, 16, 1)])
def test_the_mark_lies_away_from_the_border_and_is_half_black(shape):
    images = np.full((2, *shape), 100, "uint8")
    inside = shortcut.place(*shape[:2])
    assert ((shortcut.marked(images) != images).any((0, 3)) == inside).all()
    rows, columns = np.nonzero(inside)
    for at, side in ((rows, shape[0]), (columns, shape[1])):
        assert at[0] % 2 == 0
        assert abs((at[0] + at[-1] + 1) / 2 - side / 4) <= 2
    white = shortcut.marked(images)[0][inside] == 255
    assert abs(white.mean() - 0.5) < 0.1


def test_the_mark_goes_with_a_class_or_with_none():
    split = draw(train=[60] * 7, validation=[1] * 7, test=[1] * 7).train
    label = shortcut.target_class(split.labels)
    inside = shortcut.place(48, 48)
    for of_class, own, others in ((True, 0.95, 0.0), (False, 0.5, 0.5)):
        images = shortcut.planted(split, label, of_class).images
        there = (images[:, inside] == shortcut.marked(split.images)[:, inside]).all((1, 2))
        assert abs(there[split.labels == label].mean() - own) < 0.15
        assert abs(there[split.labels != label].mean() - others) < 0.1


def test_by_hand_the_very_training_of_the_report_is_taken(
    made, tmp_path, monkeypatch, faces, capsys
):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "nothing")
    shutil.copytree(made[1].folder, tmp_path / "faces")
    run = opened(tmp_path, faces, LAB)
    assert adopt(run)[1] == made[1].trained["cnn"].history
    assert "the report faces holds this very training" in capsys.readouterr().out
    make = trainings.cnn(run, RECIPE)
    trainings.keep_epochs(run, make, RECIPE.training, run.path("models/cnn_epochs.npz"))
    adopt(run, replace(RECIPE.training, epochs=1))
    assert "the report faces" not in capsys.readouterr().out
    assert adopt(run)[1] == made[1].trained["cnn"].history
    assert "this lab holds this very training" in capsys.readouterr().out


@pytest.mark.slow
def test_of_other_trainings_a_lab_keeps_the_newest(tmp_path, monkeypatch, faces):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "nothing")
    run, aside = opened(tmp_path, faces, LAB), tmp_path / "lab-faces" / "checkpoints" / "aside"
    for epochs, most, kept in ((1, 10**9, 0), (2, 10**9, 1), (3, 0, 0)):
        monkeypatch.setattr(trainings, "ASIDE", most)
        adopt(run, replace(RECIPE.training, epochs=epochs))
        assert len([*aside.glob("*.npz")]) == kept
