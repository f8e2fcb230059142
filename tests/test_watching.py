"""Watching the training: the numbers by known answers, and the sentences follow them, whichever way they point."""

import numpy as np
import pytest

from helpers.backend import keras, layers
from helpers.evaluation import Rate
from helpers.explain import watching
from helpers.explain.watching import ANOTHER
from helpers.figures import watching as figures
from helpers.words import watching as words

RNG = np.random.default_rng(0)
NAMES = ["fear", "joy", "*calm*"]
MOMENTS = ["epoch 1", "epoch 2", "final"]


def said(labels, *counts):
    """Answers of each moment: right but for the first ``n`` images of class 0 taken for 1, and ``m`` of 1 for 0."""
    found = []
    for n, m in counts:
        answers = labels.copy()
        answers[np.flatnonzero(labels == 0)[:n]] = 1
        answers[np.flatnonzero(labels == 1)[:m]] = 0
        found.append(answers)
    return found


LABELS = np.repeat([0, 1, 2], 100)


def test_a_confusion_is_followed_until_it_stays_below_half():
    first, second = watching.departures(LABELS, said(LABELS, (60, 40), (20, 30), (40, 5)))
    assert (first.true, first.predicted, first.below, first.gone) == (0, 1, None, False)  # it came back
    assert (second.true, second.below, second.gone) == (1, 2, True)
    assert [rate.hits for rate in second.rates] == [40, 30, 5]
    assert watching.last_gone([first, second]) == [second]


def test_half_of_a_small_number_is_no_departure():
    found = watching.departures(LABELS, said(LABELS, (10, 9), (4, 0), (4, 0)))
    assert len(found) == 1  # the other one is on fewer images than LEAST
    assert found[0].below == 1
    assert found[0].p > 0.02
    few = watching.departures(LABELS, said(LABELS, (10, 10), (7, 4), (7, 4)))
    assert not any(pair.gone for pair in few)
    assert watching.last_gone(few) == []


def test_the_last_confusion_is_named_with_its_counts_and_no_other():
    found = watching.departures(LABELS, said(LABELS, (60, 40), (10, 30), (5, 5)))
    told = words.departure_in_words(found, MOMENTS, NAMES)
    assert "joy → fear (40 of 100 images after epoch 1, 5 in the final network)" in told
    assert "fear → joy" not in told
    assert "still the most frequent" not in told
    assert "All of them are halved" in words.remaining(found, NAMES)
    alone = watching.departures(LABELS, said(LABELS, (60, 40), (30, 5), (20, 5)))
    assert "for good; last, and still the most frequent: fear → joy" in words.departure_in_words(alone, MOMENTS, NAMES)
    turned = watching.departures(LABELS, said(LABELS, (60, 40), (50, 10), (5, 5)))
    assert "fear → joy (60 of 100" in words.departure_in_words(turned, MOMENTS, NAMES)


def test_of_many_that_go_away_together_one_is_named():
    labels = np.repeat([0, 1, 2, 3], 100)
    answers = [labels.copy(), labels.copy()]
    for true, taken in ((0, 60), (1, 50), (2, 40)):
        answers[0][np.flatnonzero(labels == true)[:taken]] = 3
    told = words.departure_in_words(watching.departures(labels, answers), ["epoch 1", "final"], ["a", "b", "c", "d"])
    assert "a → d (60 of 100" in told
    assert "at the same time as 2 more." in told
    assert "b → d" not in told


def test_none_may_be_halved_or_be_there():
    stays = watching.departures(LABELS, said(LABELS, (60, 0), (60, 0), (50, 0)))
    assert words.departure_in_words(stays, MOMENTS, NAMES).startswith("None of the 1 confusion of epoch 1 is halved")
    assert "Not halved at the end: fear → joy." in words.remaining(stays, NAMES)
    assert "there is none to follow" in words.departure_in_words([], MOMENTS, NAMES)
    assert words.departure_rows(stays, MOMENTS, NAMES)[0][:6] == ["fear → joy", 100, 60, 60, 50, "–"]


def test_a_network_of_one_epoch_has_a_table_too():
    found = watching.departures(LABELS, said(LABELS, (60, 0), (5, 0)))
    assert "5 in the final network" in words.departure_in_words(found, ["epoch 1", "final"], NAMES)


def noisy(maps, share):
    return (1 - share) * maps + share * RNG.random(maps.shape)


def alike(start, first, second, another):
    return {
        name: mean + 0.05 * RNG.standard_normal(60)
        for name, mean in (("start", start), ("epoch 1", first), ("epoch 2", second), (ANOTHER, another))
    }


def test_likeness_is_one_for_the_same_maps_and_falls_with_noise():
    final = RNG.random((20, 8, 8))
    found = watching.likeness({"start": RNG.random(final.shape), "epoch 1": noisy(final, 0.3), "b": -final, "c": final})
    assert list(found) == ["start", "epoch 1", "b", ANOTHER]
    assert np.allclose(found["b"], 1)
    assert 0.5 < found["epoch 1"].mean() < 1
    assert abs(found["start"].mean()) < 0.1
    assert abs(found[ANOTHER].mean()) < 0.1


@pytest.mark.parametrize(
    ("means", "told"),
    [
        ((0.2, 0.6, 0.8, 0.4), "above the final map of another image by 0.2"),
        ((0.2, 0.3, 0.8, 0.4), "They first do after epoch 2"),
        ((0.7, 0.6, 0.8, 0.4), "They first do after epoch 2"),
        ((0.2, 0.3, 0.3, 0.4), "at none of the later epochs"),
        ((0.2, 0.4, 0.4, 0.4), "at none of the later epochs"),
    ],
)
def test_maps_resemble_the_final_ones_only_if_they_beat_both_controls(means, told):
    found = alike(*means)
    sentence = words.likeness_in_words(found)
    assert told in sentence
    rates = {"start": Rate(1, 10), "epoch 1": Rate(4, 10), "final": Rate(9, 10)}
    short = words.short(rates, found, "")
    assert ("already resemble" in short) == ("later epochs" not in sentence and "They first do" not in sentence)
    assert "40\u00a0%" in short


def test_filters_keep_their_start_or_lose_it():
    start = RNG.standard_normal((16, 3, 3, 1))
    own, others = watching.own_and_others(start, 2 * start)
    assert np.allclose(own, 1)
    assert "still show their random start" in words.kernels_in_words(own, others)
    assert "turned away" in words.kernels_in_words(*watching.own_and_others(start, -start))
    shuffled = words.kernels_in_words(*watching.own_and_others(start, RNG.standard_normal(start.shape)))
    assert "Nothing is left" in shuffled
    assert np.isfinite(np.concatenate(watching.own_and_others(start * 0, start))).all()
    assert watching.strongest(start * np.arange(16)[:, None, None, None], 3)[0] in range(8, 16)


def test_the_first_convolution_is_found():
    model = keras.Sequential([layers.Input((8, 8, 3)), layers.Conv2D(4, 5, name="a"), layers.Conv2D(2, 3)])
    kernels = watching.first_kernels(model)
    assert kernels.shape == (4, 5, 5, 3)
    assert np.array_equal(kernels[1], np.asarray(model.get_layer("a").kernel)[..., 1])
    with pytest.raises(ValueError, match="no convolution"):
        watching.first_kernels(keras.Sequential([layers.Input((4,)), layers.Dense(2)]))


def test_class_images_are_counted_by_the_final_networks_answer():
    chances = {"start": np.array([0.1, 0.2]), "final": np.array([0.9, 1.0])}
    told = words.believed(chances, {"start": np.array([0, 0]), "final": np.array([0, 2])}, [0, 2])
    assert "1 at the random start, 2 in the final network" in told
    assert "those climbed in the final network" in told
    assert "95\u00a0%" in told
    never = words.believed(chances, {"start": np.array([0, 0]), "final": np.array([0, 0])}, [0, 2])
    assert "At no moment" in never


def test_many_classes_are_shown_by_their_extremes():
    assert watching.extremes([Rate(0, 0)] * 7, 7) == list(range(7))
    rates = [Rate(k, 12) for k in range(11)]
    assert watching.extremes(rates, 7) == [0, 1, 2, 8, 9, 10]
    assert watching.extremes([Rate(0, 0), *rates[1:]], 7) == [1, 2, 3, 8, 9, 10]
    assert set(watching.extremes(rates, 4)) < set(watching.extremes(rates, 9))
    assert "worst recognised of 11" in words.recall_caption(8, 11, 3)
    assert "each class" in words.recall_caption(7, 7, 3)
    assert "best and the worst recognised of 11" in words.shown(6, 11)
    assert "Of every class" in words.shown(7, 7)


def test_strips_are_shown_of_a_few_classes_and_folded_of_all():
    assert [label for label, _ in words.strips("a", [0, 1], [0, 1, 2], {0: []})] == [
        {"label": "a"},
        {"label": "a-all", "more": True},
    ]
    assert words.strips("a", [0, 1], [0, 1], {0: []}) == [({"label": "a"}, [0, 1])]
    assert words.strips("a", [0, 1], [0, 1, 2], {}) == []


def test_a_class_without_images_has_no_recall():
    recalls = {"start": [Rate(0, 0), Rate(1, 4)], "final": [Rate(0, 0), Rate(3, 4)]}
    rows = words.recall_rows(recalls, {"start": Rate(1, 4), "final": Rate(3, 4)}, ["a", "b"], [0, 1])
    assert rows[0] == ["a", 0, "–", "–"]
    assert rows[1] == ["b", 4, "25\u00a0%", "75\u00a0%"]
    assert rows[2][0] == "all classes"


def test_the_kept_epochs_are_told():
    assert "after epochs 1, 2 and 4; epoch 4 was the best" in words.about([0, 1, 2, 4], 4)
    assert "after epoch 1; epoch 1" in words.about([0, 1], 1)
    assert "cannot be watched" in words.absent("my.keras")


@pytest.mark.parametrize("channels", [1, 3])
def test_the_strips_take_gaps_and_colours(channels):
    images = RNG.integers(0, 255, (3, 12, 12, channels)).astype("float32")
    rows, columns = ["a", "b", "a class of $ name"], ["start\n0.10", "final"]
    maps = [RNG.standard_normal((3, 12, 12)) for _ in columns]
    made = [
        figures.maps_over_time(rows, ["image", *columns], [images[0], None, images[2]], maps),
        figures.maps_over_time(rows, ["image", *columns], [None] * 3, maps),
        figures.kernels_over_time(rows, columns, [RNG.standard_normal((3, 3, 3, channels)) for _ in columns]),
        figures.images_over_time(rows, columns, [images, images], [np.array([0, 0.5, 1])] * 2),
    ]
    for figure in made:
        figure.canvas.draw()
        assert figure.get_size_inches()[0] <= 6.6
