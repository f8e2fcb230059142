"""Copies across splits: exact ones, pixel by pixel, and near ones, the same picture in other pixels."""

import hashlib
from collections import defaultdict
from dataclasses import replace

import numpy as np

from helpers.datasets.base import Split

SIDE = 16
"""Blocks a side that an image is averaged to; of smaller images nothing is compared, as 8x8 digits of
one class are nearly all alike."""
THRESHOLD = 0.94
"""Correlation of block means above which two images count as one picture. Pairs looked at by eye: on
FER2013 33 of 36 between .94 and .95 were the same photo, about 21 of 35 between .93 and .94."""
CONTRAST = 2.0
"""Grey levels, the least standard deviation of block means: below it noise would be compared."""
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
    train, cells = splits["train"], block_means(splits["train"].images)
    for name in [name for name in splits if name != "train"]:
        exact = np.array([digest in known for digest in digests[name]], bool)
        near, nearest = find_near(splits[name].images, cells)
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
    height, width = images.shape[1:3]
    cells = np.zeros((len(images), SIDE, SIDE), np.float32)
    if min(height, width) < SIDE:
        return cells
    rows, columns = (np.linspace(0, n, SIDE + 1).round().astype(int) for n in (height, width))
    area = np.outer(np.diff(rows), np.diff(columns)).astype(np.float32)
    step = max(1, (1 << 24) // (height * width))
    for start in range(0, len(images), step):
        grey = images[start : start + step].mean(-1, dtype=np.float32)
        sums = np.add.reduceat(np.add.reduceat(grey, rows[:-1], 1), columns[:-1], 2)
        cells[start : start + step] = sums / area
    cells -= cells.mean((1, 2), keepdims=True)
    length = np.sqrt((cells**2).sum((1, 2), keepdims=True))
    flat = length < CONTRAST * SIDE
    return np.where(flat, 0, cells / np.maximum(length, 1e-6))


def find_near(images: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The training image, or its mirror, that each image correlates with most.

    Args:
        images: uint8 (n, height, width, channels).
        train: ``block_means`` of the training images.

    Returns:
        near: bool (n,), whether they are one picture: correlation of THRESHOLD or more.
        nearest: int64 (n,), the training image's index; -1 where nothing can be compared.
    """
    cells, n = block_means(images), len(images)
    both = np.concatenate([cells, cells[:, :, ::-1]]).reshape(2 * n, -1)
    best, nearest = np.zeros(n, np.float32), np.full(n, -1)
    for start in range(0, len(train), STEP):
        products = both @ train[start : start + STEP].reshape(-1, both.shape[1]).T
        products = np.maximum(products[:n], products[n:])
        most = products.argmax(1)
        value = products[np.arange(n), most]
        nearest[value > best] = start + most[value > best]
        best = np.maximum(best, value)
    return best >= THRESHOLD, nearest
