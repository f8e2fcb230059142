"""The course's official call: its file names, for every class, and the same bytes each time."""

import pytest
from datasets_made import EXPRESSIONS, course_csv
from PIL import Image

from helpers import hw4
from helpers.backend import keras, layers
from helpers.datasets import cache

NAMES = [f"fig{n}_{k}.jpg" for n in (1, 3) for k in range(7)] + ["fig2_1.jpg", "fig2_2.jpg"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A train.csv and a small network that knows nothing."""
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    monkeypatch.setattr(hw4, "CLIMB", 2)
    (tmp_path / "train.csv").write_bytes(course_csv())
    ends = [layers.Conv2D(8, 3, activation="relu"), layers.GlobalMaxPooling2D()]
    ends += [layers.Dense(len(EXPRESSIONS), activation="softmax")]
    keras.Sequential([layers.Input((48, 48, 1)), *ends]).save(tmp_path / "my.keras")
    return tmp_path


def test_sixteen_files_the_same_each_time(place):
    contents = []
    for folder in ("one", "two"):
        words = [place / "train.csv", place / folder, f"MODEL={place / 'my.keras'}"]
        assert hw4.main([*map(str, words)]) == 0
        contents.append({path.name: path.read_bytes() for path in (place / folder).iterdir()})
    assert sorted(contents[0]) == sorted(NAMES)
    assert contents[0] == contents[1]
    assert Image.open(place / "one" / "fig1_0.jpg").format == "JPEG"


def test_what_is_wrong_is_one_sentence(place, capsys):
    for words, said in {
        ("train.csv",): "a data set and a folder are needed",
        (str(place / "no.csv"), "out"): "there is no file",
        (str(place / "train.csv"), "out", f"MODEL={place / 'no.keras'}"): "no.keras is not there",
    }.items():
        assert hw4.main([*words]) == 2
        assert said in capsys.readouterr().err
    assert not (place / "out").exists()
