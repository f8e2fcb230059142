"""Training: it learns, it resumes to the same bits, it says what went wrong, on any backend."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from trained import RECIPE, blobs

from helpers import models, training
from helpers.augmentation import augmentation
from helpers.errors import UserError
from helpers.recipes import Augmentation

HERE = Path(__file__).parent


def small(dropout: float = 0.0, recipe=RECIPE, **options) -> keras.Model:
    return training.build(lambda: models.cnn((12, 12, 1), 3, (4, 8), stem=4, dropout=dropout, **options), recipe, 0)


def run(folder: Path, *arguments: str, backend: str = "tensorflow") -> int:
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    words = [sys.executable, HERE / "trained.py", folder, *arguments]
    return subprocess.run(words, env=environment, capture_output=True, timeout=240).returncode


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_killed_training_goes_on_to_the_same_bits(tmp_path, backend):
    assert run(tmp_path / "whole", backend=backend) == 0
    broken = tmp_path / "broken"
    assert run(broken, "2", backend=backend) == -9  # in the middle of epoch 2
    assert len((broken / "history.csv").read_text().splitlines()) == 2
    if backend == "tensorflow":
        assert run(broken, "4", backend=backend) == -9  # and again, when the cosine is over
        assert len((broken / "history.csv").read_text().splitlines()) == 5
        assert run(broken, "2", backend=backend) == -9  # and in the second epoch after that
    assert run(broken, backend=backend) == 0
    assert (broken / "weights.txt").read_text() == (tmp_path / "whole" / "weights.txt").read_text()
    assert (broken / "history.csv").read_bytes() == (tmp_path / "whole" / "history.csv").read_bytes()


def test_training_works_on_jax_and_does_not_ask_for_tensorflow():
    """Keras itself may import TensorFlow where it is installed (to seed it, say); our modules do not."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from trained import RECIPE, blobs\n"
        "from helpers import models, training\n"
        "from dataclasses import replace\n"
        "models.cnn((12, 12, 1), 3, (4,), stem=4)\n"
        "assert 'tensorflow' not in sys.modules, 'imported'\n"
        "recipe = replace(RECIPE, epochs=1)\n"
        "model = training.build(lambda: models.cnn((12, 12, 1), 3, (4,), stem=4), recipe, 0)\n"
        "training.fit(model, blobs(32), blobs(16, 1), recipe)\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run([sys.executable, "-c", code, HERE], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("module", ["models", "training", "augmentation", "recipes"])
def test_neutral_modules_do_not_name_tensorflow(module):
    source = (HERE.parent / "helpers" / f"{module}.py").read_text()
    assert "import tensorflow" not in source
    assert "from tensorflow" not in source


def test_a_small_network_learns_blobs():
    recipe = replace(RECIPE, epochs=12, augmentation=None, bfloat16=False)
    model = small(recipe=recipe)
    history = training.fit(model, blobs(480), blobs(120, 1), recipe)
    assert [row["epoch"] for row in history] == list(range(1, 13))
    held_out = blobs(120, 2)
    answers = training.export(model).predict(held_out.images, verbose=0).argmax(-1)
    assert (answers == held_out.labels).mean() > 0.9


def test_a_finished_training_is_not_trained_again(tmp_path, capsys):
    recipe = replace(RECIPE, epochs=2)
    first = small(recipe=recipe)
    history = training.fit(first, blobs(64), blobs(32, 1), recipe, checkpoint=tmp_path / "s.npz")
    capsys.readouterr()
    second = small(recipe=recipe)
    assert training.fit(second, blobs(64), blobs(32, 1), recipe, checkpoint=tmp_path / "s.npz") == history
    assert "trained before" in (said := capsys.readouterr().out)
    assert "epoch 1" not in said
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_another_recipe_or_a_damaged_file_starts_afresh(tmp_path, capsys):
    recipe = replace(RECIPE, epochs=1)
    state = tmp_path / "s.npz"
    training.fit(small(recipe=recipe), blobs(64), blobs(32, 1), recipe, checkpoint=state)
    capsys.readouterr()
    other = replace(recipe, learning_rate=1e-3)
    training.fit(small(recipe=other), blobs(64), blobs(32, 1), other, checkpoint=state)
    assert "epoch 1/1" in capsys.readouterr().out
    state.write_bytes(state.read_bytes()[:500])
    training.fit(small(recipe=other), blobs(64), blobs(32, 1), other, checkpoint=state)
    assert "damaged" in capsys.readouterr().out


def test_nan_stops_with_a_remedy(tmp_path):
    recipe = replace(RECIPE, learning_rate=float("inf"))
    with pytest.raises(UserError, match="try a learning rate below"):
        training.fit(small(recipe=recipe), blobs(64), blobs(32, 1), recipe, checkpoint=tmp_path / "s.npz")
    assert not (tmp_path / "s.npz").exists()


def test_patience_ends_a_training_early():
    recipe = replace(RECIPE, epochs=30, learning_rate=1e-9, patience=2)
    assert len(training.fit(small(recipe=recipe), blobs(32), blobs(32, 1), recipe)) < 30


def test_the_final_weights_forget_the_random_start():
    """Keras' moving average has no bias correction; its horizon must follow the run's length."""
    recipe = replace(RECIPE, epochs=6, learning_rate=1e-2, average=0.1)
    total = 6 * 10
    assert (1 - 1 / max(2.0, recipe.average * total)) ** total < 1e-4


def test_statistics_of_pixels():
    images = np.zeros((4, 2, 2, 3), "uint8")
    images[:2, ..., 1] = 10
    mean, variance = training.pixel_statistics(images)
    assert mean == [0, 5, 0]
    assert variance == [1, 25, 1]  # a channel without spread keeps 1


def test_augmentation_keeps_range_and_shape_and_rests_outside_training():
    x = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3)).astype("float32")
    stack = augmentation((16, 16, 3), Augmentation(erase=0.5))
    np.testing.assert_array_equal(np.asarray(stack(x, training=False)), x)
    changed = np.asarray(stack(x, training=True))
    assert changed.shape == x.shape
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert np.abs(changed - x).mean() > 1


def test_an_augmentation_of_nothing_changes_nothing():
    x = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1)).astype("float32")
    still = Augmentation(flip=False, rotation=0, zoom=0, shift=0, contrast=0, brightness=0)
    np.testing.assert_allclose(np.asarray(augmentation((16, 16, 1), still)(x, training=True)), x, atol=1e-3)


def test_a_flip_mirrors_about_the_middle():
    x = np.random.default_rng(0).integers(0, 256, (64, 9, 9, 1)).astype("float32")
    only = Augmentation(flip=True, rotation=0, zoom=0, shift=0, contrast=0, brightness=0)
    y = np.asarray(augmentation((9, 9, 1), only)(x, training=True))
    same = np.isclose(y, x, atol=1e-2).all(axis=(1, 2, 3))
    mirrored = np.isclose(y, x[:, :, ::-1], atol=1e-2).all(axis=(1, 2, 3))
    assert (same | mirrored).all()
    assert 10 < mirrored.sum() < 54
