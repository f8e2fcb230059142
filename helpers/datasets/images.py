"""Decoding image files into arrays of one shape; every file that cannot be is a fault, by name."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.datasets.archive import Source
from helpers.datasets.base import Split
from helpers.datasets.faults import printable

MAX_PIXELS = 89_000_000
"""Pixels of one image: a photo of a good telephone passes, a bomb does not."""
MAX_DECODED = 4 << 30
"""Bytes of all decoded images together."""

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".gif": "GIF", ".webp": "WEBP"}
EIGHT_BIT = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")


class _Unfit(Exception):
    """Why an image cannot be used."""


def read_splits(source: Source, plan: dict[str, list[tuple[str, int]]], **how) -> dict[str, Split | None]:
    """Decode the images of all splits into arrays of one shape.

    Args:
        source: where the images lie; faults are noted there.
        plan: split -> [(member, label), ...]; an empty list gives None.
        how: ``grey``, ``shape`` and ``size`` as in ``read_images``.
    """
    images = read_images(source, [name for files in plan.values() for name, _ in files], **how)
    splits, start = {}, 0
    for split, files in plan.items():
        labels = np.array([label for _, label in files], np.int64)
        ids = np.array([printable(name) for name, _ in files], np.str_)
        splits[split] = Split(images[start : start + len(files)], labels, ids) if files else None
        start += len(files)
    return splits


def read_images(source: Source, names: list[str], *, grey=False, shape=None, size=None) -> np.ndarray:
    """Decode image files, upright (EXIF), into one array.

    Args:
        source: where they lie; faults are noted there, and the faulty images are black.
        names: members of the source.
        grey: images must be grey; otherwise all become RGB.
        shape: (height, width) that every image must have; None: that of the first.
        size: bring every image to size x size instead (short side resized, centre crop).

    Returns:
        uint8 (n, height, width, 1 or 3).
    """
    shape = (size, size) if size else shape
    images = _allocate(source, len(names), shape, grey) if shape else None
    first, differ = None, False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what is checked here and becomes a sentence
        for index, name in enumerate(names):
            image = _read_one(source, name, grey, size)
            if image is None:
                continue
            if images is None:
                shape, first = image.shape[:2], name
                images = _allocate(source, len(names), shape, grey)
            if image.shape[:2] == shape:
                images[index] = image
            elif not differ:
                _note_shape(source, name, image.shape, first, shape)
                differ = first is not None  # images of many sizes are one fault, a wrong size is one each
    return images if images is not None else np.zeros((len(names), 1, 1, 1 if grey else 3), np.uint8)


def _allocate(source: Source, n: int, shape: tuple[int, int], grey: bool) -> np.ndarray:
    full = (n, *shape, 1 if grey else 3)
    if (need := int(np.prod(full, dtype=object))) > MAX_DECODED:
        source.faults.add(
            f"{source.path.name}: {n:,} images of {shape[1]}x{shape[0]} pixels need {need / 1e9:,.1f} GB of memory"
            "; pass a smaller SIZE"
        )
        source.faults.check()
    return np.zeros(full, np.uint8)


def _note_shape(source: Source, name: str, found: tuple, first: str | None, shape: tuple[int, int]) -> None:
    """Say that an image has another size than the first one, or (first None) than it must have."""
    is_now, should = f"{found[1]}x{found[0]}", f"{shape[1]}x{shape[0]}"
    if first:
        source.faults.add(
            f"{source.place(name)}: {is_now} pixels, but {first} has {should}; images of different sizes need one"
            f" to be resized to: pass SIZE={min(*shape, *found[:2])}, for example"
        )
    else:
        source.faults.add(f"{source.place(name)}: {is_now} pixels instead of {should}; replace the file or delete it")


def _read_one(source: Source, name: str, grey: bool, size: int | None) -> np.ndarray | None:
    """One image as uint8 (height, width, 1 or 3), or None after noting the fault."""
    data = source.read(name)
    if data is None:
        return None
    try:
        return _decode(data, FORMATS[name[name.rindex(".") :].lower()], grey, size)
    except _Unfit as unfit:
        why = str(unfit)
    except Image.DecompressionBombError:
        why = f"more than {MAX_PIXELS / 1e6:.0f} million pixels"
    except OSError as error:
        why = "the image is truncated" if "truncated" in str(error) else f"it cannot be decoded ({error})"
    except Exception as error:  # whatever bytes: decoders raise struct.error, SyntaxError, IndexError ...
        why = f"it cannot be decoded ({type(error).__name__})"
    source.faults.add(f"{source.place(name)}: {why}; replace the file or delete it")
    return None


def _decode(data: bytes, expected: str, grey: bool, size: int | None) -> np.ndarray:
    if not data:
        raise _Unfit("the file is empty")
    try:  # only the formats of the suffixes: no decoder that starts another program
        image = Image.open(io.BytesIO(data), formats=sorted(set(FORMATS.values())))
    except UnidentifiedImageError:
        raise _Unfit(f"it is no {expected} image, or only the beginning of one") from None
    if image.format.replace("MPO", "JPEG") != expected:
        raise _Unfit(f"it is a {image.format} image named as {expected}")
    if image.width * image.height > MAX_PIXELS:
        raise _Unfit(f"{image.width}x{image.height} is more than {MAX_PIXELS / 1e6:.0f} million pixels")
    if image.mode not in EIGHT_BIT or (grey and image.mode != "L"):
        raise _Unfit(f"its pixels are {image.mode}, not {'grey' if grey else '8-bit grey or RGB'}")
    if size:
        image.draft(None, (2 * size, 2 * size))  # a large JPEG is decoded small: ten times as fast
    image = ImageOps.exif_transpose(image)
    if not grey:
        image = image.convert("RGB")
    if size:
        image = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    pixels = np.asarray(image)
    return pixels[..., None] if grey else pixels
