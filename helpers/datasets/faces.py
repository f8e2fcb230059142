"""The built-in data set: drawn grey faces with seven expressions, an exact partition into regions, and ``redraw``.

Always the same bytes: every image has a random stream of its own, so that its id is enough to draw it
again, as it was or with one region of the face at rest.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from helpers.datasets.base import Dataset, Split
from helpers.datasets.faces_canvas import REGIONS
from helpers.datasets.faces_drawing import render
from helpers.datasets.faces_parameters import CLASSES, COUNTS, MOVING, SEED, SPLITS, parameters
from helpers.errors import UserError


def draw(
    train: Sequence[int] = COUNTS["train"],
    validation: Sequence[int] = COUNTS["validation"],
    test: Sequence[int] = COUNTS["test"],
) -> Dataset:
    """Draw the data set.

    Args:
        train, validation, test: images of each class; by default 8,000, 1,000 and 1,000 in all. Disgust is rare in
            train.

    Returns:
        a Dataset of uint8 (n, 48, 48, 1) images with classes ``CLASSES`` and regions ``REGIONS``.
    """
    counts = zip(SPLITS, (train, validation, test), strict=True)
    splits = {name: _draw_split(name, of_class) for name, of_class in counts}
    digest = hashlib.sha256()
    for split in splits.values():
        for part in (split.images, split.labels, "\n".join(split.ids).encode()):
            digest.update(part)
    disgust = train[CLASSES.index("disgust")]
    notes = (
        "The faces are drawn by this workbook, not photographed; each comes with an exact map of its regions.",
        "Disgust is drawn to look like anger, and fear and surprise like each other, on purpose: that they are "
        "confused tests the method and is no discovery.",
        f"Disgust is rare in the training split on purpose, as in FER2013: {disgust:,} of {sum(train):,} pictures.",
    )
    return Dataset(
        "faces", "Drawn faces", CLASSES, REGIONS, **splits, notes=notes, checksum=digest.hexdigest()
    )


def redraw(ids, neutral: str | None = None) -> np.ndarray:
    """Draw faces again: the same person, pose, light, occluder and noise, one region returned to rest.

    Args:
        ids: str (n,), as in ``Split.ids`` (``faces/train/happy/00017``).
        neutral: "brows", "eyes", "nose", "mouth", "face" (cheeks, folds, forehead, jaw), or None: the face as it was.

    Returns:
        uint8 (n, 48, 48, 1); with ``neutral=None`` the very bytes of the data set.

    Raises:
        UserError: an id that is none of this data set's, or a region that has no expression.
    """
    if neutral is not None and neutral not in MOVING:
        why = f"`{neutral}` has no expression to take away"
        raise UserError(f"faces: {why}: choose one of {', '.join(MOVING)}")
    split, index, labels = np.array([_parse(id_) for id_ in ids], int).reshape(-1, 3).T
    return render(*parameters(split, index, labels, neutral))[0]


def _draw_split(name: str, counts: Sequence[int]) -> Split:
    """One split; which of its images shows what is shuffled, each image's own stream is not."""
    number, size = SPLITS.index(name), sum(counts)
    labels = np.repeat(np.arange(len(CLASSES)), counts)
    np.random.default_rng([SEED, number, size]).shuffle(labels)
    images, regions = render(*parameters(np.full(size, number), np.arange(size), labels))
    ids = [f"faces/{name}/{CLASSES[label]}/{place:05d}" for place, label in enumerate(labels)]
    split = Split(images, labels.astype(np.int64), np.array(ids), regions)
    if name == "train":
        return split
    none = np.zeros(size, bool)  # no face is drawn twice: each has its own noise, form and light
    return replace(split, in_train=none, near=none, nearest=np.full(size, -1))


def _parse(id_: str) -> tuple[int, int, int]:
    """(split's number, image's number, label) of an id."""
    try:
        source, split, label, index = str(id_).split("/")
        if source == "faces" and index.isdecimal():
            return SPLITS.index(split), int(index), CLASSES.index(label)
    except ValueError:
        pass
    why = f"`{id_}` is not the id of a drawn face"
    raise UserError(f"faces: {why}: take ids from the data set's splits")
