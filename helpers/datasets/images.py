"""Decoding image files into arrays of one shape; every file that cannot be is a fault, by name."""

import difflib
import io
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.datasets.base import Split
from helpers.datasets.faults import Unfit, failure, listing, printable, quote
from helpers.datasets.source import FORMATS, IMAGES, MAX_IMAGE, UNREAD, Source, suffix

MAX_DECODED = 4 << 30
"""Bytes of all decoded images together."""
LEAST, MOST = 8, 1024
"""Pixels of a side that networks can do with, and that they can do in a day."""


def read_splits(
    source: Source,
    places: dict[str, tuple[str | None, str | None]],
    classes: Sequence[str],
    index: Callable[[str], int | None],
    *,
    size: int | None = None,
    grey: bool = False,
) -> dict[str, Split | None]:
    """Decode the images of all splits, upright (EXIF), into arrays of one shape.

    Args:
        source: where the images lie; faults are noted there.
        places: image -> its split and its class's name; None where it has none.
        classes: their names, for messages.
        index: of a class's name the number, None if it is no class.
        size: bring every image to size x size (short side resized, centre crop). Without it all must be
            of the size of the first.
        grey: the images must be grey; else there is one channel where all images are.

    Returns:
        train, validation and test, each a Split, or None where no image belongs to it.
    """
    plan = _plan(source, places, classes, index)
    if places:
        for name in filter(lambda name: "/" in name, source.unread(*UNREAD)):
            source.fault(f"{suffix(name)} is not read; save it as JPEG or PNG", name)
    images = _read_all(source, [name for name, _ in chain(*plan.values())], size, grey)
    splits, start = dict.fromkeys(plan), 0
    for split, files in plan.items():
        if files:
            names, labels = zip(*files, strict=True)
            ids = np.array([printable(name) for name in names], np.str_)
            part = images[start : start + len(files)]
            splits[split] = Split(part, np.array(labels, np.int64), ids)
        start += len(files)
    return splits


def _plan(source: Source, places: dict, classes, index) -> dict[str, list[tuple[str, int]]]:
    """Split -> [(image, label), ...]; a class that there is not is a fault, once."""
    plan, strange = {"train": [], "validation": [], "test": []}, defaultdict(list)
    outside = [name for name in source.images if name not in places]
    for name, (split, label) in places.items():
        if not split or (not label and split != "test"):
            outside.append(name)
        elif not label:
            plan[split].append((name, -1))
        elif (number := index(label)) is None:
            strange[split, label].append(name)
        else:
            plan[split].append((name, number))
    source.faults.remark("outside", outside)
    for (split, label), names in sorted(strange.items()):
        near = difflib.get_close_matches(label, classes, 1)
        why = f"the class {quote(label)} of {split} is none of {listing(classes)}"
        source.fault(f"{why}; rename it{f' to {near[0]}' if near else ''} or delete it", names[0])
    return plan


def _read_all(source: Source, names: list[str], size: int | None, grey: bool) -> np.ndarray:
    """Uint8 (n, height, width, 1 or 3); faulty images are black."""
    images, first, differ = None, None, False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what becomes a sentence here
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for place, name in enumerate(names):
            image = _read_one(source, name, size, grey)
            if image is None:
                continue
            if images is None:
                first, images = name, _allocate(source, len(names), image.shape)
            height, width, channels = images.shape[1:]
            if image.shape[:2] == (height, width):
                if image.shape[-1] > channels:  # the first in colour
                    images = np.repeat(images, 3, axis=-1)
                images[place] = image
            elif not differ:  # images of many sizes are one fault
                found, differ = f"{image.shape[1]}x{image.shape[0]} pixels", True
                least = max(LEAST, min(height, width, *image.shape[:2]))
                remedy = f"images of different sizes need one to be resized to: pass SIZE={least}"
                why = f"{found}, but {first} has {width}x{height}; {remedy}, for example"
                source.fault(why, name)
    return images if images is not None else np.zeros((len(names), 1, 1, 1), np.uint8)


def _allocate(source: Source, n: int, shape: tuple[int, ...]) -> np.ndarray:
    need, what = n * shape[0] * shape[1] * 3, f"images of {shape[1]}x{shape[0]} pixels"
    if need > MAX_DECODED:
        need = f"need {need / 1e9:,.1f} GB of memory; pass a smaller SIZE"
        raise failure(f"{source.path.name}: {n:,} {what} {need}")
    if min(shape[:2]) < LEAST or max(shape[:2]) > MOST:
        wrong = "small" if min(shape[:2]) < LEAST else "large"
        raise failure(f"{source.path.name}: {what} are too {wrong}; pass SIZE=64, for example")
    return np.zeros((n, *shape), np.uint8)


def _read_one(source: Source, name: str, size: int | None, grey: bool) -> np.ndarray | None:
    """One image as uint8 (height, width, 1 or 3), or None after noting the fault."""
    data = source.read(name)
    if data is None:
        return None
    try:
        pixels, odd = decoded(data, name, size)
        if grey and pixels.shape[-1] == 3:
            raise Unfit("it is in colour, not grey")
        for what in odd:
            source.faults.remark(what, [name], size)
        return pixels
    except Unfit as unfit:
        why = str(unfit)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        why = f"it has more than {Image.MAX_IMAGE_PIXELS / 1e6:.0f} million pixels"
    except Exception as error:  # decoders raise OSError, struct.error, SyntaxError, IndexError
        why = f"it cannot be decoded ({printable(str(error)) or type(error).__name__})"
    source.fault(f"{why}; replace the file or delete it", name)
    return None


def shape_of(source: Source, name: str) -> tuple[int, int, int] | None:
    """(height, width, channels) of an image, 1 channel if it is grey; None if it cannot be decoded."""
    with suppress(Exception), source.opener(source.members[name][0]) as stream:
        return decoded(stream.read(MAX_IMAGE), name)[0].shape
    return None  # whoever reads the images says why


def decoded(data: bytes, name: str, size: int | None = None) -> tuple[np.ndarray, list[str]]:
    """The content of an image file, upright, as uint8 pixels (height, width, 1 if it is grey, else 3); what is
    transparent becomes white. And what was odd."""
    if not data:
        raise Unfit("the file is empty")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unfit("it is no image that can be read, or only the beginning of one") from None
    family = {"MPO": "JPEG", "DIB": "BMP"}
    named = IMAGES.get(suffix(name), image.format)
    odd = ["renamed"] * (family.get(named, named) != family.get(image.format, image.format))
    if image.format != "MPO" and getattr(image, "is_animated", False):
        odd.append("frames")
    if size and image.size != (size, size):
        odd.append("resized")
        image.draft(None, (2 * size, 2 * size))  # a large JPEG is decoded small: ten times as fast
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I;16"):
        odd.append("deep")
        image = Image.fromarray((np.asarray(image, np.uint16) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise Unfit("its pixels are numbers without a known range; save it with 8 bits a pixel")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        odd += ["clear"] * (image.getextrema()[3][0] < 255)
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    if image.mode != "L":
        image = image.convert("RGB")
    if size and image.size != (size, size):
        image = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    pixels = np.atleast_3d(np.asarray(image))
    grey = pixels.shape[-1] == 1 or (pixels == pixels[..., :1]).all()
    return pixels[..., :1] if grey else pixels, odd
