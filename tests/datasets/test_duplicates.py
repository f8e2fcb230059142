"""Exact and near copies across splits: what is found, what is not, and what is counted."""

import numpy as np
import pytest
from datasets_made import image, write_folder
from PIL import Image

from helpers.datasets import load
from helpers.datasets.duplicates import find_near as near


def scenes(n: int, side=48, seed=0) -> np.ndarray:
    """Smooth pictures that have nothing in common, uint8 (n, side, side, 3)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (n, 7, 7, 3), dtype=np.uint8)
    smooth = [Image.fromarray(one).resize((side, side), Image.Resampling.BICUBIC) for one in coarse]
    return np.stack([np.asarray(one) for one in smooth])


def cropped(pictures, box=(1, 1, 47, 47)):
    cut = [Image.fromarray(one).crop(box) for one in pictures]
    return np.stack([np.asarray(one.resize((48, 48))) for one in cut])


LINE = np.arange(48)[:, None, None] == 24
CHANGES = {
    "mirrored": lambda pictures: pictures[:, :, ::-1],
    "darker, with less contrast": lambda pictures: (pictures * 0.6).astype(np.uint8),
    "cropped": cropped,
    "cropped to one side, and mirrored": lambda all: cropped(all, (6, 3, 48, 45))[:, :, ::-1],
    "with a watermark": lambda pictures: np.where(LINE, 200, pictures).astype(np.uint8),
    "grey": lambda pictures: np.repeat(pictures.mean(-1, keepdims=True), 3, -1).astype(np.uint8),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_picture_is_found_whatever_was_done_to_it(change):
    train = scenes(40)
    order = np.random.default_rng(1).permutation(40)
    found, nearest = near(CHANGES[change](train[order]), train)
    assert found.all()
    assert np.array_equal(nearest, order)


def test_a_training_image_that_is_a_crop_is_found():
    pictures = scenes(40)
    found, nearest = near(pictures, cropped(pictures, (3, 0, 45, 42)))
    assert found.all()
    assert nearest.tolist() == list(range(40))


def test_other_pictures_are_not_found():
    found, nearest = near(scenes(200, seed=1), scenes(300))
    assert not found.any()
    assert (nearest >= 0).all()


def test_images_that_show_nothing_resemble_nothing():
    flat = np.full((3, 48, 48, 1), 90, np.uint8)
    flat[1] += np.random.default_rng(0).integers(0, 2, (48, 48, 1), dtype=np.uint8)  # noise only
    found, nearest = near(flat, np.concatenate([flat, scenes(5)[..., :1]]))
    assert not found.any()
    assert nearest.tolist() == [-1, -1, -1]
    assert not near(scenes(4, side=12), scenes(4, side=12))[0].any()  # too small to compare


def test_a_data_set_tells_exact_from_near_and_counts_both(tmp_path):
    made = scenes(12)
    files = {f"train/{'ab'[n % 2]}/{n}.png": image(made[n], "PNG") for n in range(12)}
    files["val/a/exact.png"] = files["train/a/0.png"]
    files["val/a/new.png"] = image(scenes(1, seed=9)[0], "PNG")
    files["val/b/flat.png"] = image(made[0] * 0, "PNG")
    files["val/b/near.jpg"] = image(made[2], quality=70)
    files |= {f"test/{n}.jpg": image(made[n, :, ::-1], quality=90) for n in range(3)}
    folder = write_folder(tmp_path / "x", files)
    load("image_folder", folder)
    dataset = load("image_folder", folder)  # from the cache
    split = dataset.validation
    assert split.in_train.tolist() == [True, False, False, False]
    assert split.near.tolist() == [False, False, False, True]
    assert split.clean.tolist() == [1, 2]
    assert dataset.train.ids[split.nearest[3]] == "train/a/2.png"
    assert dataset.test.near.all()
    assert split.take(split.clean).near.tolist() == [False, False]
    facts = ("validation_in_train", "validation_near", "validation_near_conflicts", "test_near")
    assert [dataset.facts[name] for name in facts] == [1, 1, 1, 3]
    assert any(note.startswith("1 more of the 4 validation images") for note in dataset.notes)
    assert dataset.train.near is dataset.train.nearest is None
    assert len(dataset.train.clean) == 12
