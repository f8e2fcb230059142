"""Notebook 02's words from made facts: turn a number round, and the sentence must turn."""

import pytest
from rendering import rendered

from helpers import stats
from helpers.networks.history import Course

NAME = "02_dnn_baseline"
NAMES = ("cnn", "cnn_half", "dnn")


def course(learning=False):
    return Course(
        8, 8, 8, overfits=False, window=2, gain=0.03 if learning else 0.0, learning=learning
    )


def paired(value, p):
    return stats.Paired(60, 20, stats.Estimate(value, value - 0.02, value + 0.02, 1000, p))


def facts(
    dnn=(0.28, 0.0001),
    half=(0.04, 0.001),
    lost=(0.5, 0.0001),
    luck=(0.01, 0.4),
    learning=(),
    holds=True,
):
    row = {"epoch": 8, "val_accuracy": 0.88, "val_loss": 0.7, "accuracy": 0.9, "loss": 0.6}
    rates = {
        "cnn": stats.rate(880, 1000),
        "cnn_half": stats.rate(840, 1000),
        "dnn": stats.rate(600, 1000),
    }
    return {
        "networks": {
            "external": None, "images": 1000, "copies": 0, "rates": rates,
            "sizes": {name: {"parameters": 75_000, "multiply_adds": 7_600_000} for name in NAMES},
            "equal": {"cnn_half": True, "dnn": True},
            "tests": {"cnn_dnn": paired(*dnn), "cnn_half": paired(*half), "half_dnn": paired(0.2, 0.001)},
            "courses": {name: course(name in learning) for name in NAMES}, "last": dict.fromkeys(NAMES, row),
        },
        "rivals": {
            "widths": {"dnn": [32, 30, 31], "cnn_half": [21, 43, 90]}, "first_dense": 70_000, "floor": 0.446,
            "dnn_rate": 0.01, "dnn_shorter": 0, "half_pool": 4,
        },
        "shuffled": {
            "images": 4000, "epochs": 5, "seed": 0, "verdict": "holds" if holds else "undecided",
            "rates": {name: stats.rate(500, 1000) for name in ("cnn", "cnn_shuffled", "dnn", "dnn_shuffled")},
            "tests": {"cnn": paired(*lost), "dnn": paired(*luck)},
        },
        "transfer": {
            "rate": stats.rate(885, 1000), "epochs": 8, "whole": True, "seed": 1, "against": paired(0.002, 0.9),
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("dnn", "short", "long"),
    [
        ((0.28, 0.0001), "fewer than the CNN", "The CNN is better"),
        ((-0.28, 0.0001), "more than the CNN", "The DNN is better"),
        ((0.01, 0.4), "about as many", "do not tell the two apart"),
    ],
)
def test_who_is_better_follows_the_test(dnn, short, long):
    found = rendered(NAME, facts(dnn=dnn))
    assert short in found["short_dnn"] and long in found["dnn"]


def test_an_undertrained_network_is_named_in_the_sentence_of_its_accuracy():
    found = rendered(NAME, facts(learning=("dnn",)))
    sentence = next(each for each in found["dnn"].split(".") if "60\u00a0%" in each)
    assert "still learning" in sentence and "still learning" in found["short_dnn"]
    assert "The DNN is under-trained" in found["history"]
    assert "still learning" not in rendered(NAME, facts())["short_dnn"]
    assert "All three" in rendered(NAME, facts(learning=NAMES))["short_history"]
    assert "The CNN and the DNN" in rendered(NAME, facts(learning=("cnn", "dnn")))["short_history"]


def test_one_training_proves_nothing_about_depth():
    found = rendered(NAME, facts(half=(0.04, 0.001), luck=(0.061, 0.001)))["half_depth"]
    assert "In this one training" in found and "proves nothing about depth" in found
    found = rendered(NAME, facts(half=(0.1, 0.001), luck=(0.061, 0.001)))["half_depth"]
    assert "One training each cannot tell" in found


def test_the_explanation_is_claimed_only_where_the_experiment_supports_it():
    assert "relies on which pixels are neighbours" in rendered(NAME, facts())["short_comparison"]
    weak = rendered(NAME, facts(lost=(0.03, 0.01), luck=(0.06, 0.01), holds=False))
    assert "hardly more than chance" in weak["short_comparison"] and "do not show" in weak["placed"]
    assert "do not show" in rendered(NAME, facts(lost=(0.01, 0.5), holds=False))["short_comparison"]
    assert (
        "do not hurt" in rendered(NAME, facts(lost=(-0.1, 0.001), holds=False))["short_comparison"]
    )


def test_an_external_network_of_another_size():
    made = facts()
    made["networks"]["external"] = "<b>.keras"
    made["networks"]["equal"] = {"cnn_half": False, "dnn": False}
    made["networks"]["courses"]["cnn"] = None
    del made["networks"]["last"]["cnn"]
    found = rendered(NAME, made)
    assert (
        "of another size" in found["short_dnn"]
        and r"\<b\>.keras was trained elsewhere" in found["dnn"]
    )
