"""Training: it learns, it resumes to the same bits, it says what went wrong, on any backend."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import trained
from trained import RECIPE, blobs

from helpers import ROOT
from helpers.errors import UserError
from helpers.networks import checkpoint, models, saved, training
from helpers.networks.augmentation import augmentation
from helpers.networks.recipes import Augmentation

PLAIN = replace(RECIPE, augmentation=None, bfloat16=False)  # quick to compile


def small(recipe) -> keras.Model:
    return training.build(lambda: models.cnn((12, 12, 1), 3, (4, 8), stem=4), recipe, 0)


def in_a_process(folder, name, stop, backend="tensorflow"):
    """Train in a process of its own, which is killed after the batch ``stop`` (-1: never)."""
    paths = os.pathsep.join([str(ROOT), str(Path(trained.__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": paths, "WORKBOOK_BACKEND": backend}
    environment["JAX_COMPILATION_CACHE_DIR"] = str(folder / "compiled")
    environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    words = [sys.executable, trained.__file__, folder / name, str(stop)]
    done = subprocess.run(words, env=environment, stderr=subprocess.PIPE)
    assert done.returncode == (-9 if stop > 0 else 0), done.stderr.decode()[-2000:]


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_bits(tmp_path):
    whole, history = trained.train(tmp_path / "whole.npz", finish=2)
    in_a_process(tmp_path, "broken.npz", 9)  # in the middle of epoch 2
    for stop in (27, 33):  # when the cosine is over, and in the second epoch after that
        with pytest.raises(KeyboardInterrupt):
            trained.train(tmp_path / "broken.npz", stop, finish=2)
    weights, again = trained.train(tmp_path / "broken.npz", finish=2)
    assert again == history
    assert all(map(np.array_equal, weights, whole))


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_bits_on_jax(tmp_path):
    for name, stop in (("whole.npz", -1), ("broken.npz", 33), ("broken.npz", -1)):
        in_a_process(tmp_path, name, stop, "jax")
    (note, arrays), (again, others) = map(checkpoint.unpacked, tmp_path.glob("*.npz"))
    assert again == note
    assert note["finished"]
    assert all(map(np.array_equal, arrays, others))


def test_a_small_network_learns_blobs():
    recipe = replace(PLAIN, epochs=8)
    model = small(recipe)
    history = training.fit(model, blobs(480), blobs(120, 1), recipe)
    assert [row["epoch"] for row in history] == list(range(1, 9))
    held_out = blobs(120, 2)
    answers = np.argmax(saved.export(model)(held_out.images.astype("float32")), -1)
    assert (answers == held_out.labels).mean() > 0.9


def test_a_finished_training_is_kept_and_another_recipe_starts_afresh(tmp_path, capsys):
    def trained(learning_rate):
        recipe = replace(PLAIN, epochs=1, learning_rate=learning_rate)
        model = small(recipe)
        training.fit(model, blobs(64), blobs(32, 1), recipe, checkpoint=tmp_path / "s.npz")
        return model.get_weights(), capsys.readouterr().out

    first, _ = trained(5e-3)
    second, said = trained(5e-3)
    assert "trained before" in said and "epoch 1" not in said
    assert all(map(np.array_equal, first, second))
    assert "epoch 1/1" in trained(1e-3)[1]


@pytest.mark.parametrize("place", [8, 500])
def test_a_damaged_checkpoint_is_named_and_dropped(tmp_path, capsys, place):
    """Byte 8 is the zip's compression method: NumPy then fails with NotImplementedError."""
    path = tmp_path / "cnn.npz"
    checkpoint.save(path, "key", [np.arange(999.0)], [{"epoch": 1}], False)
    assert checkpoint.load(path, "key")[1:] == ([{"epoch": 1}], False)
    assert checkpoint.load(path, "other") == ([], [], False)
    content = bytearray(path.read_bytes())
    if place == 8:
        place = content.rindex(b"PK\x01\x02") + 10  # what is read: the directory at the end
    content[place] ^= 99
    path.write_bytes(bytes(content))
    assert checkpoint.load(path, "key") == ([], [], False)
    assert "cnn.npz is damaged; training starts again" in capsys.readouterr().out
    assert not path.exists()


def test_nan_stops_with_a_remedy(tmp_path):
    recipe, state = replace(PLAIN, learning_rate=float("inf")), tmp_path / "s.npz"
    with pytest.raises(UserError, match="try a learning rate below"):
        training.fit(small(recipe), blobs(64), blobs(32, 1), recipe, checkpoint=state)
    assert not state.exists()


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
    assert 0 <= changed.min() <= changed.max() <= 255
    assert np.abs(changed - x).mean() > 1


def test_a_flip_mirrors_about_the_middle_and_nothing_changes_nothing():
    x = np.random.default_rng(0).integers(0, 256, (64, 9, 9, 1)).astype("float32")
    only = Augmentation(flip=True, rotation=0, zoom=0, shift=0, contrast=0, brightness=0)
    y = np.asarray(augmentation((9, 9, 1), only)(x, training=True))
    same = np.isclose(y, x, atol=1e-2).all(axis=(1, 2, 3))
    mirrored = np.isclose(y, x[:, :, ::-1], atol=1e-2).all(axis=(1, 2, 3))
    assert (same | mirrored).all()
    assert 10 < mirrored.sum() < 54
    still = augmentation((9, 9, 1), replace(only, flip=False))(x, training=True)
    np.testing.assert_allclose(np.asarray(still), x, atol=1e-3)
