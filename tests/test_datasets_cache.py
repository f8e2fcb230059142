"""The cache: the same data set again, at once, from files that are checked."""

import os
import shutil
import time

import numpy as np
import pytest
from datasets_made import class_files, write_folder

from helpers.datasets import cache, identify, load
from helpers.datasets import splits as reading
from helpers.errors import DataError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A small data set, and a cache of its own."""
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    return write_folder(tmp_path / "zoo", class_files("cat", "dog", each=4) | class_files("cat", "dog", split="test"))


@pytest.fixture
def count(monkeypatch):
    """How often a data set was really read."""
    reads, finish = [], reading.finish
    monkeypatch.setattr("helpers.datasets.finish", lambda *args: reads.append(1) or finish(*args))
    return reads


def same(a, b) -> bool:
    """Whether two data sets agree in everything."""
    for split in ("train", "validation", "test"):
        for name, array in vars(getattr(a, split)).items():
            assert np.array_equal(array, getattr(getattr(b, split), name)), (split, name)
    plain = ("name", "title", "class_names", "region_names", "notes", "checksum", "facts")
    return all(getattr(a, name) == getattr(b, name) for name in plain)


def test_the_second_load_is_the_same_and_reads_nothing(folder, count):
    assert same(load("image_folder", folder), load("image_folder", folder))
    assert len(count) == 1


def test_a_change_of_data_size_name_or_code_is_noticed(folder, count, monkeypatch):
    before = identify(folder, "image_folder")
    load("image_folder", folder)
    load("image_folder", folder, size=16)
    os.utime(folder / "train/cat/0.png", (1, 1))
    assert identify(folder, "image_folder") != before
    load("image_folder", folder)
    shutil.copytree(folder, folder.with_name("park"), copy_function=shutil.copy2)
    assert load("image_folder", folder.with_name("park")).title == "park"
    monkeypatch.setattr("PIL.__version__", "0")
    load("image_folder", folder)
    assert len(count) == 5


@pytest.mark.parametrize("file", ["train.images.npy", "train.labels.npy", "test.ids.npy", "meta.json"])
@pytest.mark.parametrize("how", ["flip", "cut", "remove", "pickle"])
def test_a_damaged_cache_is_built_again_with_one_line(folder, count, capsys, file, how):
    first = load("image_folder", folder)
    (path,) = cache.FOLDER.glob(f"*/{file}")
    content = bytearray(path.read_bytes())
    match how:
        case "flip":
            content[-1] ^= 1
        case "cut":
            del content[-3:]
        case "pickle":
            np.save(path.with_suffix(".x.npy"), np.array([{}], object), allow_pickle=True)
            content = path.with_suffix(".x.npy").read_bytes()
    path.unlink()
    if how != "remove":
        path.write_bytes(content)
    assert same(first, load("image_folder", folder))
    line = capsys.readouterr().out
    assert "is damaged" in line
    assert line.count("\n") == 1
    load("image_folder", folder)
    assert len(count) == 2


def test_a_cache_that_cannot_be_written_costs_only_time(folder, count, capsys):
    cache.FOLDER.write_text("a file in the way")
    load("image_folder", folder)
    assert "could not be cached" in capsys.readouterr().out
    load("image_folder", folder)
    assert len(count) == 2


def test_bad_data_leaves_nothing_behind(folder):
    (folder / "train/cat/0.png").write_bytes(b"no")
    with pytest.raises(DataError):
        load("image_folder", folder)
    assert not cache.FOLDER.exists()


def test_old_entries_and_remains_go(folder, monkeypatch):
    load("image_folder", folder)
    (first,) = cache.FOLDER.iterdir()
    os.utime(first, (1, 1))
    for name, age in (("killed", 7200), ("busy", 0)):
        write_folder(cache.FOLDER, {f".new-{name}/x": b"x"})
        os.utime(cache.FOLDER / f".new-{name}", (time.time() - age,) * 2)
    monkeypatch.setattr(cache, "MAX_BYTES", 10_000)
    load("image_folder", folder, size=16)
    left = {entry.name for entry in cache.FOLDER.iterdir()}
    assert first.name not in left
    assert ".new-killed" not in left
    assert ".new-busy" in left
    assert len(left) == 2
