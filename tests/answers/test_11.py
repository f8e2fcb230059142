"""The words of notebook 11 turn with the numbers."""

import pytest
from rendering import rendered

from helpers.math_checks import Check, judged
from helpers.stats import Estimate, rate

NAMES = ["output_shape", "parameters", "x_hat", "variance", "mu", "x", "gamma", "beta"]
NAMES += ["loss", "term", "twice", "printed_true"]
EXACT = judged({**dict.fromkeys(NAMES, 1e-15), "printed_other": 0.95})
DIFFERENCE = Estimate(0.02, 0.01, 0.03, 2000, 0.001)
FACTS = {
    "cases": 60,
    "checks": EXACT,
    "pull": {"wrong": 300, "weaker": rate(250, 300), "once": 0.9, "twice": 0.1},
    "classes": 7,
    "most": 0.31,
    "lowest": 1.16,
    "once": rate(1000, 2000),
    "twice": rate(960, 2000),
    "paired": {"only_first": 60, "only_second": 20, "difference": DIFFERENCE},
    "brief": {"images": 4000, "epochs": 5},
}


def blocks(**changes):
    return rendered("11_math", {"math": {**FACTS, **changes}})


def checks(**changes):
    return {**EXACT, **changes}


def test_all_formulas_agree():
    found = blocks()
    assert "All 11 derived formulas agree" in found["short"]
    assert "disagrees" in found["softmax"]  # what is printed, for the other classes
    assert "disagrees" not in found["convolution"] + found["batch_norm"]
    assert r"$\le 10^{ -15 }$ | agrees |" in found["batch_norm"]


def test_a_formula_that_is_off_is_said_to_be_wrong():
    found = blocks(checks=checks(x=Check(0.31, 0, False)))
    assert "a derivation is wrong" in found["short"]
    assert "31 | **disagrees**" in found["batch_norm"]
    found = blocks(checks=checks(loss=Check(None, None, False)))
    assert "derivation is wrong" in found["short_softmax"]
    assert "no number | **disagrees**" in found["softmax"]


def test_the_flaw_is_called_a_slip_only_if_the_numbers_show_it():
    assert "only for the true class" in blocks()["short"]
    assert "A slip in the exercise" in blocks()["softmax"]
    for other in (
        {"printed_other": Check(0.0, None, True)},
        {"printed_true": Check(0.5, 0, False)},
    ):
        found = blocks(checks=checks(**other))
        assert "do not settle" in found["softmax"]
        assert "true class" not in found["short"] + found["short_softmax"]


@pytest.mark.parametrize(
    ("weaker", "said"),
    [(250, "it weakens"), (20, "does not weaken"), (150, "is undecided")],
)
def test_the_pull_turns_with_the_numbers(weaker, said):
    pull = {**FACTS["pull"], "weaker": rate(weaker, 300)}
    assert said in blocks(pull=pull)["experiment"]


def test_a_network_without_mistakes_teaches_nothing():
    found = blocks(pull={"wrong": 0, "weaker": rate(0, 0)})
    assert "none to learn from" in found["placed"]
    assert "mean length" not in found["experiment"]


@pytest.mark.parametrize(
    ("value", "p", "said"),
    [
        (0.02, 0.001, "it costs accuracy"),
        (-0.02, 0.001, "recognises more all the same"),
        (0.02, 0.3, "decide nothing between the two"),
    ],
)
def test_the_trainings_are_told_by_their_test(value, p, said):
    difference = Estimate(value, value - 0.01, value + 0.01, 2000, p)
    paired = {"only_first": 1, "only_second": 2, "difference": difference}
    assert said in blocks(paired=paired)["experiment"]
