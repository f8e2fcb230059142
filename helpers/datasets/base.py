"""What a data set is: three splits of raw pixels, their labels, and where each image came from."""

from dataclasses import dataclass, field

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
    """

    images: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    regions: np.ndarray | None = None
    in_train: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def labelled(self) -> bool:
        """Whether every image has a label."""
        return bool((self.labels >= 0).all())

    def take(self, indices: np.ndarray) -> "Split":
        """The images at these indices (int or bool array), as a Split."""
        return Split(
            self.images[indices],
            self.labels[indices],
            self.ids[indices],
            None if self.regions is None else self.regions[indices],
            None if self.in_train is None else self.in_train[indices],
        )


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
        facts: counts by name, for tables: ``duplicates_across``, ``duplicate_groups``,
            ``label_conflicts``, ``constant_images`` and the like.
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
