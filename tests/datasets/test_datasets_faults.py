"""Bad input: one clear sentence a fault, with the place and the remedy, all faults at once."""

import gzip
import os

import numpy as np
import pytest
from datasets_made import (
    class_files,
    course_csv,
    fer_files,
    image,
    pixels,
    text,
    write_folder,
    write_zip,
)
from refused import faults, only

import helpers.datasets
from helpers.datasets import archive, cache, images, load, source
from helpers.errors import DataError


@pytest.fixture(autouse=True, scope="module")
def _own_folders(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FOLDER", tmp_path_factory.mktemp("cache"))
        patch.setattr(helpers.datasets, "DATA", tmp_path_factory.mktemp("data"))
        yield


# --- nothing there, or something else ---


def test_no_data_at_all_says_where_to_put_it():
    sentence = only("fer2013", None)
    assert sentence.startswith("there is no data at data/fer2013")
    assert "fer2013.csv" in sentence
    assert "DATA=path" in sentence
    assert "data/image_folder" in only("image_folder", None)


def test_a_path_without_a_file(tmp_path):
    assert "there is no file or folder at" in only("fer2013", tmp_path / "no\nthing.zip")
    os.mkfifo(tmp_path / "pipe.zip")
    assert "there is no file or folder at" in only("fer2013", tmp_path / "pipe.zip")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("fer2031", "did you mean fer2013?"),
        ("zzz", "DATASET=image_folder"),
        ("../data", "only faces, fer2013"),
    ],
)
def test_an_unknown_name(name, hint):
    assert hint in only(name, None)


def test_an_unknown_format(tmp_path):
    found = {
        "faces.tar.gz": (b"\x1f\x8b" + bytes(50), "cannot be read: a damaged or cut-off archive"),
        "faces.rar": (b"Rar!\x1a\x07\0", "is a RAR archive: unpack it and pass the folder"),
        "faces.parquet": (b"PAR1" + bytes(9), "is a Parquet file: save it as CSV"),
        "faces.jpg": (image(pixels(1)), "is neither a folder nor a .zip nor a .csv"),
    }
    for name, (content, sentence) in found.items():
        (tmp_path / name).write_bytes(content)
        assert f"{name} {sentence}" in only("fer2013", tmp_path / name)
    folder = write_folder(tmp_path / "x", {"a.txt": b"a"})
    assert "no images in folders and no table of pixels, but files: 1 of .txt" in only(
        "fer2013", folder
    )
    nested = write_zip(tmp_path / "n.zip", {"images.zip": b"PK", "sample.csv": b"id,label\n1,0\n"})
    with pytest.raises(DataError, match=r"holds another archive, images\.zip: unpack it"):
        helpers.datasets.open_path(str(nested))


def test_options_that_do_not_fit(tmp_path):
    assert "leave DATA and SIZE out" in only("faces", None, size=64)
    assert "counts are for faces only" in only("fer2013", tmp_path, counts=(1, 2, 3))
    assert "SIZE=4 is not between 8 and 1024" in only("food11", tmp_path, size=4)
    assert "leave SIZE out" in only("fer2013", write_zip(tmp_path / "f.zip", fer_files()), size=64)


def test_a_file_without_permission(tmp_path, monkeypatch):
    path = write_folder(tmp_path, {"train.csv": course_csv()}) / "train.csv"

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(source, "sha256", refuse)
    assert "train.csv: cannot be read (Permission denied)" in only("fer2013", path)


# --- CSV ---

ROW = text(pixels(5))
NUMBERS = ROW.split()


def row_with(**changes) -> str:
    """A row of pixels with one number replaced (``_7="256"`` is the seventh)."""
    words = list(NUMBERS)
    for place, value in changes.items():
        words[int(place[1:]) - 1] = value
    return " ".join(words)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (f"0,{' '.join(NUMBERS[:-1])}", "row 72: 2,303 pixels instead of 2,304"),
        (f"0,{ROW} 9", "row 72: 2,305 pixels instead of 2,304"),
        (f"0,{row_with(_7='256')}", 'row 72: pixel 7 is "256", more than 255'),
        (f"0,{row_with(_7='1000')}", 'pixel 7 is "1000", more than 255'),
        (f"0,{row_with(_1='9' * 5000)}", "not a whole number"),
        (f"0,{row_with(_1='0' * 900_000 + 'x')}", "not a whole number"),
        (f"0,{row_with(_2304='x')}", 'pixel 2,304 is "x", not a whole number from 0 to 255'),
        (f"0,{row_with(_3='-1')}", 'pixel 3 is "-1", not a whole number'),
        (f"0,{row_with(_3='12.5')}", 'pixel 3 is "12.5", not a whole number'),
        (f"0,{row_with(_3='٣')}", "pixel 3 is"),
        ("0,", "row 72: no pixels"),
        (f",{ROW}", 'row 72: empty cell in the column "label"'),
        (f"7,{ROW}", 'row 72: label "7" instead of 0 to 6'),
        (f"-1,{ROW}", 'row 72: label "-1" instead of 0 to 6'),
        (f"joy,{ROW}", 'row 72: label "joy" instead of 0 to 6'),
        (f"0,{ROW},9", "row 72: 3 cells instead of 2"),
        ("0," + "1" * 200_000, "row 72: 1 pixels instead of 2,304"),
        (f'0,"{ROW}', "row 72: a quotation mark opens there and is never closed"),
    ],
)
def test_one_bad_row(tmp_path, row, sentence):
    path = write_folder(tmp_path, {"train.csv": course_csv() + row.encode()}) / "train.csv"
    found = only("fer2013", path)
    assert found.startswith("train.csv, row 72: ")
    assert sentence in found
    assert found.endswith("; mend the row or delete it")


def test_what_is_too_large_is_refused_by_its_size(tmp_path, monkeypatch):
    sparse = {".csv": 50 << 30, ".zip": 50 << 30, ".csv.gz": 50 << 30}
    for suffix, size in sparse.items():
        with open(tmp_path / f"big{suffix}", "wb") as file:
            file.truncate(size)
        assert "53,687 MB is more than the" in only("fer2013", tmp_path / f"big{suffix}")
    long = course_csv() + b"0," + b"1" * 3_000_000 + b"\n"
    path = write_folder(tmp_path, {"train.csv": long}) / "train.csv"
    assert "train.csv, row 72: longer than 1,048,576 characters" in only("fer2013", path)
    monkeypatch.setattr(archive, "MAX_TOTAL", 1000)
    packed = write_folder(tmp_path, {"x.csv.gz": gzip.compress(bytes(2000))}) / "x.csv.gz"
    assert "would unpack to" in only("fer2013", packed)


def test_all_faults_of_a_table_are_found_at_once(tmp_path):
    bad = "\n".join([f"7,{row_with(_9='256')}", "", f"3,{ROW} 1", f"9,{ROW}", "1,"])
    found = faults("fer2013", write_folder(tmp_path, {"train.csv": course_csv() + bad.encode()}))
    rows = ["row 72", "row 72", "row 74", "row 75", "row 76"]
    assert [sentence.split(":")[0][-6:] for sentence in found] == rows
    with pytest.raises(DataError, match=r"4 more: python -m helpers\.datasets"):
        load("fer2013", tmp_path)


@pytest.mark.parametrize(
    ("rows", "last"),
    [(20, "and 10 more faults like these"), (5000, "reading stopped after 1,000 faults")],
)
def test_the_first_ten_faults_are_told_and_the_others_counted(tmp_path, rows, last):
    content = b"label,feature\n" + f"9,{ROW}\n".encode() * rows
    found = faults("fer2013", write_folder(tmp_path, {"train.csv": content}) / "train.csv")
    assert len(found) == 11
    assert found[-1] == last


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "train.csv: empty, without a header row"),
        (f"0,{ROW}\n".encode(), "train.csv: no header row; put `emotion,pixels,Usage`"),
        (b"a,b\n1,2\n", "train.csv: the header row is `a,b`; it must be"),
        (b"epoch,Image name,NF\n", "it holds FERPlus' labels without the faces; pass fer2013.csv"),
        (f"label,feature,feature\n0,{ROW},{ROW}\n".encode(), "two columns have the same name"),
        (
            b"label," + ",".join(f"pixel{n}" for n in range(784)).encode() + b"\n0" + b",1" * 784,
            "784 pixels a row",
        ),
        (b"label,feature\n", "train.csv: no training images"),
        (b"id,feature\n1," + ROW.encode(), "train.csv: no training images"),
        (b"label,feature\n\xff\xfe", "train.csv: not UTF-8 text; save it as UTF-8"),
        (b"label,feature\n\0\0", "train.csv is no text"),
    ],
)
def test_a_table_that_is_none(tmp_path, content, sentence):
    path = write_folder(tmp_path, {"train.csv": content}) / "train.csv"
    assert sentence in only("fer2013", path)


USAGES = f"emotion,pixels,Usage\n1,{ROW},Training\n1,{ROW},Tset".encode()
IDS = f"id,feature\n1,{ROW}\n2,{ROW}\n1,{ROW}\n".encode()
NO_ID = f"feature,id\n{ROW}\n{ROW},2\n".encode()
PETS = class_files("cat", "dog")
PHOTO = image(pixels(1, (9, 9, 3)))
DISHES = {f"training/{n % 11}_{n}.jpg": PHOTO for n in range(22)}
FLOAT = image(np.full((8, 8), 0.5, np.float32), "TIFF")
COURSE = {"train.csv": course_csv()}
OWN, FER, FOOD = "image_folder", "fer2013", "food11"
FOLDERS = [  # what it is read as, its files, and part of the fault
    (FER, PETS, "is no fer2013 data set; it looks like image_folder: pass DATASET"),
    (FOOD, fer_files(), "x is no food11 data set; it looks like fer2013: pass DATASET=fer2013"),
    (FER, {"a.csv": course_csv(), "b.csv": course_csv()}, "x: several CSV files of pixels"),
    (FER, {"train.csv": USAGES}, 'row 3: Usage "Tset" instead of Training, PublicTest'),
    (FER, COURSE | {"test.csv": IDS}, 'test.csv, row 4: the id "1" stands in row 2 already'),
    (FER, COURSE | {"test.csv": NO_ID}, 'test.csv, row 2: empty cell in the column "id"'),
    (FER, fer_files() | {"train/joy/Training_1.jpg": b""}, "it lies in no folder named as one"),
    (FER, fer_files() | {"train/sad/1.jpg": b""}, "sad/1.jpg: the name begins with none of"),
    (OWN, class_files("cat"), "x: train has images of one class only, cat; add a second"),
    (OWN, class_files("a", "b", each=1), "x: too few images to split a validation set off"),
    (OWN, class_files("a", "b", shape=(5, 9)), "images of 9x5 pixels are too small; pass SIZE"),
    (OWN, PETS | {"train/cat/x.tif": FLOAT}, "cat/x.tif: its pixels are numbers without"),
    (OWN, PETS | {"train/cat/x.HEIC": b"x"}, "cat/x.HEIC: .HEIC is not read; save it as JPEG"),
    (FOOD, DISHES | {"training/11_0.jpg": PHOTO}, "the name is not <class number 0 to 10>_<n>"),
    (FOOD, DISHES | {"training/Bred/1.jpg": PHOTO}, 'rename the folder "Bred" to Bread'),
    (FOOD, DISHES | {"extra/0_1.jpg": PHOTO}, "x, extra/0_1.jpg: it lies in none of the folders"),
]


@pytest.mark.parametrize(("name", "files", "sentence"), FOLDERS)
def test_what_a_folder_is_refused_for(tmp_path, name, files, sentence):
    assert sentence in only(name, write_folder(tmp_path / "x", files))


# --- images ---

GREY = pixels(1, (48, 48))
NO_IMAGE = "it is no image that can be read, or only the beginning of one"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (image(GREY)[:900], "the image is truncated"),
        (image(GREY)[:20], NO_IMAGE),
        (b"", "the file is empty"),
        (b"I am a text", NO_IMAGE),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", NO_IMAGE),
        (image(pixels(1, (48, 48, 3))), "it is in colour, not grey"),
    ],
)
@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_one_bad_face(tmp_path, write, content, sentence):
    files = fer_files() | {"train/happy/Training_9.jpg": content}
    found = only("fer2013", write(tmp_path / "fer.zip", files))
    assert (
        found == f"fer.zip, train/happy/Training_9.jpg: {sentence}; replace the file or delete it"
    )


def test_all_faults_of_a_folder_are_found_at_once(tmp_path):
    files = class_files("cat", "dog", "emu") | class_files("cat", "dog", "fox", split="val", seed=9)
    files |= {
        "train/gnu/": b"",
        "train/cat/1.png": b"no",
        "train/dog/0.png": image(GREY, "PNG")[:400],
    }
    found = faults("image_folder", write_folder(tmp_path / "zoo", files))
    assert found == (
        "zoo: the class fox of validation is not in train; the folders must agree",
        "zoo, train/cat/1.png: it is no image that can be read, or only the beginning of one"
        "; replace the file or delete it",
        "zoo, train/dog/0.png: the image is truncated; replace the file or delete it",
    )


def test_two_sizes_need_a_rule(tmp_path):
    files = class_files("cat", "dog") | {"train/dog/7.png": image(pixels(1, (6, 9)), "PNG")}
    files |= {"train/dog/8.png": image(pixels(1, (60, 9)), "PNG")}
    folder = write_folder(tmp_path / "x", files)
    sentence = only("image_folder", folder)
    assert "train/dog/7.png: 9x6 pixels, but train/cat/0.png has 8x8" in sentence
    assert "pass SIZE=" in sentence
    assert load("image_folder", folder, size=8).image_shape == (8, 8, 1)


def test_an_image_of_too_many_pixels(tmp_path, monkeypatch):
    files = class_files("cat", "dog") | {
        "train/cat/9.png": image(np.zeros((400, 400), np.uint8), "PNG")
    }
    folder = write_folder(tmp_path / "x", files)
    monkeypatch.setattr(images, "MAX_PIXELS", 150_000)
    assert "train/cat/9.png: 400x400 is more than" in only("image_folder", folder, size=8)
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 50)
    assert "million pixels" in only("image_folder", folder, size=9)


def test_images_that_together_need_too_much_memory(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "x", class_files("cat", "dog"))
    monkeypatch.setattr(images, "MAX_DECODED", 500)
    assert "pass a smaller SIZE" in only("image_folder", folder)
