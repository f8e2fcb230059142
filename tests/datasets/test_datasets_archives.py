"""Archives that lie, and whatever bytes: refused in a sentence, never followed."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from datasets_made import class_files, course_csv, image, pixels, write_folder, write_zip
from hypothesis import given, settings
from hypothesis import strategies as st
from refused import only

from helpers.datasets import archive, load, source
from helpers.errors import DataError

ZOO = class_files("cat", "dog")
PNG, JPEG = image(pixels(1, (8, 8)), "PNG"), image(pixels(1, (8, 8)))


def zoo(tmp_path, member=None, content=PNG, compression=zipfile.ZIP_STORED) -> Path:
    """A zip of two classes and one member more."""
    path = write_zip(tmp_path / "zoo.zip", ZOO)
    if member:
        with zipfile.ZipFile(path, "a", compression) as file:
            file.writestr(member, content)
    return path


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ("../../evil.png", "its path leaves the archive (../)"),
        ("..\\..\\evil.png", "its path leaves the archive (../)"),
        ("/etc/evil.png", "its path is absolute"),
        ("train/cat/0.png", "it is there twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_unsafe_paths_in_a_zip(tmp_path, member, sentence):
    shown, remedy = member.replace("\\", "/"), "make the archive again from inside the folder"
    found = only("image_folder", zoo(tmp_path, member))
    assert found == f"zoo.zip, {shown}: {sentence}; {remedy}"
    assert not list(tmp_path.parent.glob("**/evil.png"))


def test_a_link_in_a_zip_is_not_followed(tmp_path):
    link = zipfile.ZipInfo("train/cat/link.png")
    link.external_attr = 0o120777 << 16
    dataset = load("image_folder", zoo(tmp_path, link, "/etc/passwd"))
    assert any("train/cat/link.png" in note for note in dataset.notes)
    assert not any("link" in name for name in dataset.train.ids)


def test_bombs(tmp_path, monkeypatch):
    path = zoo(tmp_path, "train/cat/bomb.png", bytes(3_000_000), zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(source, "MAX_IMAGE", 1_000_000)
    assert "bomb.png: 3 MB is more than the 1 MB that are read" in only("image_folder", path)
    monkeypatch.setattr(archive, "MAX_TOTAL", 2_000_000)
    assert "zoo.zip would unpack to more than the" in only("image_folder", path)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # refused before the list is read
    assert "zoo.zip has more than 3 members" in only("image_folder", path)


def test_a_bomb_that_announces_a_small_size(tmp_path, monkeypatch):
    size = 50_000_000
    path = zoo(tmp_path, "train/cat/bomb.png", bytes(size), zipfile.ZIP_DEFLATED)
    large, small = size.to_bytes(4, "little"), (1000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(large, small))
    monkeypatch.setattr(source, "MAX_IMAGE", 1_000_000)
    tracemalloc.start()
    assert "train/cat/bomb.png: damaged (Bad CRC-32" in only("image_folder", path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def flip(content: bytes, mark: bytes, place: int, bits: int) -> bytes:
    changed = bytearray(content)
    changed[changed.index(mark) + place] ^= bits
    return bytes(changed)


DAMAGE = {
    "train/cat/0.png: its compression is neither": lambda zip: flip(zip, b"PK\x01\x02", 10, 14),
    "zoo.zip is encrypted: make the zip again": lambda zip: flip(zip, b"PK\x01\x02", 8, 1),
    "zoo.zip is a part of a split zip: unpack": lambda zip: flip(zip, b"PK\x05\x06", 4, 1),
    "zoo.zip cannot be read: a damaged or cut-off archive": lambda zip: zip[:-50],
    "zoo.zip, train/cat/0.png: damaged (Bad CRC-32": lambda zip: flip(zip, b"IDAT", 20, 255),
}


@pytest.mark.parametrize("sentence", DAMAGE)
def test_a_zip_that_cannot_be_read(tmp_path, sentence):
    path = zoo(tmp_path)
    path.write_bytes(DAMAGE[sentence](path.read_bytes()))
    assert sentence in only("image_folder", path)


@pytest.mark.parametrize("name", ["\n", "\udcff"])
def test_hostile_names_stay_on_one_line(tmp_path, name):
    folder = write_folder(tmp_path / "x", class_files("cat", "do\ng\x1b[31m"))
    assert load("image_folder", folder).class_names == ("cat", "do?g?[31m")
    try:
        (folder / f"train/cat/{name}.png").write_bytes(b"no")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert "train/cat/?.png: it is no image that can be read" in only("image_folder", folder)


def damaged(content: bytes):
    """The content with some bytes replaced, a piece cut out, or something put in."""

    def damage(changes, start, end):
        changed = content
        for place, new in changes:
            changed = changed[:place] + new + changed[place + len(new) :]
        cut = changed[:end] + changed[end + (start - end) // 50 :]
        return changed[:start] if start < end else cut

    places = st.integers(0, len(content))
    changes = st.lists(st.tuples(places, st.binary(max_size=6)), max_size=4)
    return st.builds(damage, changes, places, places)


def zip_bytes(files: dict[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    return write_zip(io.BytesIO(), files, compression=compression).getvalue()


def with_image(suffix: str):
    return lambda content: zip_bytes(ZOO | {f"train/cat/9.{suffix}": content})


ROWS = b"\n".join(course_csv(2).splitlines()[:9])
HEADS = st.sampled_from([b"label,feature\n", b"emotion,pixels,Usage\n", b'"id","feature"\n', b""])
ZIP, DEFLATED = zip_bytes(ZOO), zip_bytes(ZOO, zipfile.ZIP_DEFLATED)
TEXT = st.builds(bytes.__add__, HEADS, st.binary() | st.text().map(str.encode))
ANY = {
    "any.csv": TEXT | damaged(ROWS),
    "any.zip": st.binary() | damaged(ZIP) | damaged(DEFLATED),
    "images.zip": (st.binary() | damaged(PNG)).map(with_image("png"))
    | damaged(JPEG).map(with_image("jpg")),
}


@pytest.mark.parametrize("name", ANY)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_whatever_a_file_holds(tmp_path_factory, name, data):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data.draw(ANY[name]))
    try:
        told = load("fer2013" if name == "any.csv" else "image_folder", path).class_names
    except DataError as error:
        told = error.faults
    assert told
    assert all(sentence and sentence.isprintable() for sentence in told)
