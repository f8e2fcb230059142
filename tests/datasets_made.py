"""Small data sets for the tests, made on the spot."""

import io
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def pixels(seed: int, shape=(48, 48)) -> np.ndarray:
    """Random uint8 pixels."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def image(array: np.ndarray, kind: str = "JPEG", **options) -> bytes:
    """An image file's bytes."""
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, kind, **options)
    return stream.getvalue()


def text(array: np.ndarray) -> str:
    """Pixels as FER2013's CSV files write them."""
    return " ".join(map(str, array.ravel()))


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder; a name that ends in / is an empty folder."""
    for name, content in files.items():
        target = folder / name
        (target if name.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            target.write_bytes(content)
    return folder


def write_zip(path: Path, files: dict[str, bytes], **options) -> Path:
    """Write files into a zip."""
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@cache
def fer_files(each: int = 2, splits=("Training", "PublicTest", "PrivateTest")) -> dict[str, bytes]:
    """FER2013 as Kaggle's folders hold it, ``each`` different faces a class and split."""
    return {
        f"{'train' if split == 'Training' else 'test'}/{name}/{split}_{n}.jpg": image(
            pixels(hash_of(split, label, n))
        )
        for split in splits
        for label, name in enumerate(EXPRESSIONS)
        for n in range(each)
    }


@cache
def fer_rows(each: int = 2, splits=("Training", "PublicTest", "PrivateTest")) -> list[tuple]:
    """(label, pixels, Usage) of random faces."""
    return [
        (label, text(pixels(hash_of(split, label, n))), split)
        for split in splits
        for label in range(7)
        for n in range(each)
    ]


def hash_of(split: str, label: int, n: int) -> int:
    """A seed of its own for every face."""
    return len(split) * 10_000 + label * 1_000 + n


@cache
def course_csv(each: int = 10) -> bytes:
    """The course's train.csv."""
    rows = [f"{label},{faces}" for label, faces, _ in fer_rows(each, ("Training",))]
    return "\n".join(["label,feature", *rows, ""]).encode()


def class_files(*classes: str, split="train", each=2, shape=(8, 8), seed=0) -> dict[str, bytes]:
    """``train/<class>/<n>.png`` of random pixels."""
    return {
        f"{split}/{name}/{n}.png": image(pixels(seed + 100 * index + n, shape), "PNG")
        for index, name in enumerate(classes)
        for n in range(each)
    }
