"""Notebook 08's words from made facts: turn a number round, and the sentence must turn."""

import pytest
from rendering import rendered

from helpers import stats
from helpers.explain import deep_dream, lime, regions

NAME = "08_deep_dream"


def shares(lime_share, edges=0.2, middle=0.22):
    found = {"lime": lime_share, "sobel": edges, "centre": middle}
    return {name: stats.Estimate(v, v - 0.03, v + 0.03, 14, 0.001) for name, v in found.items()}


def layer(name, verdict="undecided", kind="arcs", frequency=6.0, changed=3, lying=14, shown=True):
    gap = {"holds": 0.1, "fails": -0.1, "undecided": 0.01}[verdict]
    excess = stats.Estimate(
        gap, gap - 0.05, gap + 0.05, 14, 0.01 if verdict != "undecided" else 0.6
    )
    return {
        "name": name,
        "overlap": deep_dream.Overlap(shares(0.22 + gap), "centre", excess, verdict),
        "flips": stats.rate(changed, 14),
        "wants": {
            "kind": kind,
            "share": 0.6,
            "counts": {kind: 14},
            "frequency": frequency,
        },
        "lying": stats.rate(lying, 14),
        "place": regions.Place("brows", stats.Estimate(1.9, 1.5, 2.3, 14, 0.001), shown),
    }


def facts(*layers, steady="fails", **changed):
    layers = layers or (layer("a", kind="stripes", frequency=20.0), layer("b"), layer("c"))
    return {
        "deep_dream": {
            "layers": list(layers), "subject": {"class": "happy", "id": "validation:3", "right": True},
            "sides": {"small": 48, "large": 192}, "images": {"compared": 14, "stability": 7}, "area": 0.2,
            "how": "drawn",
            "stability": lime.Stability(stats.Estimate(0.8, 0.75, 0.85, 7, 0.001), 0.7, steady),
            "settings": {"steps": 10, "octaves": 3, "scale": 1.4, "jitter": 16, "seed": 0},
            "strengths": {"weak": 0.5, "medium": 1.5, "strong": 4.0},
        } | changed,
        "deep_dream_lime": {"settings": {"samples": 1000, "fill": "grey"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "steady", "said"),
    [
        ("holds", "holds", "LIME finds the network's evidence there"),
        ("holds", "fails", "but LIME itself is unstable"),
        ("holds", "undecided", "but whether LIME is stable is undecided"),
        ("fails", "fails", "it changes the middle of the picture more than what LIME marks"),
        ("fails", "undecided", "it changes the middle of the picture more than what LIME marks"),
        ("fails", "holds", "it changes the middle of the picture more than what LIME marks"),
        ("undecided", "holds", "more than other parts is undecided"),
    ],
)
def test_the_short_answer_follows_the_interval_and_the_yardstick(verdict, steady, said):
    found = rendered(NAME, facts(layer("a"), layer("c", verdict), steady=steady))
    assert (
        said in found["short"] and "dreams mostly horizontal lines onto the brows" in found["short"]
    )


def test_no_strong_claim_on_an_unstable_yardstick():
    found = rendered(NAME, facts())
    assert "The comparison with LIME is weak" in found["answer"]
    assert "no strong claim" in found["evidence"] and found["doubt"]
    found = rendered(NAME, facts(steady="holds"))
    assert "weak" not in found["answer"] and "stable enough to be" in found["evidence"]
    assert not found["doubt"]
    found = rendered(NAME, facts(steady="undecided"))
    assert "no strong claim" in found["evidence"] and "it is undecided" in found["answer"]


def test_what_the_layers_paint_and_how_large():
    found = rendered(NAME, facts())
    assert "The first layer paints mostly horizontal stripes, the last one" in found["answer"]
    assert "the larger its patterns" in found["evidence"]
    finer = facts(layer("a", frequency=5.0), layer("c", kind="spots", frequency=20.0))
    assert "finer patterns" in rendered(NAME, finer)["evidence"]
    alike = facts(layer("a"), layer("c"))
    assert "All depths paint mostly horizontal lines" in rendered(NAME, alike)["answer"]
    assert "about equally fine" in rendered(NAME, alike)["evidence"]


@pytest.mark.parametrize(
    ("lying", "said"),
    [(14, "mostly horizontal lines"), (0, "mostly vertical lines"), (8, "dreams curved lines")],
)
def test_lines_lie_or_stand_only_where_that_is_shown(lying, said):
    assert said in rendered(NAME, facts(layer("a"), layer("c", lying=lying)))["short"]


def test_a_place_is_named_only_where_it_is_shown():
    assert "into the image" in rendered(NAME, facts(layer("a"), layer("c", shown=False)))["short"]


def test_some_layers_follow_and_some_do_not():
    found = rendered(NAME, facts(layer("a", "holds"), layer("b", "fails"), layer("c")))
    assert "Dreams of a change LIME's fifth more" in found["evidence"]
    assert (
        "Dreams of b change the middle of the picture more than LIME's fifth" in found["evidence"]
    )
    assert "For the rest this is undecided" in found["evidence"]
    assert "Some dreams follow" in found["placed"]


def test_the_stability_that_the_question_on_lime_measured_goes_first():
    measured = {"lime_check": {"stability": facts(steady="holds")["deep_dream"]["stability"]}}
    assert "stable enough to be" in rendered(NAME, facts(steady="fails") | measured)["evidence"]


def test_answers_that_change():
    assert "change the answer most often: for 3 of 14 images" in rendered(NAME, facts())["answer"]
    calm = facts(layer("a", changed=0), layer("c", changed=0))
    assert "No dream changes the CNN's answer" in rendered(NAME, calm)["answer"]


def test_one_layer_and_a_mistaken_image():
    subject = {"class": "happy", "id": "validation:3", "right": False}
    found = rendered(NAME, facts(layer("only"), subject=subject))
    assert "first layer" not in found["answer"]
    assert "none is recognised" in found["placed"]
