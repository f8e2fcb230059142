"""``python -m helpers.evaluation``: the table of a saved network, or one line of what is wrong."""

import json

import numpy as np
import pytest
from datasets_made import fer_files, write_zip
from trained import blobs

from helpers import evaluation, stats
from helpers.backend import keras, layers
from helpers.datasets import cache
from helpers.datasets.base import Split
from helpers.evaluation import __main__ as scoring


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path / "reports"))


def network(classes=7, shape=(48, 48, 1), scale=1.0):
    """Names the class by the brightness of the image's mean, as badly as it may."""
    end = [layers.GlobalAveragePooling2D(), layers.Dense(classes)]
    model = keras.Sequential([layers.Input(shape), *end])
    model.set_weights([np.full((shape[-1], classes), scale), np.arange(classes, dtype="float32")])
    return model


def test_the_table_of_a_zip_and_the_count(tmp_path, capsys):
    data = str(write_zip(tmp_path / "any.zip", fer_files()))
    folder = tmp_path / "reports" / "mine" / "models"
    folder.mkdir(parents=True)
    network().save(folder / "cnn.keras")
    assert scoring.main([str(folder / "cnn.keras"), data]) == 0
    out = capsys.readouterr().out
    assert "PrivateTest" in out
    rows = [line for line in out.splitlines() if line.startswith("PublicTest ")]
    assert rows[0].split()[1] == "14"
    assert "14.3 %" in rows[0]  # always the last of seven classes
    assert "counted in reports/test_evaluations.jsonl, for the run mine" in out
    network().save(tmp_path / "other.h5")
    assert scoring.main([str(tmp_path / "other.h5"), data, "fer2013", "RANGE=0..1"]) == 0
    assert "lies in no run" in capsys.readouterr().out
    counted = (tmp_path / "reports/test_evaluations.jsonl").read_text().splitlines()
    assert [json.loads(line)["run"] for line in counted] == ["mine", ""]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["cnn.keras"], "a network and a data set are needed"),
        (["cnn.keras", "faces", "SIZE=big"], "SIZE=big is not possible"),
        (["nowhere.keras", "faces"], "there is no file nowhere.keras"),
        (["{here}/cnn.keras", "{data}", "fer2014"], "did you mean fer2013?"),
        (["{here}/six.keras", "{data}"], "6 outputs, and the data set has 7 classes"),
        (["{here}/broken.keras", "{data}"], "holds no Keras network"),
    ],
)
def test_what_is_wrong_is_one_line(words, says, tmp_path, capsys):
    data = write_zip(tmp_path / "any.zip", fer_files())
    network().save(tmp_path / "cnn.keras")
    network(6).save(tmp_path / "six.keras")
    (tmp_path / "broken.keras").write_bytes(b"no zip")
    assert scoring.main([word.format(here=tmp_path, data=data) for word in words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "reports").exists()


def test_duplicates_are_left_out_and_mirror_images_averaged():
    split = blobs(200)
    copies = Split(split.images, split.labels, split.ids, in_train=np.arange(200) < 50)
    model = network(3, (12, 12, 1))
    logits = np.eye(3)[split.labels] * 5.0
    logits[:50] = np.roll(logits[:50], 1, axis=1)  # wrong on the copies only
    rows = scoring.split_rows("test", copies, logits, model)
    all_, own = rows["test"], rows["test without duplicates"]
    assert (all_[:2], own[0]) == ([200, scoring.shown(stats.rate(150, 200))], 150)
    assert own[1].startswith("100.0")
    assert len(scoring.split_rows("test", split, logits, model)) == 1


def test_the_mirror_image_is_the_mirror_image():
    images = np.zeros((1, 12, 12, 1), "uint8")
    images[0, :, :3] = 255
    model = keras.Sequential([layers.Input((12, 12, 1)), layers.Flatten(), layers.Dense(2)])
    kernel = np.zeros((144, 2))
    kernel[11::12, 1] = 1.0  # sees the right edge only
    model.set_weights([kernel, np.array([0.5, 0.0])])
    split = Split(images, np.array([1]), np.array(["a"]))
    (row,) = scoring.split_rows("one", split, evaluation.predict(model, images), model).values()
    assert row[1].startswith("0.0")
    assert row[2].startswith("100.0")
