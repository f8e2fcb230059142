"""Bad input: one clear sentence a fault, with the place and the remedy, all faults at once."""

import os
from unittest.mock import Mock

import numpy as np
import pytest
from datasets_made import class_files, course_csv, fer_files, image, pixels, write_folder, write_zip
from refused import faults, only

from helpers.datasets import images, load, source
from helpers.errors import DataError

OWN, FER, FOOD = "image_folder", "fer2013", "food11"


def test_what_is_not_there(tmp_path):
    sentence = only(FER, None)
    assert sentence.startswith("there is no data at data/fer2013")
    assert "fer2013.csv" in sentence
    assert "DATA=path" in sentence
    assert "there is no file or folder at" in only(FER, tmp_path / "no\nthing.zip")
    os.mkfifo(tmp_path / "pipe.zip")
    assert "there is no file or folder at" in only(FER, tmp_path / "pipe.zip")


OPTIONS = [
    (("fer2031", None), {}, "did you mean fer2013?"),
    (("zzz", None), {}, "DATASET=image_folder"),
    (("../data", None), {}, "only faces, fer2013"),
    (("faces", None), {"size": 64}, "leave DATA and SIZE out"),
    ((FOOD, "."), {"size": 4}, "SIZE=4 is not between 8 and 1024"),
]


@pytest.mark.parametrize(("where", "options", "sentence"), OPTIONS)
def test_names_and_options_that_do_not_fit(where, options, sentence):
    assert sentence in only(*where, **options)


FORMATS = [
    ("a.tar.gz", b"\x1f\x8b" + bytes(50), "cannot be read: a damaged or cut-off archive"),
    ("a.rar", b"Rar!\x1a\x07\0", "is a RAR archive: unpack it and pass the folder"),
    ("a.tar.zst", b"\x28\xb5\x2f\xfd", "is a Zstandard archive: unpack it and pass the folder"),
    ("a.zip", b"version https://git-lfs.github.com/spec/v1", "is only a pointer of Git LFS"),
    ("a.csv", b"<!DOCTYPE html><html>", "is a web page: sign in where it was downloaded"),
    ("a.jpg", image(pixels(1)), "is neither a folder nor a .zip nor a .csv"),
]


@pytest.mark.parametrize(("name", "content", "sentence"), FORMATS)
def test_a_file_of_an_unknown_format(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    assert f"{name} {sentence}" in only(FER, tmp_path / name)


def test_a_file_without_permission(tmp_path, monkeypatch):
    path = write_folder(tmp_path, {"train.csv": course_csv()}) / "train.csv"
    refused = Mock(side_effect=PermissionError(13, "Permission denied", str(path)))
    monkeypatch.setattr(source, "sha256", refused)
    assert "train.csv: cannot be read (Permission denied)" in only(FER, path)


# --- CSV ---

NUMBERS = pixels(5).ravel().astype(str).tolist()
ROW = " ".join(NUMBERS)


def row_with(place: int, value: str) -> str:
    """A row of angry pixels with one number replaced, the first is 1."""
    return "0," + " ".join([*NUMBERS[: place - 1], value, *NUMBERS[place:]])


ROWS = [
    (f"0,{' '.join(NUMBERS[:-1])}", "2,303 pixels instead of 2,304"),
    ("0," + "1" * 3_000_000, "1 pixels instead of 2,304"),
    (row_with(7, "256"), 'pixel 7 is "256", not a whole number from 0 to 255'),
    (row_with(1, "0" * 900_000 + "x"), "not a whole number"),
    (row_with(2304, "x"), 'pixel 2,304 is "x", not a whole number'),
    (row_with(3, "٣"), "pixel 3 is"),
    (f",{ROW}", 'empty cell in the column "label"'),
    (f"7,{ROW}", 'label "7" instead of 0 to 6 (if they count from 1, subtract 1'),
    (f"joy,{ROW}", 'label "joy" instead of 0 to 6 or angry, disgust, fear'),
    (f"0,{ROW},9", "3 cells instead of 2"),
    (f'0,"{ROW}', "a quotation mark is never closed"),
]


@pytest.mark.parametrize(("row", "sentence"), ROWS)
def test_one_bad_row(tmp_path, row, sentence):
    path = write_folder(tmp_path, {"train.csv": course_csv() + row.encode()}) / "train.csv"
    found = only(FER, path)
    assert found.startswith("train.csv, row 72: ")
    assert sentence in found
    assert found.endswith("; mend the row or delete it")


@pytest.mark.parametrize("suffix", [".csv", ".zip", ".csv.gz"])
def test_what_is_too_large_is_refused_by_its_size(tmp_path, suffix):
    with open(tmp_path / f"big{suffix}", "wb") as file:
        file.truncate(50 << 30)
    assert "53,687 MB is more than the" in only(FER, tmp_path / f"big{suffix}")


def test_all_faults_of_a_table_are_found_at_once(tmp_path):
    bad = "\n".join([f"7,{ROW}", "", f"3,{ROW} 1", f"9,{ROW}", "1,"])
    found = faults(FER, write_folder(tmp_path, {"train.csv": course_csv() + bad.encode()}))
    rows = ["row 72", "row 74", "row 75", "row 76"]
    assert [sentence.split(":")[0][-6:] for sentence in found] == rows
    with pytest.raises(DataError, match=r"3 more: python -m helpers\.datasets"):
        load(FER, tmp_path)


@pytest.mark.parametrize(("rows", "more"), [(20, "10"), (1100, "990")])
def test_the_first_ten_faults_are_told_and_the_others_counted(tmp_path, rows, more):
    content = b"label,feature\n" + f"9,{ROW}\n".encode() * rows
    found = faults(FER, write_folder(tmp_path, {"train.csv": content}) / "train.csv")
    assert len(found) == 11
    assert found[-1].startswith(f"and {more} more faults like these")
    assert ("reading stopped" in found[-1]) is (rows > 1000)


WIDE = ",".join(f"pixel{n}" for n in range(784))
TABLES = [
    ("", "no text with a header row"),
    ("label,feature\n\0\0", "no text with a header row"),
    (f"happy,pixels,Usage\n1,{ROW},Training\n", "no row has a label; call the column"),
    (f"0,{ROW}\n", "no header row; put `emotion,pixels,Usage`"),
    ("a,b\n1,2\n", "the header row is `a,b`; it must be"),
    (f"3,{','.join(NUMBERS)}\n", "two columns have the same name; rename one, or put a header row"),
    (f"label,{WIDE}\n0{',1' * 784}", "784 pixels a row"),
    ("label,feature\n\udcff\udcfe", "not UTF-8 text; save it as UTF-8"),
]


@pytest.mark.parametrize(("content", "sentence"), TABLES)
def test_a_table_that_is_none(tmp_path, content, sentence):
    path = tmp_path / "train.csv"
    path.write_bytes(content.encode(errors="surrogateescape"))
    found = only(FER, path)
    assert found.startswith("train.csv: ")
    assert sentence in found


# --- folders and images ---

USAGES = f"emotion,pixels,Usage\n1,{ROW},Training\n1,{ROW},Tset".encode()
IDS = f"id,feature\n1,{ROW}\n2,{ROW}\n1,{ROW}\n".encode()
PETS = class_files("cat", "dog")
PHOTO = image(pixels(1, (9, 9, 3)))
DISHES = {f"training/{n % 11}_{n}.jpg": PHOTO for n in range(22)}
FLOAT = image(np.full((8, 8), 0.5, np.float32), "TIFF")
LISTED = {f"photos/{n}.png": PHOTO for n in range(2)}
TWO = class_files("cat", "dog", split="x") | class_files("cat", "dog", split="y")
SETS = class_files("cat", "dog", split="x/train") | class_files("cat", "dog", split="y/val")
FOLDERS = [  # what it is read as, its files, and part of the fault
    (FER, PETS, "is no fer2013 data set; it looks like image_folder: pass DATASET"),
    (FOOD, fer_files(), "x is no food11 data set; it looks like fer2013: pass DATASET=fer2013"),
    (FER, {"a.csv": course_csv(), "b.csv": course_csv()}, "x: several CSV files of pixels"),
    (FER, {"train.csv": USAGES}, 'row 3: Usage "Tset" instead of Training, PublicTest'),
    (FER, {"train.csv": course_csv(), "test.csv": IDS}, 'row 4: the id "1" stands in row 2'),
    (FER, fer_files() | {"train/joy/Training_1.jpg": b""}, 'the class "joy" of train is none of'),
    (OWN, class_files("cat"), "x: train has images of one class only, cat; add a second"),
    (OWN, class_files("a", "b", each=1), "x: too few images for a validation set"),
    (OWN, TWO, "x, y hold the same folders, cat, dog; if these are the classes"),
    (OWN, SETS, "x: splits are in x; pass one of them"),
    (OWN, LISTED | {"m.csv": b"id,dx,age\n0,x,3\n1,y,4"}, "m.csv: none of its columns age, dx is"),
    (OWN, LISTED | {"l.csv": b"0.png,cat\n1.png,dog"}, "l.csv: no header row; put one above"),
    (OWN, LISTED | {"l.csv": b"id,y\n0,a\n0,b\n1,a"}, 'l.csv, row 3: "0" has another class'),
    (OWN, {"train/1.jpg": PHOTO, "train/_annotations.json": b"{}"}, "put them into train/<class>/"),
    (OWN, class_files("a", "b", shape=(5, 9)), "images of 9x5 pixels are too small; pass SIZE"),
    (OWN, PETS | {"train/cat/x.tif": FLOAT}, "cat/x.tif: its pixels are numbers without"),
    (OWN, PETS | {"train/cat/x.HEIC": b"x"}, "cat/x.HEIC: .heic is not read; save it as JPEG"),
    (FOOD, DISHES | {"training/11_0.jpg": PHOTO}, 'the class "11_0.jpg" of train is none of Bread'),
]


@pytest.mark.parametrize(("name", "files", "sentence"), FOLDERS)
def test_what_a_folder_is_refused_for(tmp_path, name, files, sentence):
    assert sentence in only(name, write_folder(tmp_path / "x", files))


GREY = pixels(1, (48, 48))
NO_IMAGE = "it is no image that can be read, or only the beginning of one"
IMAGES = [
    (image(GREY)[:900], "it cannot be decoded (image file is truncated"),
    (b"", "the file is empty"),
    (b"I am a text", NO_IMAGE),
    (image(pixels(1, (48, 48, 3))), "it is in colour, not grey"),
]


@pytest.mark.parametrize(("content", "sentence"), IMAGES)
def test_one_bad_face(tmp_path, content, sentence):
    files = fer_files() | {"train/happy/Training_9.jpg": content}
    found = only(FER, write_zip(tmp_path / "fer.zip", files))
    assert found.startswith(f"fer.zip, train/happy/Training_9.jpg: {sentence}")
    assert found.endswith("; replace the file or delete it")


def test_all_faults_of_a_folder_are_found_at_once(tmp_path):
    files = class_files("cat", "dog", "emu") | class_files("cat", "dog", "fox", split="val", seed=9)
    files |= {"train/gnu/": b"", "train/cat/1.png": b"no"}
    files["train/dog/0.png"] = image(GREY, "PNG")[:400]
    found = faults(OWN, write_folder(tmp_path / "zoo", files))
    places = ["zoo, val/fox/0.png", "zoo, train/cat/1.png", "zoo, train/dog/0.png"]
    assert [sentence.partition(":")[0] for sentence in found] == places


def test_two_sizes_need_a_rule(tmp_path):
    files = class_files("cat", "dog") | {"train/dog/7.png": image(pixels(1, (6, 9)), "PNG")}
    files |= {"train/dog/8.png": image(pixels(1, (60, 9)), "PNG")}
    folder = write_folder(tmp_path / "x", files)
    sentence = only(OWN, folder)
    assert "train/dog/7.png: 9x6 pixels, but train/cat/0.png has 8x8" in sentence
    assert "pass SIZE=" in sentence
    assert load(OWN, folder, size=8).image_shape == (8, 8, 1)


def test_images_that_need_too_much_memory(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "x", class_files("cat", "dog", shape=(20, 20)))
    monkeypatch.setattr(images, "MAX_DECODED", 500)
    assert "pass a smaller SIZE" in only(OWN, folder)
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 399)
    assert "train/cat/0.png: it has more than" in faults(OWN, folder)[0]
