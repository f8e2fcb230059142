"""Notebook 07's words from made facts: turn a number round, and the sentence must turn."""

import pytest
from rendering import rendered

from helpers.stats import Estimate

NAME = "07_global_explanation"
CLASSES = ["angry", "disgust", "happy"]


def estimate(value, reach=0.1, p=0.001):
    return Estimate(value, value - reach, value + reach, 3, p)


def judge(verdict, value=0.8):
    return {
        "probability": estimate(value), "over_chance": estimate(0.5), "over_adversarial": estimate(0.3),
        "verdict": verdict,
    }  # fmt: skip


def why(**changed):
    row = {"judges": 0.8, "most": 0.9, "rival": "angry", "rival_gets": 0.2, "confused": "angry"}
    row |= {"pattern": "arcs", "place": "brows"}
    rows = [{"name": name, **row, "judges": 0.7 + at / 10} for at, name in enumerate(CLASSES)]
    rows[0] |= {"rival": "disgust", "confused": "happy", **changed}
    return rows


def facts(kind="partly", first="holds", second="holds", likeness=(0.1, 0.8), **changed):
    made, real = likeness
    values = {
        "classes": CLASSES, "known": 3, "shown": 3,
        "judgement": {
            "kind": kind, "own": estimate(0.99),
            "judges": {"cnn_judge": judge(first), "cnn_half": judge(second)},
        },
        "adversarial": {"n": 3, "reached": 3, "most": 2000, "size": 12.9, "largest": 21.2},
        "why": why(), "how": "drawn",
        "pattern": {"kind": "arcs", "counts": {"arcs": 3}, "places": {"brows": 2, "nose": 1}},
        "alike": {"made": estimate(made), "real": estimate(real)},
        "settings": {"steps": 192, "learning_rate": 12.75, "seed": 1},
    }  # fmt: skip
    return {"class_images": {**values, **changed}}


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (facts("convincing"), "both give them more than one half"),
        (facts("partly"), "not both are shown to give them more than one half"),
        (facts("one", "undecided"), "ones; for the transfer network this is undecided"),
        (facts("one", second="fails"), "ones; for the CNN of half the depth it is not so"),
        (facts("adversarial", "fails", "fails"), "adversarial rather than examples"),
        (facts("undecided", "undecided", "undecided"), "is undecided"),
        (facts("unfit", "undecided", "undecided"), "do not believe real images either"),
        (facts("failed", "undecided", "undecided"), "not even the CNN itself"),
    ],
)
def test_every_verdict_has_its_sentence(made, words):
    assert words in rendered(NAME, made)["short"]


def test_judges_are_called_convinced_only_where_they_are():
    found = rendered(NAME, facts("one", "undecided", "fails"))["evidence"]
    assert "The transfer network may or may not give them more" in found
    assert "The CNN of half the depth gives them no more" in found
    assert "gives the class images 0.30 more" in rendered(NAME, facts())["evidence"]


def test_what_they_look_like_follows_the_correlation():
    assert "do not resemble the mean" in rendered(NAME, facts())["evidence"]
    alike = rendered(NAME, facts(likeness=(0.75, 0.8)))
    assert "do not resemble" not in alike["evidence"]
    assert "at the usual place of the brows" in rendered(NAME, facts())["answer"]
    places = {"kind": "spots", "counts": {"spots": 3}, "places": {"brows": 1, "nose": 1, "eyes": 1}}
    assert "at no fixed part of the face" in rendered(NAME, facts(pattern=places))["answer"]
    assert "spots, densest" not in rendered(NAME, facts(pattern=places))["placed"]


def test_a_class_that_fails_is_named_with_its_rival():
    found = rendered(NAME, facts(why=why(judges=0.2, most=0.4)))
    assert "Angry convinces nobody: the judges lean to disgust." in found["evidence"]
    same = rendered(NAME, facts(why=why(judges=0.2, most=0.4, confused="disgust")))
    assert "for which the CNN also takes real images" in same["evidence"]
    believed = rendered(NAME, facts())["evidence"]
    assert "convinces nobody" not in believed and "rather taken for happy" in believed


def test_the_control_says_how_far_it_had_to_go():
    assert "here by 12.9 grey levels (of 255)" in rendered(NAME, facts())["evidence"]
    short = {"n": 3, "reached": 1, "most": 2000, "size": 12.9, "largest": 21.2}
    assert "For 2 of the 3 images" in rendered(NAME, facts(adversarial=short))["evidence"]
    none = {"n": 0, "reached": 0, "most": 2000, "size": None, "largest": None}
    found = rendered(NAME, facts("unjudged", adversarial=none))
    assert "no adversarial image" in found["short"] and "grey levels (of" not in found["evidence"]
