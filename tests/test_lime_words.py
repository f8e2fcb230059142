"""Notebook 06's sentences follow the numbers, its figures take any number of classes, its check knows the answer."""

import numpy as np
import pytest
from test_lime import SIZE, images, planted

from helpers import display
from helpers.datasets.base import Dataset, Split
from helpers.evaluation import Rate
from helpers.explain import lime_segments, selection
from helpers.explain.hiding import Hidden, hide
from helpers.explain.lime_segments import Explanation
from helpers.figures import lime as figures
from helpers.words import lime, lime_classes, lime_hiding


def hidden(top: float, random: float, centre: float, n: int = 40) -> dict[str, Hidden]:
    noise = np.random.default_rng(0).normal(0, 0.02, n)
    falls = {"top": top + noise, "random": random + noise[::-1], "centre": centre - noise}
    return {name: Hidden(values, np.full(n, 0.5)) for name, values in falls.items()}


@pytest.mark.parametrize(
    ("grey", "blur", "verdict", "words"),
    [
        (hidden(0.5, 0.1, 0.2), hidden(0.4, 0.1, 0.1), True, "so what LIME marks matters"),
        (hidden(0.5, 0.1, 0.2), hidden(0.1, 0.1, 0.1), None, "not shown with every fill"),
        (hidden(0.1, 0.5, 0.1), hidden(0.1, 0.1, 0.1), None, "is not shown with every fill"),
        (hidden(0.1, 0.5, 0.1), hidden(0.1, 0.5, 0.1), False, "what LIME marks matters less"),
    ],
)
def test_the_check_turns_with_its_numbers(grey, blur, verdict, words):
    found = {"grey": grey, "blur": blur}
    differences = lime_hiding.differences_of(found)
    assert lime_hiding.check_verdict(differences) is verdict
    assert words in lime_hiding.check_in_words(found, differences, 8, 64)
    assert len(lime_hiding.rows(found, differences)) == 6
    assert display.render(figures.lime_hidden(lime_hiding.means(found), "fall"), "hidden")[1]


def test_the_centre_is_a_control_of_its_own():
    better, worse = (
        lime_hiding.differences_of({"grey": hidden(top, 0, 0.3), "blur": hidden(top, 0, 0.3)}) for top in (0.5, 0.1)
    )
    assert "LIME beats hiding the middle" in lime_hiding.centre_in_words(better)
    assert "Hiding the middle of every image hurts" in lime_hiding.centre_in_words(worse)


def test_hiding_the_planted_cell_takes_the_answer_and_random_cells_do_not():
    model = planted(slice(0, 2), slice(0, 2))
    white = np.full((4, SIZE, SIZE, 1), 255, np.uint8)
    found = lime_segments.explain(model, white, segments="grid", samples=300)
    weights = np.stack([one.weights_of(0) for one in found])
    ways = hide(model, white, weights, found[0].segments, count=1, fill="black", seed=0)
    assert (ways["top"].falls > 0.5).all()
    assert (ways["random"].falls < 0.2).all()
    assert np.allclose(ways["centre"].falls, 0, atol=1e-6)
    assert ways["top"].falls.shape == ways["random"].flips.shape == (4,)
    again = hide(model, white, weights, found[0].segments, count=1, fill="black", seed=0)
    assert all(ways[name].falls.tobytes() == again[name].falls.tobytes() for name in ways)
    with pytest.raises(ValueError, match="hide 1 to 64"):
        hide(model, white, weights, found[0].segments, count=0, fill="grey")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.95, 0.93], "all of them are stable"),
        ([0.96] * 9 + [0.85], "not every one"),
        ([0.99, 0.85], "cannot be told"),
        ([0.5, 0.6] * 5, "not stable"),
    ],
)
def test_stability_has_four_verdicts(values, words):
    assert words in lime.stability_in_words(np.array(values), 3, "the images")


def test_a_part_is_named_only_where_the_evidence_exceeds_its_area():
    region = np.zeros((SIZE, SIZE), int)
    region[:, SIZE // 2 :] = 1
    rng = np.random.default_rng(0)
    maps = rng.normal(0, 1, (20, SIZE, SIZE)) + 2 * region
    there = lime_classes.densest(maps, region, ["left", "right"])
    assert (there.name, there.shown) == ("right", True)
    nowhere = lime_classes.densest(np.ones((20, SIZE, SIZE)), region, ["left", "right"])
    assert not nowhere.shown
    assert nowhere.density == pytest.approx(1)


def story(name="fear", taken="sad", alike="sad", value=0.5, place=True):
    return lime_classes.ClassStory(
        name,
        Rate(60, 100),
        (taken, Rate(20, 100)) if taken else None,
        lime_classes.Place("mouth", 2.0, (1.5, 2.5) if place else (0.9, 2.5), place),
        (alike, value),
    )


def test_a_sentence_a_class_ties_place_recall_and_confusion():
    text = lime_classes.story_in_words(story())
    assert all(part in text for part in ("**fear**", "60.0", "taken for sad 20.0", "mouth", "its main confusion"))
    assert "its main confusion" not in lime_classes.story_in_words(story(alike="happy"))
    assert "no part has certainly more evidence than its area, most has “mouth”" in lime_classes.story_in_words(
        story(place=False)
    )
    assert "no other mean map" in lime_classes.story_in_words(story(value=-0.1))
    assert "never mistaken" in lime_classes.story_in_words(story(taken=None))
    assert len(lime_classes.stories_in_words([story()] * 7).splitlines()) == 7
    assert len(lime_classes.stories_in_words([story()] * 11).splitlines()) == 4


def test_maps_alike_are_counted_against_a_guess():
    often = lime_classes.alike_in_words([story()] * 6)
    assert "In 6 of 6 classes" in often
    assert "taken for, more than the 1.2 that a guess gives" in often
    assert "not shown to be more" in lime_classes.alike_in_words([story(alike="happy")] * 6)
    assert "Too few" in lime_classes.alike_in_words([story()] * 2)


def test_the_answer_turns_with_check_and_place():
    good = lime_hiding.differences_of({"grey": hidden(0.5, 0, 0), "blur": hidden(0.5, 0, 0)})
    bad = lime_hiding.differences_of({"grey": hidden(0, 0.5, 0), "blur": hidden(0, 0.5, 0)})
    assert "hurts the answer more" in lime.lime_in_one_sentence([story()], good)
    assert "hurts the answer less" in lime.lime_in_one_sentence([story()], bad)
    wide = {"grey": {"random": (2.0, -0.5, 4.5), "centre": (2.0, 0.1, 4.0)}}
    assert "is not shown with every fill" in lime.lime_in_one_sentence([story()], wide)
    assert "no part with certainly more" in lime.lime_in_one_sentence([story(place=False)], good)
    assert lime.lime_in_one_sentence([], bad).startswith("Hiding")
    assert [c["verdict"] for c in lime.claims(good, np.array([0.95, 0.96, 0.97]))] == ["holds"] * 3
    assert [c["verdict"] for c in lime.claims(bad, np.array([0.5, 0.51, 0.52]))] == [
        *("does not hold", "cannot be told", "does not hold")
    ]
    assert [c["verdict"] for c in lime.claims(wide, np.array([0.8, 0.99]))] == [
        "cannot be told",
        "holds",
        "cannot be told",
    ]


def test_stories_of_awkward_classes():
    """A class without validation images, and one without a mistake."""
    means = np.array([[1.0, 2, 3], [1, 3, 2], [0, 0, 0]])
    places = {k: lime_classes.Place("mouth", 2, (1.5, 2.5), True) for k in (0, 1)}
    found = lime_classes.stories({"counts": [[5, 0, 0], [2, 3, 0], [0, 0, 0]]}, means, places, ["a", "b", "c"])
    assert found[0].mistaken is None
    assert found[1].mistaken[0] == "a"
    assert found[1].alike[0] == "a"
    assert "no image to explain" in lime_classes.story_in_words(found[2])
    assert len(lime_classes.story_rows(found)) == 3
    alone = lime_classes.stories({"counts": [[5]]}, means[:1], {0: places[0]}, ["a"])
    assert alone[0].alike is None


@pytest.mark.parametrize(("classes", "channels"), [(2, 1), (7, 1), (11, 3), (30, 3)])
def test_figures_of_any_number_of_classes(classes, channels):
    names = [f"class {k} $x_1$" for k in range(classes)]
    rng = np.random.default_rng(0)
    pictures = images(4, channels)
    segments = lime_segments.segment(pictures[0], "grid")
    found = {i: Explanation(segments, rng.normal(size=(classes, 64))) for i in range(4)}
    chances = np.eye(classes)[[0, 0, 1, 1]] * 0.6 + 0.4 / classes
    chosen = {0: dict(zip(selection.RULES, (0, 1, 2), strict=True)), 1: {"most confident right": 3}}
    rows = lime.example_rows(chosen, found, pictures, chances, names, selection.RULES[1:])
    assert display.render(figures.lime_examples(rows, list(lime.HEADS.values())), "examples")[1]
    alone = lime.explored(pictures[0], found[0], chances[0], 1, names)
    assert display.render(figures.lime_examples(*alone), "explored")[1]
    means, cells = lime.class_means(pictures, np.array([0, 0, 1, 1]), list(found.values()), classes)
    assert display.render(figures.lime_averages(means, cells[:, segments], names), "averages")[1]
    assert "taken for" in lime.describe_examples(chosen, found, chances, names)
    assert "No image is mistaken of" in lime.missing_in_words(chosen, names)
    assert names[-1] in lime.describe_averages(cells, names)


@pytest.mark.parametrize(
    ("name", "regions", "how"), [("faces", True, "drawn"), ("fer2013", False, "boxes"), ("food11", False, "thirds")]
)
def test_places_are_called_by_what_the_data_know(name, regions, how):
    masks = np.zeros((3, SIZE, SIZE), np.uint8) if regions else None
    split = Split(images(3), np.zeros(3, int), np.array(["a", "b", "c"]), masks)
    data = Dataset(name, name, ("x",), ("all",) if regions else (), split, split, None)
    names, region, words = lime_classes.parts(data, np.array([0, 2]))
    assert how in words
    assert region.max() < len(names)
    assert region.shape[-2:] == (SIZE, SIZE)


def test_the_caption_counts_a_full_class():
    assert "24 validation images, 12 of each class where there are so many" in lime.averages_caption(
        np.repeat([0, 1, 2], (12, 11, 1)), 1000
    )
