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
    return faces.draw(train=[100] * 7, validation=[70] * 7, test=[10] * 7)


def test_shapes_types_and_ids(data):
    assert (data.name, data.class_names, data.image_shape) == ("faces", CLASSES, (SIDE, SIDE, 1))
    for name, n in zip(SPLITS, (700, 490, 70), strict=True):
        split = getattr(data, name)
        assert split.images.shape == (n, SIDE, SIDE, 1)
        assert (split.images.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert split.ids[5] == f"faces/{name}/{CLASSES[split.labels[5]]}/00005"
        assert len({image.tobytes() for image in split.images}) == len(set(split.ids)) == n
        assert len(split.clean) == n
    assert data.train.in_train is None
    assert not data.validation.in_train.any()


COUNTS = (4, 1, 4, 8, 5, 3, 5), (2, 2, 3, 5, 3, 2, 3), (2, 2, 3, 5, 3, 2, 3)


def test_the_bytes_are_always_the_same():
    drawn = faces.draw(*COUNTS)
    assert drawn.checksum.startswith("459ac5836f265405")
    assert np.array_equal(drawn.train.regions, faces.draw(*COUNTS).train.regions)


def test_an_image_does_not_depend_on_how_many_are_drawn(data):
    few = np.random.default_rng(0).permutation(490)[:5]
    assert np.array_equal(faces.redraw(data.validation.ids[few]), data.validation.images[few])
    assert faces.redraw([]).shape == (0, SIDE, SIDE, 1)


@pytest.mark.parametrize("region", MOVING)
def test_a_region_at_rest_leaves_the_others_alone(data, region):
    split = data.validation.take(np.arange(200))
    change = np.abs(faces.redraw(split.ids, region).astype(int) - split.images)[..., 0]
    where = REGIONS.index(region)
    number = np.full(200, SPLITS.index("validation"))
    resting = render(*parameters(number, np.arange(200), split.labels, region))[1]
    near = (split.regions == where) | (resting == where)
    near = np.array([binary_dilation(one, iterations=3) for one in near])
    assert change.sum() > 0
    assert change[near].sum() > 0.97 * change.sum()


REFUSED = [
    (lambda: faces.redraw(["train/happy/1.jpg"]), "train/happy/1.jpg"),
    (lambda: faces.redraw(["faces/train/joy/00001"]), "not the id of a drawn face"),
    (lambda: faces.redraw(["faces/train/happy/00001"], "hair"), "choose one of brows, eyes, nose"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED)
def test_refusals_name_the_fault_and_the_remedy(call, words):
    with pytest.raises(UserError, match=words):
        call()
