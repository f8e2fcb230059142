"""What is shipped: taken only for the same training, checked, small, and opened by stock Keras."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from helpers import ROOT, comparisons, experiments, models, pretrained, snapshots, training
from helpers import train as command
from helpers.backend import keras
from helpers.errors import UserError
from helpers.evaluation import accuracy, predict
from helpers.recipes import Recipe, Training, judging, recipe
from helpers.run import Run

RECIPE = Recipe((6, 8), Training(2, augmentation=None), stem=4, brief_images=40, brief_epochs=1, judge_share=0.5)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory, faces):
    """A folder of shipped networks, made from a small recipe on a few drawn faces; and the run that made it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("shipped")
        patch.setattr(pretrained, "FOLDER", folder)
        run = opened(tmp_path_factory.mktemp("made"), faces, retrain=True)
        make = experiments.cnn(run, RECIPE)
        experiments.adopt_or_train(run, None, make, RECIPE.training, run.dataset.train)
        experiments.train_briefly(run, "cnn", make, RECIPE.training, 1, 40)
        for name, made in run.trained.items():
            command.write(folder / "faces", name, made, run)
        yield folder, run


@pytest.fixture
def taken(shipped, tmp_path, monkeypatch, faces):
    """A run that may take what is shipped."""
    monkeypatch.setattr(pretrained, "FOLDER", shipped[0])
    return opened(tmp_path, faces)


def opened(reports, faces, retrain=False) -> Run:
    run = Run("faces", run="own", notebook="01_train_cnn", reports=reports)
    run.dataset, run.retrain = faces, retrain
    return run


@pytest.fixture(scope="module")
def faces():
    from helpers.datasets import load

    return load("faces", counts=(80, 30, 10))


def adopt(run, how=RECIPE.training):
    return experiments.adopt_or_train(run, None, experiments.cnn(run, RECIPE), how, run.dataset.train)


def test_the_same_training_is_taken_and_not_repeated(shipped, taken, capsys):
    network, history = adopt(taken)
    made = shipped[1].trained["cnn"]
    images = taken.dataset.validation.images
    assert history == made.history
    assert np.abs(predict(network, images) - predict(made.model, images)).max() < 0.05
    assert "shipped with the workbook" in capsys.readouterr().out
    assert not (taken.folder / "checkpoints").exists()
    assert taken.read("shipped_cnn")["seed"] == 0


def test_another_recipe_or_wish_is_trained(taken):
    adopt(taken, replace(RECIPE.training, epochs=1))
    taken.retrain = True
    adopt(taken)
    assert taken.shipped == {}
    assert "cnn" in taken.trained


@pytest.mark.parametrize("change", [comparisons.shuffled, comparisons.behind_softmax])
def test_a_comparison_is_known_whatever_was_built_before(taken, change):
    behind = change(experiments.cnn(taken, RECIPE))
    assert models.layer_rows(behind()) == models.layer_rows(behind())


def test_the_order_of_the_images_does_not_matter(shipped, taken):
    brief, _ = experiments.train_briefly(taken, "cnn", experiments.cnn(taken, RECIPE), RECIPE.training, 1, 40)
    order = np.random.default_rng(0).permutation(len(taken.dataset.validation))
    turned = replace(
        taken.dataset,
        validation=taken.dataset.validation.take(order),
        train=taken.dataset.train.take(np.arange(len(taken.dataset.train))[::-1]),
    )
    taken.dataset = turned
    again, _ = experiments.train_briefly(taken, "cnn", experiments.cnn(taken, RECIPE), RECIPE.training, 1, 40)
    assert np.array_equal(again, brief[order])
    wanted = predict(shipped[1].trained["brief_cnn"].model, turned.validation.images)
    assert np.abs(again - wanted).max() < 0.01


def test_two_notebooks_take_the_same_brief_training(taken, tmp_path, faces):
    second = Run("faces", run="own", notebook="02_dnn_baseline", reports=tmp_path)
    second.dataset = faces
    for run in (taken, second, taken):
        experiments.train_briefly(run, "cnn", experiments.cnn(run, RECIPE), RECIPE.training, 1, 40)
        assert list(run.read(f"shipped_brief_{run.notebook}")) == ["brief_cnn"]


def test_another_copy_of_the_same_images_takes_the_network_but_no_answers(taken):
    images = taken.dataset.train.images ^ 1  # JPEGs made of a table of pixels differ by a grey level here and there
    taken.dataset = replace(taken.dataset, train=replace(taken.dataset.train, images=images))
    experiments.train_briefly(taken, "cnn", experiments.cnn(taken, RECIPE), RECIPE.training, 1, 40)
    assert (taken.folder / "checkpoints" / "brief_cnn.npz").is_file()
    adopt(taken)
    assert "cnn" in taken.shipped
    fewer = taken.dataset.train.take(np.arange(len(taken.dataset.train) - 1))
    taken.dataset, taken.shipped = replace(taken.dataset, train=fewer), {}
    adopt(taken)
    assert not taken.shipped


def test_the_kept_epochs_come_with_it_and_its_own_start_whatever_the_seed(taken):
    taken.seed = 1
    make = experiments.cnn(taken, RECIPE)
    adopt(taken)
    experiments.keep_epochs(taken, make, RECIPE.training, taken.path("models/cnn_epochs.npz"))
    weights, best = snapshots.read(taken.folder / "models/cnn_epochs.npz")
    assert sorted(weights) == [0, 1, 2]
    assert best in weights
    start = training.build(make, RECIPE.training, 0).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(weights[0], start, strict=True))


@pytest.mark.parametrize(("content", "word"), [(b"x", "damaged"), (None, "missing")])
def test_a_damaged_file_is_one_line_with_both_remedies(shipped, taken, content, word):
    path = shipped[0] / "faces" / "cnn.keras"
    before = path.read_bytes()
    path.write_bytes(content) if content else path.unlink()
    try:
        with pytest.raises(UserError, match=rf"cnn\.keras is {word}: .*git checkout.*RETRAIN=1") as fault:
            adopt(taken)
        assert "\n" not in str(fault.value)
        assert not taken.shipped
    finally:
        path.write_bytes(before)


def test_the_file_opens_without_this_package(shipped, tmp_path):
    path = shipped[0] / "faces" / "cnn.keras"
    code = (
        "import sys; sys.path = [p for p in sys.path if p]; sys.modules['helpers'] = None\n"
        "import keras\n"
        f"model = keras.saving.load_model({str(path)!r}, safe_mode=True, compile=False)\n"
        "assert model.input_shape == (None, 48, 48, 1) and model.output_shape == (None, 7)\n"
        "assert all(w.dtype == 'float32' for w in model.weights) and not model.compiled\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, timeout=120)


def test_rounding_keeps_the_nearest_number_and_halves_the_file(shipped, tmp_path):
    numbers = np.random.default_rng(0).normal(size=1000).astype("float32")
    assert np.abs(pretrained.rounded(numbers, 10) / numbers - 1).max() <= 2**-11
    assert np.array_equal(pretrained.rounded(np.float32([0, 1, -2]), 7), np.float32([0, 1, -2]))
    model = shipped[1].trained["cnn"].model
    model.save(tmp_path / "whole.keras")
    assert (shipped[0] / "faces" / "cnn.keras").stat().st_size < 0.7 * (tmp_path / "whole.keras").stat().st_size


def test_the_list_says_whence(shipped):
    entry = json.loads((shipped[0] / "faces" / "networks.json").read_text("utf-8"))["cnn"]
    assert {"commit", "date", "machine", "packages", "seed"} <= entry["origin"].keys()
    assert entry["origin"]["packages"]["keras"] == keras.__version__


def test_a_file_that_was_damaged_is_written_again(shipped):
    folder, key = shipped[0] / "faces", shipped[1].trained["cnn"].key
    before = (folder / "cnn.keras").read_bytes()
    assert command._stands(folder, "cnn", key)
    assert not command._stands(folder, "cnn", "another")
    (folder / "cnn.keras").write_bytes(b"x")
    assert not command._stands(folder, "cnn", key)
    (folder / "cnn.keras").write_bytes(before)


def test_another_seed_is_trained_until_all_are_of_it(shipped, tmp_path):
    kept = command.listed(shipped[0] / "faces")
    assert not command._of_other_seed(shipped[0] / "faces", 0)
    assert command._of_other_seed(shipped[0] / "faces", 1)
    kept["cnn"]["origin"]["seed"] = 1  # interrupted after the first
    kept["cnn_judge"] = {"origin": {"seed": 2}}
    (tmp_path / "networks.json").write_text(json.dumps(kept), "utf-8")
    assert command._of_other_seed(tmp_path, 1)
    kept["brief_cnn"]["origin"]["seed"] = 1
    (tmp_path / "networks.json").write_text(json.dumps(kept), "utf-8")
    assert not command._of_other_seed(tmp_path, 1)


def test_the_card_is_measured_on_the_files(shipped):
    folder, run = shipped
    text = command.card(folder / "faces", run, RECIPE, 80, "make report DATASET=faces")
    network = pretrained.Shipped("cnn", folder / "faces", command.listed(folder / "faces")["cnn"]).network()
    found = accuracy(run.dataset.validation.labels, predict(network, run.dataset.validation.images))
    assert f"| `cnn.keras` | {network.count_params():,} |" in text
    assert str(found) in text
    assert "`make train DATASET=faces`" in text
    assert "must not be used" in text
    assert "brief_cnn" not in text


def test_make_train_takes_no_other_knob(capsys):
    assert command.main(["QUICK=1"]) == 2
    assert "leave QUICK out" in capsys.readouterr().err


def test_what_is_shipped_for_fer2013_is_as_long_as_its_recipe():
    listed = command.listed(ROOT / "data" / "pretrained" / "fer2013")
    how = recipe("fer2013", (48, 48, 1), 28709)
    wanted = {
        "cnn": how.training,
        "cnn_half": how.training,
        "dnn": experiments.dnn_training(how),
        "cnn_judge": judging(how),
    }
    assert {name: len(listed[name]["history"]) for name in wanted} == {
        name: each.epochs + each.finish for name, each in wanted.items()
    }
