"""Trainings with other seeds: equal wherever they are computed, kept, and never computed twice."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from workbooks import write_photos

from helpers import datasets, seeds
from helpers.errors import UserError
from helpers.networks.recipes import recipe


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    """A training of a second, on tiny photos."""
    folder = write_photos(tmp_path_factory.mktemp("seeds") / "photos", images=24)
    data = datasets.load("image_folder", folder)
    small = recipe("image_folder", data.image_shape, len(data.train), quick=True, epochs=1)
    run = SimpleNamespace(data=folder, name="image_folder", size=None, dataset=data)
    return seeds.tasks(run, small, [3])["cnn_half", 3]


@pytest.fixture(scope="module")
def result(task):
    return seeds.train_one(task)


def test_another_seed_gives_another_training(task, result):
    other = seeds.train_one(replace(task, seed=4))
    assert not np.array_equal(result, other)


@pytest.mark.slow
def test_a_process_elsewhere_gives_the_same_bits(task, result):
    (found,) = seeds.run_all([task], "local:1")
    assert np.array_equal(result, found)


def test_what_is_kept_or_known_is_not_computed_again(task, result, tmp_path, monkeypatch):
    computed = []

    def train(task, folder):
        computed.append(task.seed)
        return result

    monkeypatch.setattr(seeds, "train_one", train)
    other = replace(task, seed=5)
    folders = [tmp_path / "mine", tmp_path / "below"]
    assert np.array_equal(seeds.run_all([task], folders=folders[1:])[0], result)
    found = seeds.run_all([task, other], folders=folders, known={other: result})
    assert computed == [3]
    assert np.array_equal(found, [result, result])
    damaged = folders[1] / f"{task.key}.npz"
    damaged.write_bytes(damaged.read_bytes()[:100])
    seeds.run_all([task], folders=folders)
    assert computed == [3, 3]
    assert (folders[0] / f"{task.key}.npz").is_file()


def test_the_key_knows_what_a_result_depends_on(task):
    others = [
        replace(task, seed=4),
        replace(task, network="dnn"),
        replace(task, checksum="0"),
        replace(task, recipe=replace(task.recipe, dropout=0.5)),
    ]
    assert len({each.key for each in [task, *others]}) == 5
    assert replace(task, path="moved").key == task.key


def test_other_data_are_refused(task):
    with pytest.raises(UserError, match="other images or labels"):
        seeds.train_one(replace(task, checksum="0"))
