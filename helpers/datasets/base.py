"""What a data set is: three splits of raw pixels, their labels, and where each image came from."""

from dataclasses import dataclass, field, fields

import numpy as np


@dataclass(frozen=True)
class Split:
    """Images of one split, raw and unnormalised.

    Attributes:
        images: uint8 (n, height, width, channels), 1 (grey) or 3 (RGB) channels, 0..255.
        labels: int64 (n,), an index of ``Dataset.class_names``; -1 where unlabelled.
        ids: str (n,), where each image came from, readable by a person
            (``train/happy/Training_10019449.jpg``, ``train.csv:17``).
        regions: uint8 (n, height, width), an index of ``Dataset.region_names`` per pixel, or None.
        in_train: bool (n,), True where the same pixels also stand in the training split, or None
            (always None for the training split itself).
        near: bool (n,), True where the training split holds the same picture in other pixels (see
            ``duplicates``); never together with ``in_train``; None where ``in_train`` is.
        nearest: int64 (n,), the index of the training image that resembles each most, -1 where
            nothing can be compared; None where ``in_train`` is.
    """

    images: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    regions: np.ndarray | None = None
    in_train: np.ndarray | None = None
    near: np.ndarray | None = None
    nearest: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def labelled(self) -> bool:
        """Whether every image has a label."""
        return bool((self.labels >= 0).all())

    @property
    def copies(self) -> np.ndarray:
        """Bool (n,), whether an image has an exact or near duplicate in train."""
        found = np.zeros(len(self), bool)
        for marks in (self.in_train, self.near):
            found |= False if marks is None else marks
        return found

    @property
    def clean(self) -> np.ndarray:
        """Int (m,), the indices of the images without an exact or near duplicate in train."""
        return np.flatnonzero(~self.copies)

    @property
    def new(self) -> np.ndarray:
        """Int (m,), the images to score and to choose from: the clean ones, or all where no two are clean."""
        return self.clean if len(self.clean) > 1 else np.arange(len(self))

    def take(self, indices: np.ndarray) -> "Split":
        """The images at these indices (int or bool array), as a Split."""
        parts = (getattr(self, one.name) for one in fields(self))
        return Split(*(None if part is None else part[indices] for part in parts))


@dataclass(frozen=True)
class Dataset:
    """A data set as the notebooks see it.

    Attributes:
        name: the short name, fit for a folder (``faces``, ``fer2013``, ``food11``, ``my_photos``).
        title: the name as the report prints it (``FER2013``).
        class_names: one name a label, label order.
        region_names: names of the regions in ``Split.regions``; empty without regions.
        train, validation: labelled splits.
        test: the untouched test split, labelled or not (labels -1), or None.
        notes: sentences on what was split off, counted or found odd, for the report.
        checksum: SHA-256 over pixels, labels and ids of all splits.
        facts: counts by name: ``images``, ``distinct_images``, ``duplicate_groups``,
            ``duplicates_across`` (splits), ``label_conflicts`` (groups of identical images),
            ``constant_images``; and for validation and test ``validation_in_train`` (exact),
            ``validation_near`` and ``validation_near_conflicts`` (other label than the nearest).
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    region_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split | None
    notes: tuple[str, ...] = ()
    checksum: str = ""
    facts: dict[str, int] = field(default_factory=dict)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every image."""
        return self.train.images.shape[1:]
