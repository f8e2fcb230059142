"""The manifest: what a report says of its origin."""

import json
from dataclasses import replace

import numpy as np

from helpers.datasets import describe
from helpers.datasets.base import Dataset, Split
from helpers.files import count_test_evaluation, sha256
from helpers.options import parse
from helpers.report.manifest import manifest
from helpers.report.schedule import Outcome


def split(*labels):
    images = np.zeros((len(labels), 8, 8, 1), "uint8")
    return Split(images, np.array(labels, "int64"), np.arange(len(labels)).astype(str))


DATA = Dataset("mine", "Mine", ("cat", "dog"), (), split(0, 0, 1), split(1, 1), split(0, -1))


def test_data_is_told_in_counts():
    told = describe(DATA, "/home/ana/cats.zip")
    assert told["path"] == "cats.zip"
    assert told["splits"] == {"train": 3, "validation": 2, "test": 2}
    assert told["counts"] == {"train": [2, 1], "validation": [0, 2], "test": [1, 0]}
    assert told["labelled"] == {"train": 3, "validation": 2, "test": 1}
    assert "test" not in describe(replace(DATA, test=None), None)["splits"]


def test_a_manifest_says_where_everything_comes_from_and_names_no_folder(tmp_path, monkeypatch):
    network = tmp_path / "my.keras"
    network.write_bytes(b"a network")
    data = describe(DATA, None) | {"checksum": "c"}
    for run, checksum in (("toy", "c"), ("other", "c"), ("toy", "another's")):
        count_test_evaluation(tmp_path, run, "01_a", "cnn", checksum)
    options = parse([f"MODEL={network}", "RUN=toy", "SEED=3"])
    outcome, about = Outcome("01_a", "failed", "never run", 2.0, "no"), {"author": {"name": "A"}}
    monkeypatch.setenv("PATH", str(tmp_path))  # no Git
    found = manifest(options, data, [outcome], {"metrics/a.json": "0"}, tmp_path, about, "en")
    assert found["elsewhere"] == {"model": {"file": "my.keras", "sha256": sha256(b"a network")}}
    assert found["parameters"]["model"] == "my.keras"
    assert found["notebooks"][0]["error"] == "no"
    assert found["test_evaluations"] == {"this_run": 1, "checkout": 2}
    assert (found["outputs"], found["seed"]) == ({"metrics/a.json": "0"}, 3)
    assert found["packages"]["numpy"] == np.__version__
    assert found["changed"] is None
    assert str(tmp_path) not in json.dumps(found)
