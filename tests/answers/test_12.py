"""The words of notebook 12: what survives several seeds turns with the numbers."""

import pytest
from rendering import rendered

from helpers.stats import Estimate

CNN = {"external": None}
MEAN = {"cnn": Estimate(0.9, 0.89, 0.91, 8, 0.0), "dnn": Estimate(0.7, 0.69, 0.71, 8, 0.0)}
MEAN["cnn_half"] = Estimate(0.88, 0.87, 0.89, 8, 0.0)
SPREAD = Estimate(0.02, 0.013, 0.041, 8)
SHOWN, OPEN = Estimate(0.2, 0.1, 0.3, 8, 0.001), Estimate(0.01, -0.1, 0.12, 8, 0.4)
LESS = Estimate(-0.2, -0.3, -0.1, 8, 0.001)


def claim(key="cnn_dnn", single="first", over=SHOWN, verdict="holds", ahead=8):
    return {"key": key, "single": single, "over": over, "ahead": ahead, "verdict": verdict}


def blocks(claims=None, cnn=CNN, more=None, **changes):
    facts = {
        "numbers": list(range(8)),
        "many": True,
        "own": 0,
        "enough": 7,
        "claims": claims or [claim()],
        "accuracies": MEAN,
        "spreads": dict.fromkeys(MEAN, SPREAD),
        "lowest": 0.87,
        "highest": 0.93,
        "over_images": 0.01,
        "epochs": 8,
        "pair": {"true": "sad", "predicted": "angry"},
    }
    return rendered("12_seeds", {"seeds": {**facts, **changes}, "cnn": cnn, **(more or {})})


def test_one_seed_says_so_in_one_line():
    found = blocks(many=False, numbers=[0], claims=[])
    assert "trained with one seed" in found["short"]
    assert found["evidence"] == found["more"] == ""
    assert "one training of each" in found["doubt"]
    assert "elsewhere" in blocks(cnn={"external": {"file": "<b>.keras"}}, many=False)["short"]


def test_the_transfer_network_is_a_second_training_only_with_the_whole_recipe():
    against = {"difference": Estimate(0.002, -0.014, 0.018, 1000, 0.9)}
    once = {"many": False, "numbers": [0], "claims": []}
    found = blocks(more={"transfer": {"whole": True, "against": against}}, **once)
    assert "with another seed, the transfer network, differs by 0.2 points" in found["short"]
    found = blocks(more={"transfer": {"whole": False, "against": against}}, **once)
    assert "trained with one seed" in found["short"] and "repeats nothing" in found["answer"]


def test_a_claim_that_is_shown_again_survives():
    found = blocks()
    assert "All comparisons survive" in found["short"]
    assert "It survives that the CNN is more accurate than the DNN" in found["evidence"]


def test_a_claim_that_is_not_shown_does_not_survive():
    found = blocks([claim(over=OPEN, verdict="undecided", ahead=5)])
    assert "No comparison is shown to survive" in found["short"]
    assert "over seeds this is not shown" in found["evidence"]
    assert "beats the DNN in 5 of 8 trainings" in found["evidence"]
    assert "survives" not in found["evidence"]


def test_the_opposite_is_said_plainly():
    found = blocks([claim(over=LESS, verdict="fails", ahead=0)])
    assert "the opposite is shown" in found["evidence"]
    assert "DNN is more accurate than the CNN" in found["answer"]


def test_what_no_training_claimed_neither_survives_nor_fails():
    found = blocks([claim(single="neither", over=OPEN, verdict="undecided")])
    assert "claimed" not in found["evidence"]
    found = blocks([claim(single="neither", verdict="undecided")])
    assert "Not claimed by a single training, but shown over seeds" in found["evidence"]


def test_few_seeds_cannot_show_anything():
    found = blocks([claim(over=OPEN, verdict="undecided")], numbers=[0, 1])
    assert "cannot show which comparison survives" in found["short"]
    assert "not enough to show anything" in found["evidence"]
    assert "survive" not in found["answer"]


@pytest.mark.parametrize(
    ("images", "said"),
    [(0.01, "matters more"), (0.05, "matters less"), (0.02, "cannot tell")],
)
def test_seed_and_images_are_weighed_by_their_interval(images, said):
    assert said in blocks(over_images=images)["evidence"]


@pytest.mark.parametrize("name", ["US$ *a*", "<b>", "[x](y)"])
def test_names_of_classes_are_text(name):
    pair = {"true": name, "predicted": "angry"}
    found = blocks([claim("direction")], pair=pair)
    text = found["evidence"] + found["answer"]
    for mark in ("*a*", "<b>", "[x](y)"):
        assert mark not in text
