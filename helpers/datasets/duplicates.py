"""Copies across splits: exact ones, pixel by pixel, and near ones, the same picture in other pixels."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from helpers.datasets.base import Split

SIDE = 16
"""Blocks a side that an image is averaged to; of smaller images nothing is compared, as 8x8 digits of
one class are nearly all alike."""
THRESHOLD = 0.94
"""Correlation of block means above which two images count as one picture. Pairs looked at by eye: on
FER2013 33 of 36 between .94 and .95 were the same photo, about 21 of 35 between .93 and .94."""
CROPPED = 0.95
"""The same where one image is compared with a crop of the other, which has more chances to be alike. On FER2013
80 of 80 pairs above were the same photo, 27 of 40 between .94 and .95."""
CROPS = [
    (share, top, left)
    for share in (0.96, 0.92, 0.88, 0.83)
    for top, left in ((0.5, 0.5), (0, 0.5), (1, 0.5), (0.5, 0), (0.5, 1))
]
"""Share of the side that stays, and the share of what is cut off that goes from the top and from the left."""
LIKEST = 5  # training images an image is compared with in crops: in all would take minutes
CONTRAST = 2.0
"""Grey levels, the least standard deviation of block means: below it noise would be compared."""
SMALL = 48
STEP = 2048


def mark(splits: dict[str, Split]) -> tuple[dict[str, Split], dict[str, int]]:
    """Mark validation and test images that also stand in train, exactly or nearly.

    Args:
        splits: train and, where there are any, validation and test.

    Returns:
        the splits with ``in_train``, ``near`` and ``nearest``, and the counts of ``Dataset.facts``.
    """
    digests, facts = _count(splits)
    known, marked = set(digests["train"]), dict(splits)
    train = splits["train"]
    for name in [name for name in splits if name != "train"]:
        exact = np.array([digest in known for digest in digests[name]], bool)
        near, nearest = find_near(splits[name].images, train.images)
        near &= ~exact
        marked[name] = replace(splits[name], in_train=exact, near=near, nearest=nearest)
        labels, others = splits[name].labels, train.labels[nearest]
        facts[f"{name}_in_train"] = int(exact.sum())
        facts[f"{name}_near"] = int(near.sum())
        facts[f"{name}_near_conflicts"] = int((near & (labels >= 0) & (labels != others)).sum())
    return marked, facts


def _count(splits: dict[str, Split]) -> tuple[dict[str, list[bytes]], dict[str, int]]:
    """A digest of each image, and how many images are there twice or show nothing."""
    groups, digests, constant = defaultdict(list), {}, 0
    for name, split in splits.items():
        digests[name] = [hashlib.sha256(image).digest() for image in split.images]
        constant += sum(int((image == image[0, 0]).all()) for image in split.images)
        for digest, label in zip(digests[name], split.labels.tolist(), strict=True):
            groups[digest].append((name, label))
    many = [group for group in groups.values() if len(group) > 1]
    return digests, {
        "images": sum(map(len, splits.values())),
        "distinct_images": len(groups),
        "duplicate_groups": len(many),
        "duplicates_across": sum(len({name for name, _ in group}) > 1 for group in many),
        "label_conflicts": sum(len({label for _, label in group} - {-1}) > 1 for group in many),
        "constant_images": constant,
    }


def block_means(images: np.ndarray) -> np.ndarray:
    """Each image as 16x16 block means of its grey values, mean removed, of length 1.

    Args:
        images: uint8 (n, height, width, channels).

    Returns:
        float32 (n, 16, 16); zeros for an image with hardly any contrast, or smaller than that.
    """
    return _in_steps(images, lambda part: _directions(_grey(part)), SIDE)


def _in_steps(images: np.ndarray, made: Callable, side: int) -> np.ndarray:
    """What is made of images, float32 (n, side, side), a few at a time; zeros of images that are smaller."""
    height, width = images.shape[1:3]
    found = np.zeros((len(images), side, side), np.float32)
    step = max(1, (1 << 24) // (height * width))
    for start in range(0, len(images) if min(height, width) >= side else 0, step):
        found[start : start + step] = made(images[start : start + step])
    return found


def _grey(images: np.ndarray) -> np.ndarray:
    return images.mean(-1, dtype=np.float32).round()


def _averages(grey: np.ndarray, side: int, share=1.0, top=0.0, left=0.0) -> np.ndarray:
    """Means over side x side blocks of grey images or, see ``CROPS``, of a part: float32 (n, side, side)."""
    height, width = grey.shape[1:]
    return _blocks(height, side, share, top) @ grey @ _blocks(width, side, share, left).T


def _blocks(full: int, side: int, share: float, place: float) -> np.ndarray:
    """The weight of every pixel along one side in each block, float32 (side, full)."""
    length = round(share * full)
    start = round(place * (full - length))
    edges = np.linspace(start, start + length, side + 1).round().astype(int)[:, None]
    pixels = np.arange(full)
    inside = (edges[:-1] <= pixels) & (pixels < edges[1:])
    return (inside / np.diff(edges, axis=0)).astype(np.float32)


def _directions(grey: np.ndarray, *crop: float) -> np.ndarray:
    """Block means, mean removed, of length 1; zeros where there is hardly any contrast."""
    cells = _averages(grey, SIDE, *crop)
    cells -= cells.mean((1, 2), keepdims=True)
    length = np.sqrt((cells**2).sum((1, 2), keepdims=True))
    return np.where(length < CONTRAST * SIDE, 0, cells / np.maximum(length, 1e-6))


def find_near(images: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The training image, or its mirror, that each image resembles most, also where one is a crop of the other.

    Args:
        images, train: uint8 (n, height, width, channels).

    Returns:
        near: bool (n,), whether they are one picture: a correlation of THRESHOLD, or of CROPPED with a crop.
        nearest: int64 (n,), the training image's index; -1 where nothing can be compared.
    """
    cells, known, rows = block_means(images), block_means(train), np.arange(len(images))
    likest, values = _likest(cells, known)
    near, nearest = values[:, 0] >= THRESHOLD, np.where(values[:, 0] > 0, likest[:, 0], -1)
    candidates, place = np.unique(likest, return_inverse=True)
    place, best = place.reshape(likest.shape), np.where(near, 2, CROPPED)  # what is found stays
    own, others = (_grey(_small(each)) for each in (images, train[candidates]))
    likely = known[likest]
    for crop in CROPS:
        if crop[0] * min(images.shape[1:3]) < SIDE:
            continue
        alike = _correlations(_directions(own, *crop), likely)
        alike = np.maximum(alike, _correlations(cells, _directions(others, *crop)[place]))
        most = alike.argmax(1)
        better = alike[rows, most] > best
        nearest[better], best[better] = likest[rows, most][better], alike[rows, most][better]
    return best > CROPPED, nearest


def _small(images: np.ndarray) -> np.ndarray:
    """Images of at most ``SMALL`` pixels a side."""
    if min(images.shape[1:3]) <= SMALL:
        return images
    return _in_steps(images, lambda part: _averages(_grey(part), SMALL), SMALL)[..., None]


def _likest(cells: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ``LIKEST`` training images that each image or its mirror correlates with most, and these correlations."""
    n = len(cells)
    both = np.concatenate([cells, cells[:, :, ::-1]]).reshape(2 * n, -1)
    likest, values = np.zeros((n, 0), int), np.zeros((n, 0), np.float32)
    for start in range(0, len(train), STEP):
        products = both @ train[start : start + STEP].reshape(-1, both.shape[1]).T
        products = np.maximum(products[:n], products[n:])
        here = np.argpartition(-products, min(LIKEST, products.shape[1]) - 1, 1)[:, :LIKEST]
        here.sort(1)  # of equals the first
        likest = np.concatenate([likest, here + start], 1)
        values = np.concatenate([values, np.take_along_axis(products, here, 1)], 1)
    order = np.argsort(-values, 1, kind="stable")[:, :LIKEST]
    return np.take_along_axis(likest, order, 1), np.take_along_axis(values, order, 1)


def _correlations(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Correlations (n, k) of block means (n, 16, 16), or their mirrors, with (n, k, 16, 16)."""
    others = others.reshape(*others.shape[:2], -1)
    both = (each.reshape(len(cells), -1, 1) for each in (cells, cells[:, :, ::-1]))
    return np.maximum(*(others @ each for each in both))[..., 0]
