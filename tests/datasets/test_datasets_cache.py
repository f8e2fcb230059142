"""The cache: the same data set again, at once, from files that are checked."""

import io
import os
import shutil

import numpy as np
import pytest
from datasets_made import class_files, write_folder

from helpers.datasets import cache, identify, load
from helpers.datasets import splits as reading


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A small data set, and a cache of its own."""
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    files = class_files("cat", "dog", each=4) | class_files("cat", "dog", split="test")
    return write_folder(tmp_path / "zoo", files)


@pytest.fixture
def count(monkeypatch):
    """How often a data set was really read."""
    reads, finish = [], reading.finish
    monkeypatch.setattr("helpers.datasets.finish", lambda *args: reads.append(1) or finish(*args))
    return reads


def same(a, b) -> bool:
    """Whether two data sets agree in everything."""
    parts, others = dict(vars(a)), dict(vars(b))
    for split in cache.SPLITS:
        arrays, theirs = vars(parts.pop(split)), vars(others.pop(split))
        assert all(np.array_equal(arrays[name], theirs[name]) for name in arrays), split
    return parts == others


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


def flip(content: bytes) -> bytes:
    place = content.index(b"train.images.npy") + 250  # among the pixels
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def pickled(_) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, meta=np.array([{}], object))
    return stream.getvalue()


DAMAGE = {
    "a bit of the pixels": flip,
    "a pickle, which is not run": pickled,
    "a letter of a class": lambda old: old.replace(b"c\0\0\0a\0\0\0t", b"r\0\0\0a\0\0\0t", 1),
    "all of it": lambda old: b"no zip",
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_cache_is_built_again_with_one_line(folder, count, capsys, what):
    first = load("image_folder", folder)
    (path,) = cache.FOLDER.iterdir()
    content = path.read_bytes()
    path.write_bytes(DAMAGE[what](content))
    assert path.read_bytes() != content
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


def test_old_entries_and_remains_go(folder, monkeypatch):
    load("image_folder", folder)
    (first,) = cache.FOLDER.iterdir()
    (cache.FOLDER / "killed.1").write_text("x")
    (cache.FOLDER / "busy.2").write_text("x")
    os.utime(first, (2, 2))
    os.utime(cache.FOLDER / "killed.1", (1, 1))
    monkeypatch.setattr(cache, "MAX_BYTES", 15_000)
    load("image_folder", folder, size=16)
    (second,) = cache.FOLDER.glob("*.npz")
    assert second != first
    assert {entry.name for entry in cache.FOLDER.iterdir()} == {second.name, "busy.2"}
