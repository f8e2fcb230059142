"""Training curves as Keras and pandas write them, whole, broken or appended to."""

import json

import pandas as pd
import pytest

from helpers.errors import UserError
from helpers.networks import curves

ROWS = [
    {"epoch": 1, "loss": 1.5, "accuracy": 0.4, "val_loss": 1.6, "val_accuracy": 0.35},
    {"epoch": 2, "loss": 1.0, "accuracy": 0.6, "val_loss": 1.2, "val_accuracy": 0.5},
]
TABLE = pd.DataFrame(ROWS).drop(columns="epoch")
LOG = "epoch,accuracy,loss,val_accuracy,val_loss\n"
ELSEWHERE = (
    "\ufeffepoch;acc;loss;lr;val_acc;val_loss\r\n1;,4;1,5;,1;,35;1,6\r\n2;.6;1;.1;.5;1.2\r\n"
)
LIGHTNING = "epoch,train_loss,train_acc,valid_loss,valid_acc\n0,,,1.6,35\n0,1.5,40,,\n1,,,1.2,50\n1,1,60,,\n"
EARLIER = LOG + "0,.1,9,.1,9\n1,.1,9,.1,9\n"


def read(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return curves.read(folder / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("log.csv", LOG + "0,.4,1.5,.35,1.6\n1,.6,1,.5,1.2\n"),
        ("log.csv", ELSEWHERE),
        ("log.csv", LIGHTNING),
        ("log.csv", EARLIER + LOG + "0,.4,1.5,.35,1.6\n1,.6,1,.5,1.2\n"),
        ("log.csv", TABLE.to_csv()),
        ("log.json", json.dumps({key: [row[key] for row in ROWS] for key in ROWS[0]})),
        ("log.json", json.dumps(ROWS)),
        *[("log.json", TABLE.to_json(orient=orient)) for orient in ("columns", "split")],
    ],
)
def test_curves_are_read_as_they_are_written(name, text, tmp_path):
    assert read(tmp_path, name, text) == ROWS


def test_what_is_no_number_or_was_not_validated_is_a_gap(tmp_path):
    (first, second) = read(tmp_path, "log.csv", LOG + "0,.4,1.5,.35,1.6\n1,.14,nan,.14,\n")
    assert (second["loss"], second["accuracy"], second["val_loss"]) == (None, 0.14, None)
    rows = read(tmp_path, "log.csv", "epoch,accuracy,loss\n0,.4,1.5\n1,.5,1.2\n")
    assert [row["val_accuracy"] for row in rows] == [None, None]
    assert first == ROWS[0]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("log.csv", "", "no table of curves"),
        ("log.csv", LOG, "has no epoch"),
        ("log.csv", "epoch,loss\n0,1.5\n", "has no column accuracy"),
        ("log.csv", LOG + "0,40,1.5,.3,1\n", "epoch 1: accuracy is '40', not a share"),
        ("log.json", "[1, 2]", "no table of curves"),
        ("log.json", '{"loss": [1], "accuracy": [1, 2]}', "no table of curves"),
    ],
)
def test_broken_curves_are_one_sentence(name, text, said, tmp_path):
    with pytest.raises(UserError, match=f"^{name}.*{said}"):
        read(tmp_path, name, text)
