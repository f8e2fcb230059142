"""Notebook 06's words from made facts: turn a number round, and the sentence must turn."""

import pytest
from rendering import rendered

from helpers import stats
from helpers.explain import class_evidence, hiding, lime, regions

NAME = "06_lime"


def place(name, shown=True):
    return regions.Place(name, stats.Estimate(3.1, 2.0, 4.2, 12, 0.001), shown)


def row(name, hits, train, rival=None, region=None):
    mistaken = stats.rate(30, 100) if rival else None
    return class_evidence.ClassEvidence(name, stats.rate(hits, 100), train, rival, mistaken, region)


def facts(
    *,
    signs=(1, 1),
    steady="fails",
    used=0.4,
    p=0.001,
    **changed,
):
    a, d, h = names = ("angry", "disgust", "happy")
    rows = [
        row(a, 80, 400, h, place("brows")),
        row(d, 20, 100, a, place("brows")),
        row(h, 95, 900, a, place("mouth")),
    ]
    reach = [0.1 if sign else 0.2 for sign in signs]
    random, centre = (
        stats.Estimate(0.4 * s, 0.4 * s - r, 0.4 * s + r, 84, 0.5)
        for s, r in zip(signs, reach, strict=True)
    )
    fall, checks = stats.Estimate(0.7, 0.6, 0.8, 84, 0.001), []
    for fill in ("grey", "blur"):
        checks += [
            hiding.Check(fill, "top", fall, None),
            hiding.Check(fill, "random", fall, random),
            hiding.Check(fill, "centre", fall, centre),
        ]
    loss = stats.Estimate(used, used - 0.1, used + 0.1, 12, p)
    return {
        "lime": {
            "classes": rows, "used": dict.fromkeys(names, loss), "how": "drawn", "starts": [],
            "images": {"averaged": 84, "each": 12, "shown": 9}, "missing": {a: [], d: ["median right"], h: []},
        } | changed,
        "lime_check": {
            "stability": lime.Stability(stats.Estimate(0.83, 0.8, 0.86, 9, 0.001), 0.7, steady),
            "hiding": checks,
            "verdicts": {way: hiding.verdict(checks, way) for way in ("random", "centre")},
            "settings": {
                "samples": 1000, "fill": "grey", "kernel": 0.25, "ridge": 1.0, "precision": "float32", "seed": 0,
                "number": 50, "cells": 64, "seeds": 3, "hidden": 8,
            },
        },
    }  # fmt: skip


def test_the_best_class_and_what_stands_beside_it():
    found = rendered(NAME, facts())
    assert (
        "Why happy is recognised best is not shown; its evidence is densest on the mouth."
        in found["short"]
    )
    assert "Disgust is worst, most often taken for angry" in found["short"]
    assert "has the most training images." in found["answer"]
    assert "The mouth is its own region" in found["answer"]
    assert "of no other class" in found["evidence"]


@pytest.mark.parametrize(
    ("train", "region", "said"),
    [
        (50, place("mouth"), "does not have the most training images"),
        (900, place("brows"), "Its region, the brows, serves other classes too"),
        (900, place("mouth", shown=False), "No region stands out for it"),
    ],
)
def test_reasons_are_given_only_where_the_facts_have_them(train, region, said):
    made = facts()
    made["lime"]["classes"][2] = row("happy", 95, train, "angry", region)
    found = rendered(NAME, made)
    assert said in found["answer"]
    if not region.shown:
        assert "densest" not in found["short"] and "No region holds more" in found["evidence"]


@pytest.mark.parametrize(
    ("used", "p", "said"),
    [
        (0.4, 0.001, "The network uses that region"),
        (-0.4, 0.001, "costs less"),
        (0.1, 0.4, "stays undecided"),
    ],
)
def test_that_a_region_is_used_follows_the_test_of_hiding_it(used, p, said):
    paragraph = rendered(NAME, facts(used=used, p=p))["evidence"].split("*The worst class")[0]
    assert said in paragraph


@pytest.mark.parametrize(
    ("signs", "short", "centre"),
    [
        ((1, 1), "matters to the network", "also costs more than hiding the middle"),
        ((-1, -1), "matters less than other cells", "costs even more"),
        ((0, 0), "do not both show", "is not shown with both fills"),
    ],
)
def test_what_hiding_shows_follows_the_intervals(signs, short, centre):
    found = rendered(NAME, facts(signs=signs))
    assert short in found["placed"] and centre in found["evidence"]


def test_instability_is_said_in_the_answer():
    assert "changes with the seed" in rendered(NAME, facts())["answer"]
    steady = rendered(NAME, facts(steady="holds"))
    assert "rank LIME's segments alike" in steady["answer"] and not steady["doubt"]
    assert "stays undecided" in rendered(NAME, facts(steady="undecided"))["answer"]


def test_a_class_without_images_and_classes_all_alike():
    made = facts()
    made["lime"]["classes"][0] = class_evidence.ClassEvidence(
        "angry", stats.rate(0, 0), 0, None, None, None
    )
    assert "Disgust is worst" in rendered(NAME, made)["short"]
    made["lime"]["classes"] = [row(name, 100, 10, None, place("mouth")) for name in ("a", "b")]
    made["lime"]["used"] = {}
    found = rendered(NAME, made)
    assert "recognised equally well" in found["short"]
