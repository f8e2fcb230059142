"""The words of notebook 04 follow the numbers, whichever way they point."""

import numpy as np
import pytest

from helpers.explain.regions import Focus
from helpers.figures import maps as figures
from helpers.words import saliency as words
from helpers.words.common import classes_shown


def row(region, verdict, lead):
    return Focus(region, (0.3, 0.28, 0.32), ("edges (Sobel)", 0.3 - lead), (lead, lead - 0.01, lead + 0.01), verdict)


MOUTH, EYES, REST = row("mouth", "more", 0.2), row("eyes", "not shown", 0.0), row("background", "more", 0.3)


def falls(mean):
    return mean + np.random.default_rng(0).normal(0, 0.1, 50)


def test_the_answer_names_only_what_exceeds_every_control():
    told = words.focus_in_one_sentence([MOUTH, EYES, REST], True, rest=("background",))
    assert "mouth" in told
    assert "eyes" not in told
    assert "background" not in told
    assert "approximate" not in told
    assert "approximate" in words.focus_in_one_sentence([MOUTH], False)
    assert "is not shown" in words.focus_in_one_sentence([EYES, REST], True, rest=("background",))


@pytest.mark.parametrize(
    ("mouth", "eyes", "verdict", "told"),
    [
        (2.0, 1.0, "holds", "agrees"),
        (1.0, 2.0, "does not hold", "contradicts"),
        (1.0, 1.001, "cannot be told", "apart"),
        (1.001, 1.0, "cannot be told", "that it leads is not shown"),
    ],
)
def test_the_maps_are_held_against_the_redrawn_face(mouth, eyes, verdict, told):
    alternating = np.tile([0.1, -0.1], 25)
    effects = {"mouth": falls(mouth), "eyes": falls(eyes) + alternating}
    assert words.largest_and_preferred([MOUTH, EYES], effects)[2] == verdict
    assert told in words.agreement([MOUTH, EYES], effects)
    claims = words.claims([MOUTH, EYES], effects)
    assert [claim["verdict"] for claim in claims] == ["holds", "cannot be told", verdict]


def test_a_claim_that_does_not_hold_says_so():
    less = row("nose", "less", -0.1)
    assert words.claims([less], None)[0]["verdict"] == "does not hold"
    assert "nose" in words.focus_in_words([MOUTH, less], 10, None)
    assert words.key_number([MOUTH, less], {}, ()) == ("+20.0 points", "of the map on the mouth, against the highest "
                                                       "control (edges (Sobel))")  # fmt: skip


def test_without_regions_only_a_likeness_is_told():
    found = {"edges (Sobel)": (0.4, 0.35, 0.45), "centre (Gaussian)": (0.1, 0.0, 0.2)}
    assert "edges (Sobel) most" in words.likeness_in_one_sentence(found)
    found["edges (Sobel)"] = (0.11, -0.01, 0.2)
    assert "none of the controls" in words.likeness_in_one_sentence(found)


def test_missing_images_are_named():
    chosen = {0: {"a": 1, "b": 2}, 1: {"b": 3}}
    assert words.without(chosen, ("a", "b"), ["x", "y_1"]) == " Without such an image: y\\_1 (a)."
    assert words.without({0: {"a": 1}}, ("a",), ["x"]) == ""


def test_a_masked_image_shows_the_share_with_the_largest_values():
    image = np.full((10, 10, 1), 50, "uint8")
    map_ = np.zeros((10, 10))
    map_[0] = -5
    map_[1] = 3
    shown = figures.masked(image, map_, 0.2)[..., 0]
    assert (shown[:2] == 50).all()
    assert (shown[2:] == 225).all()
    assert (figures.masked(image, map_ * 0, 0.2) == 50).sum() == 20


@pytest.mark.parametrize("classes", [2, 7, 23])
def test_figures_take_any_number_of_classes_and_gaps(classes):
    rng = np.random.default_rng(0)
    images, maps = rng.integers(0, 255, (classes, 16, 16, 3)), rng.normal(size=(classes, 16, 16))
    names = [f"class {k}" for k in range(classes)]
    places = [(k, 0) for k in range(classes) if k != 1]
    triples = figures.triples(names, ["a", "b"], places, images[1:], maps[1:], ["x"] * (classes - 1))
    means = figures.means(images, np.abs(maps), names, "share", {"mouth": (0.6, 0.2, 0.9, 0.8)})
    for figure in (triples, means):
        figure.canvas.draw()
        assert figure.get_size_inches()[0] <= 6.6


def test_a_figure_of_some_classes_says_which():
    assert classes_shown(0, 7) == ""
    assert "Classes 1 to 8 of 11" in classes_shown(0, 11)
    assert words.triples_caption(0.2, classes_shown(8, 11)).endswith(
        "Classes 9 to 11 of 11; the others are in the HTML report."
    )
