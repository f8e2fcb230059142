"""What people really bring: layouts, names, image modes and tables of every kind, and what is read of them."""

import gzip
import io
import tarfile
import unicodedata
import zipfile

import numpy as np
import pytest
from datasets_made import EXPRESSIONS, class_files, fer_rows, image, pixels, write_folder, write_zip
from PIL import Image

from helpers.datasets import open_path
from helpers.datasets.faults import listing
from helpers.datasets.source import composed

ROWS = fer_rows()
CSV = "\n".join(["emotion,pixels,Usage", *(",".join(map(str, row)) for row in ROWS), ""])


def read(path):
    return open_path(str(path))


def table(head: str, row) -> bytes:
    return "\n".join([head, *(row(*one) for one in ROWS), ""]).encode()


HEAD = "emotion,pixels,Usage"
WIDE = f"emotion,{','.join(f'pixel{n}' for n in range(2304))},Usage"
GERMAN = ("Wütend", "Ekel", "Angst", "glücklich", "traurig", "überrascht", "neutral")
SPLIT_WORDS = CSV.replace("Training", "train").replace("PublicTest", "val")
TABLES = {
    "index.csv": table(f",{HEAD}", lambda e, p, u: f"9,{e},{p},{u}"),
    "floats.csv": table(HEAD, lambda e, p, u: f"{e}.0,{p.replace(' ', '.0 ')},{u}"),
    "words.csv": table(HEAD, lambda e, p, u: f"{EXPRESSIONS[e].title()},{p},{u}"),
    "list.csv": table(HEAD, lambda e, p, u: f'{e},"[{p.replace(" ", ", ")}]",{u}'),
    "wide.csv": table(WIDE, lambda e, p, u: f"{e},{p.replace(' ', ',')},{u}"),
    "german.csv": table(HEAD, lambda e, p, u: f"{GERMAN[e]},{p},{u}"),
    "split.csv": SPLIT_WORDS.replace("PrivateTest", "test").replace("Usage", "split").encode(),
    "semicolon.csv": CSV.replace(",", ";").encode(),
    "tabs.tsv": CSV.replace(",", "\t").encode(),
    "utf16.csv": CSV.encode("utf-16"),
    "bom.csv": b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode(),
    "packed.csv.gz": gzip.compress(CSV.encode()),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_pixels_that_is_clear_is_read(tmp_path, name):
    dataset = read(write_folder(tmp_path, {name: TABLES[name]}) / name)
    for split in (dataset.train, dataset.validation, dataset.test):
        assert np.bincount(split.labels).tolist() == [2] * 7
    assert np.array_equal(dataset.train.images[0, ..., 0], pixels(80_000))
    assert dataset.train.ids[0] == f"{name.removesuffix('.gz')}:2"


def test_the_competitions_train_csv_has_neither_usage_nor_ids(tmp_path):
    train = table("emotion,pixels", lambda e, p, u: f"{e},{p}")
    test = table("pixels", lambda e, p, u: p)
    dataset = read(write_folder(tmp_path, {"train.csv": train, "test.csv": test}) / "train.csv")
    assert dataset.test.ids[:2].tolist() == ["test.csv:id=0", "test.csv:id=1"]
    assert (len(dataset.train) + len(dataset.validation), dataset.test.labelled) == (42, False)
    both = write_folder(tmp_path / "x", dict.fromkeys(("train.csv", "val.csv", "test.csv"), train))
    for dataset in map(read, (both, both / "train.csv")):
        assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (42, 42, 42)


@pytest.mark.parametrize("name", ["set.tar.xz", "set.csv"])
def test_a_tar_whatever_it_is_called(tmp_path, name):
    with tarfile.open(tmp_path / name, "w:xz" if name.endswith("xz") else "w") as archive:
        for inside, content in {"fer2013.csv": CSV.encode(), "README": b"read\nme"}.items():
            info = tarfile.TarInfo(f"./fer/{inside}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        twin = tarfile.TarInfo("./fer/twin.csv")
        twin.type, twin.linkname = tarfile.LNKTYPE, "./fer/fer2013.csv"
        archive.addfile(twin)
    dataset = read(tmp_path / name)
    assert len(dataset.train) == 14
    assert f"Tables left out: 1 (the first is {name}, ./fer/twin.csv)." in dataset.notes


OTHER_SIZE = "Images of another size, brought to 48x48 pixels"


@pytest.mark.parametrize("what", ["colour", "another size", "twice, without prefixes"])
def test_fer2013_in_other_peoples_folders(tmp_path, what):
    words = ("anger", "disgusted", "fearful", "happiness", "sad", "surprised", "neutral")
    side, twice, files = 56 if what == "another size" else 48, "twice" in what, {}
    for n, word in enumerate(words * 4):
        face = pixels(n, (side, side))
        face = np.dstack([face] * 3) if what == "colour" else face
        files[f"train/{word}/{'' if twice else 'Training_'}{n}.png"] = image(face, "PNG")
    files |= under("again/again/", files) if twice else {}
    dataset = read(write_zip(tmp_path / "mine.zip", files))
    assert (dataset.name, dataset.class_names) == ("fer2013", EXPRESSIONS)
    assert np.bincount(dataset.train.labels).tolist() == [3] * 7
    assert dataset.image_shape == (48, 48, 1)
    told = " ".join(dataset.notes)
    assert (OTHER_SIZE in told, "Images outside of" in told) == (side == 56, twice)
    assert dataset.title == ("mine" if twice else "FER2013")


CATS = class_files("cat", "dog", each=4)
LISTED = {f"{n}.jpg": image(pixels(n, (16, 16, 3))) for n in range(10)}
LIST = "id;label\n" + "".join(f"{n};{'cat' if n % 2 else 'dog'}\n" for n in range(10))
ONE_HOT = "file, Cat, Dog\n" + "".join(f"{n}.jpg, {n % 2}, {1 - n % 2}.0\n" for n in range(10))
JUNK = ("train/@eaDir/t.png", "train/cat/.ipynb_checkpoints/0-checkpoint.png", "train/New folder/")
JUNK += ("__MACOSX/train/._1.jpg", "train/cat/.DS_Store", "train/cat/Thumbs.db")


def under(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}{name}": content for name, content in files.items()}


def renamed(change) -> dict[str, bytes]:
    return {change(name): content for name, content in CATS.items()}


PATHS = "File Path,Image Class,n\n"
PATHS += "".join(f"C:\\My\\0{n}.JPG,{'cat' if n % 2 else 'dog'},1\n" for n in range(99))
UNKNOWN = under("test/unknown/", {"1.png": CATS["train/cat/0.png"]})
WITH_SUFFIX = LIST.replace(";", ".jpg,").replace("id.jpg", "id").encode()
LAYOUTS = {  # layout: its files
    "flat": renamed(lambda name: name.removeprefix("train/"))
    | {"test/1.png": CATS["train/cat/0.png"]},
    "training": renamed(lambda name: name.replace("train/", "training/")),
    "words of splits": renamed(lambda name: name.replace("train/", "PetsTrainSet2/")),
    "alone": renamed(lambda name: name.replace("train/", "train/images/")) | UNKNOWN,
    "wrapped": under("train/", CATS),
    "no suffix": renamed(lambda name: name.removesuffix(".png")),
    "junk": CATS | dict.fromkeys(JUNK, b""),
    "a list": under("train/", LISTED) | {"train.csv": WITH_SUFFIX, "submission.csv": b"id,y\n0,x"},
    "a list of ones": under("train/", LISTED) | {"train.csv": ONE_HOT.encode()},
    "a list of paths": under("my/", LISTED) | {"a/b.csv": PATHS.encode()},
    "a list in a folder": under("train/images/", LISTED) | {"train/metadata.csv": WITH_SUFFIX},
    "a list of stems": under("images/", LISTED) | {"labels.csv": LIST.encode("utf-16")},
    "a stranger beside": CATS | {"elsewhere/1.png": CATS["train/cat/0.png"]},
}
TOLD = {  # layout: how its note begins
    "flat": "There is no folder train",
    "junk": "Images that a system or an editor left there, left out: 3",
    "a list": "The classes are those that train.csv gives",
    "a stranger beside": "Images outside of the folders of splits and classes, left out: 1",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_that_is_clear_is_read(tmp_path, layout):
    write = write_zip if "list" in layout else write_folder
    dataset = read(write(tmp_path / "[my] {set}.zip", LAYOUTS[layout]))
    assert (dataset.name, dataset.class_names) == ("image_folder", ("cat", "dog"))
    assert len(dataset.train) + len(dataset.validation) == (10 if "list" in layout else 8)
    assert any(note.startswith(TOLD.get(layout, "")) for note in dataset.notes)
    unlabelled = [-1] if layout in ("flat", "alone") else []
    assert (dataset.test.labels.tolist() if dataset.test else []) == unlabelled


def test_food11_only_where_its_classes_are(tmp_path):
    mine = class_files("cat", "dog", split="training")
    mine |= class_files("cat", "dog", split="validation", seed=7)
    assert read(write_folder(tmp_path / "mine", mine)).class_names == ("cat", "dog")


def test_names_in_any_unicode_form_case_and_spelling(tmp_path):
    family = "👨\u200d👩\u200d👧"
    decomposed = unicodedata.normalize("NFD", "été")
    train = class_files(decomposed, "Dog ", "con", "a<b>&c", family, each=3)
    test = class_files("été", "dog", "CON", "a<b>&c", split="Test", seed=900)
    dataset = read(write_folder(tmp_path / "x", train | test))
    assert dataset.class_names == tuple(sorted(("été", "Dog", "con", "a<b>&c", family)))
    assert len(dataset.test) == 8
    assert f"The test set has no image of: {family}." in dataset.notes
    two = class_files("a", "A", each=3)
    assert read(write_folder(tmp_path / "y", two)).class_names == ("A", "a")
    assert composed("\udcc4l") == "Äl"  # a name of Windows-1252
    assert listing("cab", most=2) == "a, b and 1 more"


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", ("狗", "貓")), ("cp950", None)])
def test_a_zip_that_does_not_say_how_its_names_are_written(tmp_path, encoding, shown, monkeypatch):
    silent = lambda info: (info.filename.encode(encoding), 0)  # noqa: E731
    monkeypatch.setattr(zipfile.ZipInfo, "_encodeFilenameFlags", silent)
    files = {name.replace("/", "\\"): one for name, one in class_files("貓", "狗").items()}
    path = write_zip(tmp_path / "x.zip", files if encoding == "utf-8" else class_files("貓", "狗"))
    dataset = read(path)
    assert shown is None or dataset.class_names == shown
    assert any("Names in an old code page" in note for note in dataset.notes) is (shown is None)


def picture(mode: str, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels(3, (8, 8, 3))).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


MODES = {"LA": "PNG", "P": "PNG", "1": "PNG", "CMYK": "JPEG", "LAB": "TIFF", "RGBA": "WEBP"}


@pytest.mark.parametrize(("mode", "kind"), MODES.items())
def test_every_mode_of_an_image_becomes_grey_or_rgb(tmp_path, mode, kind):
    files = class_files("a", "b") | {f"train/a/x.{kind.lower()}": picture(mode, kind)}
    dataset = read(write_folder(tmp_path / "x", files))
    assert dataset.image_shape == (8, 8, 1 if mode in ("LA", "1") else 3)
    assert len(dataset.train) + len(dataset.validation) == 5


def test_sixteen_bits_transparency_frames_and_wrong_names_are_told(tmp_path):
    deep = image((np.arange(64).reshape(8, 8) * 1000).astype(np.uint16), "PNG")
    clear = np.dstack([np.full((8, 8, 3), 9, np.uint8), np.zeros((8, 8), np.uint8)])
    files = {"train/a/deep.png": deep, "train/b/clear.png": image(clear[..., [0, 3]], "PNG")}
    moving = image(pixels(1, (8, 8)), "GIF", save_all=True, append_images=[Image.new("L", (8, 8))])
    files |= {"dev/a/0.png": deep, "dev/b/0.jpg": image(clear, "WEBP"), "dev/a/1.gif": moving}
    dataset = read(write_folder(tmp_path / "x", files))
    assert np.array_equal(dataset.train.images[0, ..., 0].ravel(), np.arange(64) * 1000 >> 8)
    assert (dataset.train.images[1] == 255).all()
    told = " ".join(dataset.notes)
    assert "Images of 16 bits a pixel, of which the upper eight are kept: 2 (the first" in told
    assert "Images with transparent parts, laid on white: 2" in told
    assert "read by their content: 1 (the first is x, dev/b/0.jpg)" in told
    assert "or pages, of which the first is taken: 1 (the first is x, dev/a/1.gif" in told
