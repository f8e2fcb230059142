"""The words of notebook 09 turn with the numbers."""

import pytest
from rendering import rendered

from helpers.explain.watching import ANOTHER, START
from helpers.stats import Estimate, rate

UP, LEVEL = Estimate(0.3, 0.2, 0.4, 56, 0.001), Estimate(0.1, -0.2, 0.4, 56, 0.4)
GAP = Estimate(0.01, 0.002, 0.018, 2000, 0.01)
GONE = {
    "true": "angry",
    "predicted": "disgust",
    "images": 300,
    "taken": [100, 60, 45, 30, 20],
    "below": 5,
    "gone": True,
    "p": 0.001,
}
STAYS = {**GONE, "predicted": "happy", "taken": [50] * 5, "below": None, "gone": False, "p": 1.0}
KERNELS = {"own": rate(80, 100), "others": rate(1, 100), "verdict": "holds", "colour": False}
FACTS = {
    "epochs": [0, 1, 2, 5, 8],
    "best": 8,
    "last": 8,
    "shown": 3,
    "strip": 3,
    "images": {"new": 2000, "all": 2000},
    "accuracies": [rate(hits, 2000) for hits in (280, 1000, 1300, 1600, 1780, 1800)],
    "recalls": [[0.1, 0.2, 0.3, 0.5, 0.7, 0.8], [0.2, 0.8, 0.9, 0.9, 0.9, 0.9], [None] * 6],
    "paired": {"only_first": 40, "only_second": 20, "difference": GAP},
    "same": 0.93,
    "departures": [GONE, STAYS],
    "gone_last": [GONE],
    "least": 10,
    "maps": 56,
    "kernels": {**KERNELS, "shown": 16, "all": 16, "cancel": {"start": 5, "end": 9}},
    "steps": 8,
    "controls": {"start": UP, "another": UP},
}


ALIKE = Estimate(0.6, 0.5, 0.7, 56, 0.001)


def blocks(cnn=None, resemblances=("holds",) * 4, start=UP, likeness=ALIKE, **changes):
    same = {"likeness": likeness, "over": {START: start, ANOTHER: UP}}
    moments = zip((1, 2, 5, 8), resemblances, strict=True)
    alike = [{"epoch": epoch, "verdict": verdict, **same} for epoch, verdict in moments]
    watching = {**FACTS, "resemblances": alike, **changes}
    return rendered(
        "09_watching_training", {"watching": watching, "cnn": cnn or {"external": None}}
    )


def test_maps_that_settle_early_or_late():
    assert "After the first epoch the maps resemble" in blocks()["short"]
    assert "a little like the final ones" in blocks(likeness=UP)["short"]
    late = blocks(resemblances=("undecided", "undecided", "holds", "holds"), start=LEVEL)
    assert "From epoch 5 on" in late["short"]
    assert "it is the picture" in late["evidence"]
    never = blocks(resemblances=["undecided"] * 4)
    assert "more than chance" in never["short"]
    assert "At no kept epoch" in never["evidence"]


def test_the_confusion_that_goes_last():
    found = blocks()
    assert "angry taken for disgust" in found["short"]
    assert "1 of them is halved for good" in found["evidence"]
    assert "between epoch 2 and epoch 5" in found["evidence"]
    final = {**GONE, "below": "final"}
    assert "only in the final" in blocks(departures=[final], gone_last=[final])["evidence"]
    assert "not shown to be halved: angry taken for happy" in found["answer"]
    assert "not shown" not in blocks(departures=[GONE])["answer"]
    two = blocks(departures=[GONE, STAYS, {**STAYS, "true": "happy", "predicted": "disgust"}])
    assert "Not shown to be halved: angry taken for happy, happy" in two["evidence"]
    both = blocks(departures=[GONE, GONE], gone_last=[GONE, GONE])
    assert "Among the last confusions" in both["short"]
    assert "their order is not known" in both["evidence"]
    none = blocks(departures=[STAYS], gone_last=[])
    assert "No early confusion is halved for good" in none["short"]
    assert "None of them is halved" in none["evidence"]
    assert "no confusion to follow" in blocks(departures=[], gone_last=[])["evidence"]


@pytest.mark.parametrize(
    ("value", "p", "said"),
    [
        (0.01, 0.01, "The average is better"),
        (-0.01, 0.01, "That single epoch is better"),
        (0.01, 0.4, "decide nothing"),
    ],
)
def test_raw_and_averaged_weights_are_reconciled(value, p, said):
    difference = Estimate(value, value - 0.02, value + 0.02, 2000, p)
    paired = {"only_first": 4, "only_second": 2, "difference": difference}
    assert said in blocks(paired=paired)["evidence"]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("holds", "still resemble"), ("fails", "turn away"), ("undecided", "is undecided")],
)
def test_the_first_filters(verdict, said):
    assert said in blocks(kernels={**FACTS["kernels"], "verdict": verdict})["answer"]


def test_a_network_trained_elsewhere_has_no_epochs():
    found = blocks({"external": {"file": "my_*net*.keras"}}, epochs=[])
    assert "cannot be watched" in found["short"]
    assert "*net*" not in found["short"]
    assert "without a model of your own" in found["answer"]
    assert found["evidence"] == found["more"] == ""
