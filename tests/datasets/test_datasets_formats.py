"""Every format in which a data set may come, and what is read from it."""

import os
from pathlib import Path

import numpy as np
import pytest
from datasets_made import class_files, course_csv, fer_files, image, pixels, write_folder, write_zip
from PIL import Image

from helpers.datasets import fer2013, food11, load
from helpers.datasets.tables import write_prediction

REAL = Path(os.environ.get("WORKBOOK_DATA", "/nowhere"))
real = pytest.mark.skipif(not REAL.is_dir(), reason="set WORKBOOK_DATA to the real data's folder")


def check_faces(dataset):
    """The faces of ``fer_files`` or ``fer_rows``, in FER2013's own class order."""
    assert dataset.class_names == fer2013.CLASSES
    for split in (dataset.train, dataset.validation, dataset.test):
        assert split.images.shape == (14, 48, 48, 1)
        assert split.images.dtype == np.uint8
        assert np.bincount(split.labels).tolist() == [2] * 7


@pytest.mark.parametrize(("wrap", "write"), [("", write_folder), ("a/b/", write_zip)])
def test_fer2013_as_kaggle_serves_it(tmp_path, write, wrap):
    files = {wrap + name: content for name, content in fer_files().items()}
    dataset = load("fer2013", write(tmp_path / "fer.zip", files))
    check_faces(dataset)
    assert dataset.title == "FER2013"
    assert dataset.train.ids[0] == "train/angry/Training_0.jpg"
    assert set(dataset.validation.ids) >= {"test/happy/PublicTest_1.jpg"}
    assert dataset.notes == ()


def test_fer2013_without_the_private_test_says_so(tmp_path):
    files = fer_files(splits=("Training", "PublicTest"))
    dataset = load("fer2013", write_zip(tmp_path / "fer.zip", files))
    assert dataset.test is None
    assert dataset.notes[0].startswith("The folder test holds PublicTest, which is the validation")
    assert "There is no test set." in dataset.notes


@pytest.mark.parametrize("how", ["csv", "zip"])
def test_the_course_csv_gives_a_tenth_for_validation_and_a_prediction(tmp_path, how):
    faces = [pixels(n) for n in range(3)]
    rows = [f"{n + 40},{' '.join(map(str, face.ravel()))}" for n, face in enumerate(faces)]
    files = {"train.csv": course_csv(), "test.csv": "\n".join(["id,feature", *rows]).encode()}
    path = (write_zip if how == "zip" else write_folder)(tmp_path / "c.zip", files)
    dataset = load("fer2013", path / "train.csv" if how == "csv" else path)
    assert np.bincount(dataset.train.labels).tolist() == [9] * 7
    assert np.bincount(dataset.validation.labels).tolist() == [1] * 7
    ids = {*dataset.train.ids, *dataset.validation.ids}
    assert ids == {f"train.csv:{n}" for n in range(2, 72)}
    assert "a stratified tenth of train, 7 of 70" in dataset.notes[0]
    assert dataset.test.labels.tolist() == [-1, -1, -1]
    assert np.array_equal(dataset.test.images[..., 0], faces)
    written = write_prediction(tmp_path / "out" / "prediction.csv", dataset.test.ids, [3, 1, 6])
    assert written.read_text() == "id,label\n40,3\n41,1\n42,6\n"


def food_files(flat: bool) -> dict[str, bytes]:
    """Two photos a class and split, of different sizes."""
    files, splits = {}, ("training", "validation", "testing" if flat else "evaluation")
    for n in range(66):
        split, label, place = splits[n // 22], n % 22 // 2, n % 2
        name = f"{food11.CLASSES[label]}/{place}"
        if flat:
            name = f"{n:04}" if split == "testing" else f"{label}_{place}"
        files[f"{split}/{name}.jpg"] = image(pixels(n, (40 + place, 60, 3)))
    return files


@pytest.mark.parametrize("flat", [False, True])
def test_food11_in_both_layouts(tmp_path, flat):
    path = write_zip(tmp_path / "my dishes.zip", food_files(flat))
    dataset = load("food11", path)
    assert dataset.title == "my dishes"
    assert dataset.class_names[6] == "Noodles-Pasta"
    for split in (dataset.train, dataset.validation, dataset.test):
        assert split.images.shape == (22, 128, 128, 3)
    assert np.bincount(dataset.train.labels).tolist() == [2] * 11
    assert dataset.test.labelled is not flat
    assert load("food11", path, size=32).image_shape == (32, 32, 3)
    if flat:
        prediction = write_prediction(tmp_path / "p.csv", dataset.test.ids[:1], [4])
        assert prediction.read_text() == "id,label\n0044,4\n"


def test_resizing_keeps_the_centre_and_the_shape_of_things(tmp_path):
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, :40], wide[:, 40:80], wide[:, 80:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    files = {f"train/{'ab'[n % 2]}/{n}.png": image(wide, "PNG") for n in range(4)}
    picture = load("image_folder", write_folder(tmp_path / "x", files), size=20).train.images[0]
    assert picture.shape == (20, 20, 3)
    assert (picture[:, 3:-3] == (0, 255, 0)).all()


def test_an_image_folder_takes_any_split_names_and_formats(tmp_path):
    rgb = pixels(1, (8, 8, 3))
    files = class_files("cat", "dog") | class_files("cat", "dog", split="val", seed=50)
    files |= {"train/cat/photo.JPG": image(rgb), "test/1.bmp": image(rgb, "BMP")}
    files["test/2.webp"] = image(rgb, "WEBP")
    files |= {"train/dog/deeper/3.gif": image(pixels(9, (8, 8)), "GIF"), "readme.txt": b"hello"}
    dataset = load("image_folder", write_folder(tmp_path / "pets.v2", files))
    assert (dataset.title, dataset.class_names) == ("pets.v2", ("cat", "dog"))
    assert dataset.image_shape == (8, 8, 3)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (6, 4, 2)
    assert dataset.test.labels.tolist() == [-1, -1]
    left = "Files left out because they are no images: 1 (the first is pets.v2, readme.txt)."
    assert left in dataset.notes


def test_photos_are_turned_upright(tmp_path):
    lying = pixels(3, (10, 20, 3))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter, clockwise
    files = {f"train/{'ab'[n % 2]}/{n}.png": image(lying, "PNG", exif=exif) for n in range(4)}
    upright = load("image_folder", write_folder(tmp_path / "x", files)).train.images[0]
    assert np.array_equal(upright, np.rot90(lying, -1))


def test_data_is_found_by_name(data_folder):
    write_zip(data_folder / "fer2013.zip", fer_files())
    write_folder(data_folder / "birds", class_files("owl", "tit", each=3))
    check_faces(load("fer2013"))
    birds = load("birds")
    assert (birds.name, birds.title, birds.class_names) == ("birds", "birds", ("owl", "tit"))


def test_duplicates_conflicts_and_constant_images_are_counted(tmp_path):
    seeds = {f"train/a/{n}": n for n in range(4)} | {f"train/b/{n}": 10 + n for n in range(4)}
    seeds["train/b/same"] = 0  # a conflict with train/a/0
    seeds |= {"val/a/x": 1, "val/a/y": 2, "val/b/z": 20}
    seeds |= {"test/a/x": 1, "test/b/z": 20, "test/b/y": 30}
    files = {f"{name}.png": image(pixels(n, (8, 8)), "PNG") for name, n in seeds.items()}
    files["train/a/flat.png"] = image(np.full((8, 8), 7, np.uint8), "PNG")
    dataset = load("image_folder", write_folder(tmp_path / "x", files))
    counts = {"images": 16, "distinct_images": 11, "duplicate_groups": 4, "duplicates_across": 3}
    counts |= {"label_conflicts": 1, "constant_images": 1}
    counts |= {"validation_in_train": 2, "validation_near": 0, "test_in_train": 1}
    assert dataset.facts.items() >= counts.items()
    assert dataset.validation.in_train.tolist() == [True, True, False]
    assert "2 of the 3 validation images also stand in train." in dataset.notes


@pytest.mark.slow
@real
def test_the_real_faces():
    dataset = load("fer2013", REAL / "fer2013.zip")
    assert (len(dataset.train), len(dataset.validation), dataset.test) == (28_709, 3_589, None)
    assert dataset.facts["validation_in_train"] == dataset.validation.in_train.sum() == 280
    assert dataset.facts["validation_near"] == dataset.validation.near.sum() == 460
    assert len(dataset.validation.clean) == 3_589 - 280 - 460
    assert dataset.checksum.startswith("c195cc7a2013d007")
    assert dataset.image_shape == (48, 48, 1)
    assert np.bincount(dataset.train.labels).tolist() == [3995, 436, 4097, 7215, 4830, 3171, 4965]
