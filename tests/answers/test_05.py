"""Notebook 05's words from made facts: turn a number round, and the sentence must turn."""

import pytest
from rendering import rendered

from helpers import stats

NAME = "05_filters"


def purity(shown=True):
    verdict = "holds" if shown else "undecided"
    return {"value": 0.8, "chance": 0.35, "p": 0.003 if shown else 0.4, "verdict": verdict}


def layer(name, lie=30, kind="arcs", apart=6.0, classed=True, **changed):
    wants = {"kind": kind, "share": 0.9, "apart": apart}
    wants |= {"lie": stats.rate(lie, 64), "stand": stats.rate(5, 64)}
    values = {
        "name": name, "filters": 64, "dead": 0, "tried": 64,
        "patterned": "holds", "contrast": False, "purity": purity(classed), "wants": wants,
        "parts": {"brows": 2, "nose": 4, "mouth": 20}, "regulariser": "fourier", "active": 0.3, "hard": 0.5,
    }  # fmt: skip
    return {**values, **changed}


def facts(first=None, last=None, **changed):
    layers = [
        layer("conv_1", apart=2.4, active=0.6, **(first or {})),
        layer("conv_2", **(last or {})),
    ]
    subject = {"class": "happy", "id": "US$ *a*.png", "right": True}
    values = {
        "layers": layers, "classes": {"angry": 3, "happy": 9}, "how": "drawn", "centre": "nose",
        "images": 1000, "sample": 126, "count": 64, "subject": subject,
        "settings": {"steps": 128, "seed": 0, "learning_rate": 12.75},
    }  # fmt: skip
    return {"filters": {**values, **changed}}


def test_what_filters_want_is_said_by_pattern_distance_and_direction():
    found = rendered(NAME, facts(last={"lie": 50}))
    assert "Early filters want fine lines, late ones horizontal arcs" in found["short"]
    assert "as brows and mouths are" in found["answer"]
    assert "horizontal" not in rendered(NAME, facts())["short"]
    stripes = rendered(NAME, facts(first={"kind": "spots"}, last={"kind": "stripes"}))
    assert "want fine spots, late ones stripes" in stripes["short"]
    assert "brows" not in rendered(NAME, facts(last={"lie": 50}, how="ninths"))["answer"]


def test_deeper_filters_are_called_coarser_only_where_they_are():
    assert "deeper filters see more" in rendered(NAME, facts())["answer"]
    assert "no coarser" in rendered(NAME, facts(last={"apart": 2.0}))["answer"]


def test_a_part_in_the_middle_is_named_with_its_doubt():
    doubt = "middle of the picture"
    assert doubt not in rendered(NAME, facts())["evidence"]
    middle = rendered(NAME, facts(centre="mouth"))
    assert doubt in middle["evidence"] and "late ones arcs, 2.5 times as coarse" in middle["short"]
    nowhere = rendered(NAME, facts(last={"parts": {"nose": 0}}))
    assert "in real images" not in nowhere["short"]


def test_classes_in_the_last_layer_are_by_construction_and_before_it_a_finding():
    both = rendered(NAME, facts())
    assert (
        "by construction" in both["answer"]
        and "It is a finding in the first layer" in both["evidence"]
    )
    none = rendered(NAME, facts(first={"classed": False}, last={"classed": False}))
    assert (
        "the images do not show" in none["answer"]
        and "In the first layer it stays undecided" in none["evidence"]
    )
    assert "Happy has more of these filters" in both["evidence"]
    assert "Take filter 21" not in both["evidence"]
    one = {"number": 21, "class": "sad", "images": 8, "kind": "arcs"}
    example = rendered(NAME, facts() | {"filter_example": {"found": one}})["evidence"]
    assert "Take filter 21 as an example: it wants arcs, and 8 of the nine" in example
    assert (
        "No class has more" in rendered(NAME, facts(classes={"angry": 9, "happy": 9}))["evidence"]
    )


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("holds", "holds", "in every layer, so the pattern counts"),
        ("undecided", "holds", "in the last layer; for the first that stays undecided"),
        ("undecided", "undecided", "so contrast alone may do"),
    ],
)
def test_the_shuffled_image_is_the_judge(first, last, words):
    made = facts(first={"patterned": first}, last={"patterned": last})
    found = rendered(NAME, made)["evidence"]
    assert words in found and "no finding: an ascent" in found
    strong = rendered(NAME, facts(first={"contrast": True}))["evidence"]
    assert "Yet in the first layer it still beats every real image" in strong


def test_dead_filters_are_counted():
    assert "None of the 128 filters of these layers is" in rendered(NAME, facts())["evidence"]
    assert "3 of the 128 filters" in rendered(NAME, facts(first={"dead": 3}))["evidence"]


def test_a_dead_last_layer_is_said():
    wants = {
        "kind": "smooth",
        "share": 0,
        "apart": None,
        "lie": stats.NOTHING,
        "stand": stats.NOTHING,
    }
    nothing = {"tried": 0, "purity": None, "parts": {"nose": 0}, "active": None, "wants": wants}
    found = rendered(NAME, facts(last=nothing))
    still = rendered(NAME, facts(last={**nothing, "tried": 64}))
    assert "gets away from noise" in still["short"]
    assert "No filter of the last layer is ever active" in found["short"]
    assert "nothing to climb" in found["answer"]
