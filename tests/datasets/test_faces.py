"""The drawn data set: reproducible bytes, an exact partition, redrawing, and clear refusals."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from helpers.datasets import faces
from helpers.datasets.faces_canvas import REGIONS
from helpers.datasets.faces_drawing import render
from helpers.datasets.faces_parameters import CLASSES, MOVING, SIDE, SPLITS, parameters
from helpers.errors import UserError


@pytest.fixture(scope="module")
def data():
    return faces.draw(train=700, validation=500, test=70)


def regions_of(split, neutral=None):
    """The maps of a split's faces as they are redrawn."""
    parsed = [id_.split("/") for id_ in split.ids]
    number, index, label = np.array(
        [(SPLITS.index(s), int(i), CLASSES.index(c)) for _, s, c, i in parsed]
    ).T
    return render(*parameters(0, number, index, label, neutral))[1]


def test_shapes_types_and_ids(data):
    assert (data.name, data.class_names, data.image_shape) == ("faces", CLASSES, (SIDE, SIDE, 1))
    for name, split, n in zip(
        SPLITS, (data.train, data.validation, data.test), (700, 500, 70), strict=True
    ):
        assert split.images.shape == (n, SIDE, SIDE, 1)
        assert split.images.dtype == np.uint8
        assert split.labels.dtype == np.int64
        assert len(set(split.ids)) == n
        assert split.ids[5] == f"faces/{name}/{CLASSES[split.labels[5]]}/00005"
    assert data.train.in_train is None
    for split in (data.validation, data.test):
        assert not split.in_train.any()
        assert not split.near.any()
        assert len(split.clean) == len(split)
    everything = np.concatenate(
        [split.images for split in (data.train, data.validation, data.test)]
    )
    assert len({image.tobytes() for image in everything}) == len(everything)


def test_same_seed_same_bytes(data):
    small = {"train": 30, "validation": 20, "test": 20}
    first, again, other = faces.draw(**small), faces.draw(**small), faces.draw(**small, seed=1)
    assert first.checksum == again.checksum
    assert np.array_equal(first.train.images, again.train.images)
    assert np.array_equal(first.train.regions, again.train.regions)
    assert first.checksum != other.checksum != data.checksum
    assert not np.array_equal(first.train.images, other.train.images)


def test_partition_covers_every_pixel_and_uses_every_region(data):
    maps = data.validation.regions
    assert maps.shape == (500, SIDE, SIDE)
    assert maps.dtype == np.uint8
    assert set(np.unique(maps)) == set(range(len(REGIONS)))
    seen = [(maps == region).any(axis=(1, 2)).mean() for region in range(len(REGIONS))]
    assert min(seen) > 0.9  # an occluder may hide a mouth, a bald head has no hair


@pytest.mark.parametrize(("size", "least"), [(1000, 60), (500, 60), (100, 12), (50, 6), (7, 1)])
def test_no_class_is_rare_in_validation_and_test(size, least):
    counts = faces._counts(size, least)
    assert counts.sum() == size
    assert counts.min() == least


def test_disgust_is_rare_in_training(data):
    counts = np.bincount(data.train.labels, minlength=7)
    assert counts.argmin() == CLASSES.index("disgust")
    assert 0.01 < counts.min() / 700 < 0.02
    assert counts.argmax() == CLASSES.index("happy")
    assert np.bincount(data.validation.labels).min() == 60
    assert np.bincount(data.test.labels).min() == 8


def test_an_image_does_not_depend_on_how_many_are_drawn(data):
    few = np.random.default_rng(0).permutation(500)[:5]
    assert np.array_equal(faces.redraw(data.validation.ids[few]), data.validation.images[few])
    assert faces.redraw([]).shape == (0, SIDE, SIDE, 1)


@pytest.mark.parametrize("region", MOVING)
def test_a_region_at_rest_leaves_the_others_alone(data, region):
    split = data.validation.take(np.arange(200))
    change = np.abs(faces.redraw(split.ids, region).astype(int) - split.images)[..., 0]
    where = REGIONS.index(region)
    near = (split.regions == where) | (regions_of(split, region) == where)
    near = np.array([binary_dilation(one, iterations=3) for one in near])
    assert change.sum() > 0
    assert change[near].sum() > 0.97 * change.sum()


def test_neutral_faces_have_little_to_lose(data):
    split = data.validation
    loss = np.abs(faces.redraw(split.ids, "mouth").astype(float) - split.images).mean(
        axis=(1, 2, 3)
    )
    neutral, happy = (
        loss[split.labels == CLASSES.index(name)].mean() for name in ("neutral", "happy")
    )
    assert neutral < 0.4 * happy


def test_most_faces_have_contrast(data):
    assert np.quantile(data.train.images.std(axis=(1, 2, 3)), 0.05) > 20


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: faces.draw(train=6), "6 train images cannot hold all 7 classes"),
        (lambda: faces.draw(test=0), "0 test images"),
        (lambda: faces.draw(seed=-1), "seed -1 is negative"),
        (lambda: faces.redraw(["train/happy/1.jpg"]), "train/happy/1.jpg"),
        (lambda: faces.redraw(["faces/train/joy/00001"]), "not the id of a drawn face"),
        (
            lambda: faces.redraw(["faces/train/happy/00001"], "hair"),
            "choose one of brows, eyes, nose, mouth, face",
        ),
    ],
)
def test_refusals_name_the_fault_and_the_remedy(call, words):
    with pytest.raises(UserError, match=words):
        call()
