"""Bad input: one clear sentence a fault, with the place and the remedy, all faults at once."""

import io
import os
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from datasets_made import class_files, course_csv, fer_files, fer_rows, image, pixels, text, write_folder, write_zip
from hypothesis import given, settings
from hypothesis import strategies as st

import helpers.datasets
from helpers.datasets import archive, cache, images, load
from helpers.datasets.faults import LIMIT
from helpers.errors import DataError


@pytest.fixture(autouse=True, scope="module")
def _own_folders(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FOLDER", tmp_path_factory.mktemp("cache"))
        patch.setattr(helpers.datasets, "DATA", tmp_path_factory.mktemp("data"))
        yield


def faults(name, path, **options) -> tuple[str, ...]:
    """The sentences with which loading fails."""
    with pytest.raises(DataError) as caught:
        load(name, path, **options)
    for sentence in caught.value.faults:
        assert sentence.isprintable()
    return caught.value.faults


def only(name, path, **options) -> str:
    """The sentence with which loading fails, if it is one."""
    (sentence,) = faults(name, path, **options)
    return sentence


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
    [("fer2031", "did you mean fer2013?"), ("zzz", "DATASET=image_folder"), ("../data", "only faces, fer2013")],
)
def test_an_unknown_name(name, hint):
    assert hint in only(name, None)


def test_an_unknown_format(tmp_path):
    (tmp_path / "faces.tar.gz").write_bytes(b"\x1f\x8b" + bytes(50))
    assert "faces.tar.gz is neither a folder nor a .zip nor a .csv" in only("fer2013", tmp_path / "faces.tar.gz")
    assert "is no fer2013 data set" in only("fer2013", write_folder(tmp_path / "x", {"a.txt": b"a"}))


def test_another_data_set_is_recognised(tmp_path):
    pets = write_folder(tmp_path / "pets", class_files("cat", "dog"))
    assert "it looks like image_folder: pass DATASET=image_folder" in only("fer2013", pets)
    assert "it looks like fer2013" in only("food11", write_zip(tmp_path / "f.zip", fer_files()))


def test_options_that_do_not_fit(tmp_path):
    assert "leave DATA and SIZE out" in only("faces", None, size=64)
    assert "counts are for faces only" in only("fer2013", tmp_path, counts=(1, 2, 3))
    assert "SIZE=4 is not between 8 and 1024" in only("food11", tmp_path, size=4)
    assert "leave SIZE out" in only("fer2013", write_zip(tmp_path / "f.zip", fer_files()), size=64)


def test_a_file_without_permission(tmp_path, monkeypatch):
    path = write_folder(tmp_path, {"train.csv": course_csv()}) / "train.csv"

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(helpers.datasets.archive, "sha256", refuse)
    assert "train.csv: cannot be read (Permission denied)" in only("fer2013", path)


def test_a_member_without_permission(tmp_path, monkeypatch):
    folder = write_folder(tmp_path, class_files("cat", "dog"))

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(archive, "_open", refuse)
    assert "train/cat/0.png: no permission to read it" in faults("image_folder", folder)[0]


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
        (f"0,{row_with(_1='9' * 5000)}", "more than 255"),
        (f"0,{row_with(_2304='x')}", 'pixel 2,304 is "x", not a whole number from 0 to 255'),
        (f"0,{row_with(_3='-1')}", 'pixel 3 is "-1", not a whole number'),
        (f"0,{row_with(_3='12.5')}", 'pixel 3 is "12.5", not a whole number'),
        (f"0,{row_with(_3='1e2')}", 'pixel 3 is "1e2", not a whole number'),
        (f"0,{row_with(_3='٣')}", "pixel 3 is"),
        ("0,", 'row 72: empty cell in the column "feature"'),
        (f",{ROW}", 'row 72: empty cell in the column "label"'),
        (f"7,{ROW}", 'row 72: label "7" instead of 0 to 6'),
        (f"-1,{ROW}", 'row 72: label "-1" instead of 0 to 6'),
        (f"happy,{ROW}", 'row 72: label "happy" instead of 0 to 6'),
        (f"0,{ROW},9", "row 72: 3 cells instead of 2"),
        ("0," + "1" * 200_000, "row 72: no CSV (field larger than field limit"),
    ],
)
def test_one_bad_row(tmp_path, row, sentence):
    path = write_folder(tmp_path, {"train.csv": course_csv() + row.encode()}) / "train.csv"
    found = only("fer2013", path)
    assert found.startswith("train.csv, row 72: ")
    assert sentence in found
    assert found.endswith("; mend the row or delete it")


def test_numbers_may_be_written_oddly_where_they_are_clear(tmp_path):
    odd = "  " + row_with(_1="007", _2="0000255").replace(" ", "  ") + "\t "
    plain = f"\n0,{row_with(_1='7', _2='255')}"
    path = write_folder(tmp_path, {"train.csv": course_csv() + f"0,{odd}{plain}".encode()}) / "train.csv"
    dataset = load("fer2013", path)
    assert dataset.facts["duplicate_groups"] == 1


def test_all_faults_of_a_table_are_found_at_once(tmp_path):
    bad = "\n".join([f"7,{row_with(_9='256')}", "", f"3,{ROW} 1", f"9,{ROW}", "1,"])
    found = faults("fer2013", write_folder(tmp_path, {"train.csv": course_csv() + bad.encode()}))
    rows = ["row 72", "row 72", "row 74", "row 75", "row 76"]
    assert [sentence.split(":")[0][-6:] for sentence in found] == rows
    with pytest.raises(DataError, match=r"4 more: python -m helpers\.datasets"):
        load("fer2013", tmp_path)


def test_reading_stops_after_many_faults(tmp_path):
    path = write_folder(tmp_path, {"train.csv": b"label,feature\n" + b"9,1\n" * 500}) / "train.csv"
    found = faults("fer2013", path)
    assert len(found) == LIMIT + 1
    assert found[-1].startswith("reading stopped after 100 faults")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "train.csv: empty, without a header row"),
        (b"\n\n", "train.csv: empty, without a header row"),
        (f"0,{ROW}\n".encode(), "train.csv: no header row; put `emotion,pixels,Usage`"),
        (b"emotion,pixels\n", 'train.csv: the header row is "emotion,pixels"; it must be'),
        (b"label,feature\n", "train.csv: no training images"),
        (b"id,feature\n1," + ROW.encode(), "train.csv: no training images"),
        (b"label,feature\n\xff\xfe", "train.csv: not UTF-8 text from about row"),
        ("label,feature\n".encode("utf-16"), "train.csv: not UTF-8 text"),
    ],
)
def test_a_table_that_is_none(tmp_path, content, sentence):
    path = write_folder(tmp_path, {"train.csv": content}) / "train.csv"
    assert sentence in only("fer2013", path)


def test_an_unknown_usage(tmp_path):
    rows = [f"{label},{faces},{usage}" for label, faces, usage in fer_rows()]
    content = "\n".join(["emotion,pixels,Usage", *rows, f"1,{ROW},Test"]).encode()
    path = write_folder(tmp_path, {"fer2013.csv": content}) / "fer2013.csv"
    assert 'row 44: Usage "Test" instead of Training, PublicTest, PrivateTest' in only("fer2013", path)


def test_several_tables_without_a_known_name(tmp_path):
    folder = write_folder(tmp_path / "c", {"a.csv": course_csv(), "b.csv": course_csv()})
    assert "c: several CSV files, none named fer2013.csv or" in only("fer2013", folder)
    assert len(load("fer2013", folder / "a.csv").train) == 63


def test_rows_without_their_id(tmp_path):
    folder = write_folder(tmp_path / "c", {"train.csv": course_csv(), "test.csv": b"feature,id\n1\n1\n"})
    found = faults("fer2013", folder)
    assert [sentence.split(": ")[1].split(";")[0] for sentence in found] == ["1 cells instead of 2"] * 2


def test_an_id_that_stands_twice_in_test_csv(tmp_path):
    test = f"id,feature\n1,{ROW}\n2,{ROW}\n1,{ROW}\n".encode()
    folder = write_folder(tmp_path / "c", {"train.csv": course_csv(), "test.csv": test})
    assert 'c, test.csv, row 4: the id "1" stands in row 2 already' in only("fer2013", folder)


# --- images ---

GREY = pixels(1, (48, 48))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (image(GREY)[:900], "the image is truncated"),
        (image(GREY)[:20], "it is no JPEG image, or only the beginning of one"),
        (b"", "the file is empty"),
        (b"I am a text", "it is no JPEG image, or only the beginning of one"),
        (image(GREY, "PNG"), "it is a PNG image named as JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "it is no JPEG image, or only the beginning of one"),
        (image(pixels(1, (64, 64))), "64x64 pixels instead of 48x48"),
        (image(pixels(1, (48, 48, 3))), "its pixels are RGB, not grey"),
    ],
)
@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_one_bad_face(tmp_path, write, content, sentence):
    files = fer_files() | {"train/happy/Training_9.jpg": content}
    found = only("fer2013", write(tmp_path / "fer.zip", files))
    assert found == f"fer.zip, train/happy/Training_9.jpg: {sentence}; replace the file or delete it"


def test_faces_in_no_class_or_with_no_prefix(tmp_path):
    files = fer_files() | {"train/happy/face.jpg": image(GREY), "train/contempt/Training_1.jpg": image(GREY)}
    first, second = faults("fer2013", write_folder(tmp_path / "x", files))
    assert "train/contempt/Training_1.jpg: it lies in no folder named as one of the classes angry" in first
    assert "train/happy/face.jpg: the name begins with none of Training_" in second


def test_all_faults_of_a_folder_are_found_at_once(tmp_path):
    files = class_files("cat", "dog", "emu") | class_files("cat", "dog", "fox", split="val", seed=9)
    files |= {"train/gnu/": b"", "train/cat/1.png": b"no", "train/dog/0.png": image(GREY, "PNG")[:400]}
    found = faults("image_folder", write_folder(tmp_path / "zoo", files))
    assert found == (
        "zoo: the class fox of validation is not in train; the folders must agree",
        "zoo: the class emu of train is not in validation; the folders must agree",
        "zoo: the class gnu of train is not in validation; the folders must agree",
        "zoo, train/cat/1.png: it is no PNG image, or only the beginning of one; replace the file or delete it",
        "zoo, train/dog/0.png: the image is truncated; replace the file or delete it",
        "zoo: the class gnu has no training image; add some or remove the class",
    )


def test_an_empty_class_in_a_zip(tmp_path):
    path = write_zip(tmp_path / "zoo.zip", class_files("cat", "dog") | {"train/emu/": b""})
    assert "zoo.zip: the class emu has no training image" in only("image_folder", path)


def test_one_class_only(tmp_path):
    assert "one class only, cat; add a second" in only("image_folder", write_folder(tmp_path / "a", class_files("cat")))
    happy = {name: content for name, content in fer_files().items() if "happy" in name}
    assert "one class only, happy" in only("fer2013", write_zip(tmp_path / "f.zip", happy))


def test_two_sizes_need_a_rule(tmp_path):
    files = class_files("cat", "dog") | {"train/dog/7.png": image(pixels(1, (6, 9)), "PNG")}
    files |= {"train/dog/8.png": image(pixels(1, (60, 9)), "PNG")}
    folder = write_folder(tmp_path / "x", files)
    sentence = only("image_folder", folder)
    assert "train/dog/7.png: 9x6 pixels, but train/cat/0.png has 8x8" in sentence
    assert "pass SIZE=" in sentence
    assert load("image_folder", folder, size=8).image_shape == (8, 8, 1)


def test_too_few_images_for_a_validation_set(tmp_path):
    folder = write_folder(tmp_path / "x", class_files("cat", "dog", each=1))
    assert "too few images to split a validation set off" in only("image_folder", folder)


def test_sixteen_bit_images(tmp_path):
    deep = image(np.full((8, 8), 40_000, np.uint16), "PNG")
    folder = write_folder(tmp_path / "x", class_files("cat", "dog") | {"train/cat/9.png": deep})
    assert "its pixels are I;16, not 8-bit grey or RGB" in only("image_folder", folder)


def test_bad_names_in_food11(tmp_path):
    photo = image(pixels(1, (9, 9, 3)))
    files = {f"training/{label}_{n}.jpg": photo for label in range(11) for n in range(2)}
    files |= {"training/11_0.jpg": photo, "training/Bred/1.jpg": photo, "extra/0_1.jpg": photo}
    first, second, third = faults("food11", write_folder(tmp_path / "x", files))
    assert "extra/0_1.jpg: it lies in none of the folders training, validation" in first
    assert "training/11_0.jpg: the name is not <class number 0 to 10>_<n>.jpg" in second
    assert 'training/Bred/1.jpg: no class of Food-11; rename the folder "Bred" to Bread' in third


def test_an_image_of_too_many_pixels(tmp_path, monkeypatch):
    files = class_files("cat", "dog") | {"train/cat/9.png": image(np.zeros((400, 400), np.uint8), "PNG")}
    folder = write_folder(tmp_path / "x", files)
    monkeypatch.setattr(images, "MAX_PIXELS", 150_000)
    assert "train/cat/9.png: 400x400 is more than" in only("image_folder", folder, size=8)
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 50)
    assert "million pixels" in only("image_folder", folder, size=9)


def test_images_that_together_need_too_much_memory(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "x", class_files("cat", "dog"))
    monkeypatch.setattr(images, "MAX_DECODED", 500)
    assert "pass a smaller SIZE" in only("image_folder", folder)


# --- archives ---


def zoo(tmp_path, **members: bytes) -> Path:
    return write_zip(tmp_path / "zoo.zip", class_files("cat", "dog") | members)


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ("../../evil.png", "its path leaves the archive (../)"),
        ("train/../../evil.png", "its path leaves the archive (../)"),
        ("/etc/evil.png", "its path is absolute"),
        ("C:/evil.png", "its path is absolute"),
        ("train\\cat\\evil.png", "its path has backslashes"),
        ("train/cat/0.png", "it is there twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_unsafe_paths_in_a_zip(tmp_path, member, sentence):
    path = zoo(tmp_path)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(member, image(pixels(1, (8, 8)), "PNG"))
    assert only("image_folder", path) == f"zoo.zip, {member}: {sentence}; make the zip again without it"
    assert not list(tmp_path.parent.glob("**/evil.png"))


def test_a_symbolic_link_in_a_zip(tmp_path):
    path = zoo(tmp_path)
    link = zipfile.ZipInfo("train/cat/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, "/etc/passwd")
    assert "train/cat/link.png: it is a symbolic link" in only("image_folder", path)


def test_bombs(tmp_path, monkeypatch):
    path = zoo(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("train/cat/bomb.png", bytes(3_000_000))
    monkeypatch.setattr(archive, "MAX_IMAGE", 1_000_000)
    assert "train/cat/bomb.png: 3 MB is more than the 1 MB that are read" in only("image_folder", path)
    monkeypatch.setattr(archive, "MAX_TOTAL", 2_000_000)
    assert "zoo.zip would unpack to 0.0 GB, more than" in only("image_folder", path)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    assert "zoo.zip has more than 3 members" in only("image_folder", path)


def test_a_bomb_that_announces_a_small_size(tmp_path, monkeypatch):
    path, size = zoo(tmp_path), 50_000_000
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("train/cat/bomb.png", bytes(size))
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    monkeypatch.setattr(archive, "MAX_IMAGE", 1_000_000)
    tracemalloc.start()
    try:
        assert "train/cat/bomb.png: damaged (Bad CRC-32" in only("image_folder", path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_compression_without_a_limit_is_refused(tmp_path):
    path = zoo(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as file:
        file.writestr("train/cat/9.png", b"x" * 100)
    assert "its compression is neither stored nor deflated" in only("image_folder", path)


def test_an_encrypted_zip(tmp_path):
    content = bytearray(zoo(tmp_path).read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    (tmp_path / "zoo.zip").write_bytes(content)
    assert "zoo.zip is encrypted: make the zip again without a password" in only("image_folder", tmp_path / "zoo.zip")


def test_a_cut_off_zip(tmp_path):
    path = zoo(tmp_path)
    path.write_bytes(path.read_bytes()[:-50])
    assert "zoo.zip is no zip file, or a damaged or cut-off one" in only("image_folder", path)


def test_a_damaged_member(tmp_path):
    path = zoo(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") + 20] ^= 255
    path.write_bytes(content)
    assert "zoo.zip, train/cat/0.png: damaged (Bad CRC-32" in only("image_folder", path)


def test_hostile_names_stay_on_one_line(tmp_path):
    folder = write_folder(tmp_path / "x", class_files("cat", "do\ng\x1b[31m"))
    assert load("image_folder", folder).class_names == ("cat", "do?g?[31m")
    (folder / "train/cat/\n.png").write_bytes(b"no")
    assert "train/cat/?.png: it is no PNG image" in only("image_folder", folder)


def test_a_name_that_is_no_unicode(tmp_path):
    folder = write_folder(tmp_path / "x", class_files("cat", "dog"))
    try:
        (folder / "train/cat/\udcff.png").write_bytes(b"no")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert "train/cat/?.png: it is no PNG image" in only("image_folder", folder)


# --- whatever bytes ---


def loads_or_tells(name: str, path: Path) -> None:
    """A data set, or one printable line a fault, and nothing else."""
    try:
        told = load(name, path).class_names
    except DataError as error:
        told = error.faults
    assert told
    assert all(sentence and sentence.isprintable() for sentence in told)


def damaged(content: bytes):
    """The content with some bytes replaced, a piece cut out, or something put in."""
    places = st.integers(0, len(content))
    return st.tuples(st.lists(st.tuples(places, st.binary(max_size=6)), max_size=4), places, places).map(
        lambda plan: _damage(content, *plan)
    )


def _damage(content: bytes, changes: list[tuple[int, bytes]], start: int, end: int) -> bytes:
    for place, new in changes:
        content = content[:place] + new + content[place + len(new) :]
    return content[:start] if start < end else content[:end] + content[end + (start - end) // 50 :]


def zip_bytes(files: dict[str, bytes], compression: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return stream.getvalue()


CSV = b"\n".join(course_csv(2).splitlines()[:9])
HEADERS = (b"label,feature\n", b"emotion,pixels,Usage\n", b"id,feature\n", b'"label","feature"\n', b"")
ZOO = class_files("cat", "dog")
ZIPS = st.sampled_from([zip_bytes(ZOO, zipfile.ZIP_STORED), zip_bytes(ZOO, zipfile.ZIP_DEFLATED)])
PNG, JPEG = image(pixels(1, (8, 8)), "PNG"), image(pixels(1, (8, 8)))


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.tuples(st.sampled_from(HEADERS), st.binary() | st.text().map(str.encode)).map(b"".join), damaged(CSV))
)
def test_whatever_a_table_holds(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    loads_or_tells("fer2013", path)


@settings(max_examples=250, deadline=None)
@given(st.binary() | ZIPS.flatmap(damaged))
def test_whatever_a_zip_holds(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.zip"
    path.write_bytes(content)
    loads_or_tells("image_folder", path)


@settings(max_examples=250, deadline=None)
@given(
    st.binary().map(lambda b: ("png", b))
    | damaged(PNG).map(lambda b: ("png", b))
    | damaged(JPEG).map(lambda b: ("jpg", b))
)
def test_whatever_an_image_holds(tmp_path_factory, case):
    suffix, content = case
    path = tmp_path_factory.getbasetemp() / "images.zip"
    path.write_bytes(zip_bytes(ZOO | {f"train/cat/9.{suffix}": content}, zipfile.ZIP_STORED))
    loads_or_tells("image_folder", path)
