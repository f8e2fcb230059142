"""Figures: drawn for any number of classes, the same bytes each time."""

import numpy as np
import pytest

from helpers import display, evaluation, figures
from helpers.figures.base import Figure, picture


def images(n, channels=1, size=12):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, channels), dtype="uint8")


def rows(n=5):
    return [
        {"epoch": i, "loss": 2 / i, "val_loss": 2.2 / i, "accuracy": i / (n + 1), "val_accuracy": i / (n + 2)}
        for i in range(1, n + 1)
    ]


@pytest.mark.parametrize("classes", [2, 7, 11, 30])
@pytest.mark.parametrize("channels", [1, 3])
def test_examples_of_any_number_of_classes(classes, channels):
    labels = np.arange(classes * 2) % classes
    figure = figures.examples(images(len(labels), channels), labels, [f"class {k}" for k in range(classes)], 2)
    shown = [ax for ax in figure.axes if ax.images]
    assert len(shown) == (classes * 2 if classes <= 12 else classes)


@pytest.mark.parametrize("classes", [2, 7, 20])
def test_a_confusion_matrix_of_any_number_of_classes(classes):
    counts = np.random.default_rng(0).integers(0, 50, (classes, classes))
    counts[1] = 0
    figure = figures.confusion(counts, [f"class {k} $x_1$" for k in range(classes)])
    assert display.render(figure, "confusion")[1]


def test_the_same_figure_gives_the_same_bytes():
    first = display.render(figures.history(rows(), 3), "curves")
    again = display.render(figures.history(rows(), 3), "curves")
    assert first == again
    assert first[0] == "svg"
    assert display.render(figures.gallery(images(3), ["a", "b", "c"]), "g")[0] == "png"


def test_rates_recall_and_galleries_of_awkward_input():
    scores = evaluation.per_class(np.array([[5, 1], [0, 0]]), ["a", "b"], np.array([0, 0, 1]))
    assert display.render(figures.recall_against_size(scores), "recall")[1]
    assert display.render(figures.rates(["x"], [evaluation.Rate(1, 1)], "accuracy", 0.5), "rates")[1]
    assert display.render(figures.gallery(images(0), []), "none")[1]
    assert display.render(figures.histories({"one epoch": rows(1)}), "one")[1]


def test_long_names_are_cut_and_dollars_are_no_formula():
    assert figures.shorten("a" * 40, 10) == "a" * 9 + "…"
    assert figures.shorten("$x$") == r"\$x\$"


def test_a_mean_of_colours_is_shown_in_its_colours():
    figure = Figure()
    axes = figure.add_subplot()
    picture(axes, np.full((4, 4, 3), (200.4, 100.0, -3.0), "float32"))
    assert (axes.images[0].get_array() == np.uint8([200, 100, 0])).all()
