"""Changed images and what networks still see in them: known answers."""

import numpy as np
import pytest
from trained import blobs

from helpers import evaluation, robustness
from helpers.backend import keras, layers
from helpers.robustness import CHANGES, Change, Course

SPLIT = blobs(60, size=16)


def one_pixel(row, column, size=16):
    """A network of two classes that looks at one pixel: class 1 where it is brighter than 64."""
    model = keras.Sequential([layers.Input((size, size, 1)), layers.Flatten(), layers.Dense(2)])
    kernel = np.zeros((size * size, 2))
    kernel[row * size + column] = [0, 1]
    model.set_weights([kernel, np.array([64.0, 0.0])])
    return model


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.name)
def test_strength_nought_changes_nothing_and_more_changes_more(change):
    images = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype="uint8")
    before = images.copy()
    np.testing.assert_array_equal(change.apply(images, 0, 0), images)
    weak, strong = (change.apply(images, strength, 0) for strength in change.strengths((16, 16, 3))[1::2])
    assert weak.shape == images.shape
    assert weak.dtype == np.uint8
    assert 0 < (weak != images).mean() <= (strong != images).mean()
    np.testing.assert_array_equal(weak, change.apply(images, change.strengths((16, 16, 3))[1], 0))
    assert (weak != change.apply(images, change.strengths((16, 16, 3))[1], 1)).any()
    np.testing.assert_array_equal(images, before)


def test_a_shift_moves_a_point_and_repeats_the_border():
    images = np.zeros((40, 9, 9, 1), "uint8")
    images[:, 4, 4], images[:, :, 0] = 200, 50
    moved = robustness.shift(images, 3)
    where = {tuple(np.argwhere(image[..., 0] == 200)[0]) for image in moved}
    assert where == {(4, 1), (4, 7), (1, 4), (7, 4)}
    right = moved[(moved[:, 4, 7, 0] == 200)]
    assert (right[:, :, :4] == 50).all()


def test_a_quarter_turn_is_exact():
    images = np.random.default_rng(0).integers(0, 256, (30, 9, 9, 1), dtype="uint8")
    turned = robustness.rotate(images, 90)
    ways = [any((t == np.rot90(i, k)).all() for k in (1, 3)) for i, t in zip(images, turned, strict=True)]
    assert all(ways)


def test_noise_has_its_deviation_and_stays_in_range():
    grey = np.full((4, 50, 50, 1), 128, "uint8")
    assert robustness.noise(grey, 20).std() == pytest.approx(20, rel=0.05)
    assert robustness.noise(grey, 500).min() == 0


def test_strengths_go_with_the_size_of_the_image():
    shift, rotation = CHANGES[0], CHANGES[1]
    assert shift.strengths((48, 48, 1)) == [0, 2, 4, 6, 8]
    assert shift.strengths((96, 128, 3)) == [0, 4, 8, 12, 16]
    assert shift.strengths((8, 8, 1)) == [0, 1]
    assert rotation.strengths((96, 96, 3)) == rotation.strengths((8, 8, 1))


def test_strength_nought_is_the_plain_accuracy():
    model = one_pixel(3, 3)
    labels = SPLIT.labels % 2
    plain = evaluation.accuracy(labels, evaluation.predict(model, SPLIT.images))
    for course in robustness.courses({"a": model}, SPLIT.images, labels):
        assert course.rates("a")[0] == plain
        assert len(course.rates("a")) == len(course.strengths) > 2


def test_a_network_that_looks_at_one_pixel_falls_only_where_that_pixel_is_hidden():
    images = np.full((200, 16, 16, 1), 30, "uint8")
    labels = np.zeros(200, int)
    hidden = robustness.occlude(images, 6, seed=3)
    assert ((hidden == robustness.GREY).sum((1, 2, 3)) == 36).all()
    (course,) = robustness.courses(
        {"a": one_pixel(5, 9)}, images, labels, 3, (Change("hide", "px", robustness.occlude, (6,), False),)
    )
    np.testing.assert_array_equal(course.right["a"][1], hidden[:, 5, 9, 0] != robustness.GREY)
    assert 0 < course.rates("a")[1].hits < 200


def made(*shares, n=100):
    """A course of networks that all recognise all images unchanged, and then keep these shares of them."""
    rows = {f"net{k}": np.stack([np.ones(n, bool), np.arange(n) < share * n]) for k, share in enumerate(shares)}
    return Course(CHANGES[0], [0, 2], rows)


def test_networks_are_compared_on_the_images_that_all_recognise():
    (found,) = robustness.differences([made(0.9, 0.5)])
    assert (found.value, found.better) == (pytest.approx(0.4), "net0")
    (back,) = robustness.differences([made(0.5, 0.9)])
    assert (back.value, back.better) == (pytest.approx(-0.4), "net1")
    (same,) = robustness.differences([made(0.5, 0.5)])
    assert (same.p, same.better) == (1, None)
    (all_,) = robustness.differences([made(1.0, 0.0)])
    assert (all_.value, all_.p, all_.better) == (1, 0, "net0")
    course = made(0.9, 0.5)
    course.right["net1"][0, :50] = False
    assert course.shared.sum() == 50
    assert course.kept("net0").mean() == pytest.approx(0.8)
    assert robustness.differences([made(0.9, 0.5, n=20)]) == []
    assert robustness.differences([]) == []
