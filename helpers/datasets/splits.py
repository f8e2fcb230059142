"""From what a reader found to a Dataset: the missing validation set, duplicates, oddities, checksum."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from helpers.datasets import duplicates
from helpers.datasets.base import Dataset, Split
from helpers.datasets.faults import failure, listing, printable
from helpers.datasets.source import Source
from helpers.datasets.words import WORDS

SEED = 0
"""Of the split into train and validation; the same for every run, so that runs can be compared."""
NO_VALIDATION = "The data set has no validation images of its own"


@dataclass
class Raw:
    """What a reader found: ``splits`` maps train, validation and test to a Split or None."""

    classes: tuple[str, ...]
    splits: dict[str, Split | None]
    title: str | None = None
    notes: list[str] = field(default_factory=list)


def finish(name: str, raw: Raw, source: Source) -> Dataset:
    """Check the classes, split validation off where there is none, find duplicates.

    Raises:
        DataError: with all faults that were noted in the source.
    """
    _check_classes(raw, source)
    source.faults.check()
    train, validation, test = (raw.splits.get(split) for split in ("train", "validation", "test"))
    notes = list(raw.notes)
    if validation is None:
        whole = len(train)
        train, validation = tenth(train)
        if not len(validation):
            raise failure(f"{source.path.name}: too few images for a validation set; add some")
        share = f"a stratified tenth of train, {len(validation):,} of {whole:,}, drawn once"
        notes.append(f"{NO_VALIDATION}: {share} with a fixed seed, is the validation set.")
    if test is None:
        notes.append("There is no test set.")
    elif not test.labelled:
        notes.append(f"{(test.labels < 0).sum():,} of the {len(test):,} test images have no label.")
    present = {"train": train, "validation": validation, "test": test}
    present = {split: found for split, found in present.items() if found is not None}
    marked, facts = duplicates.mark(present)
    source.faults.remark("files", sorted(source.members.keys() - {*source.images, *source.tables}))
    for text, names in source.faults.remarks.items():
        if names:
            first = printable(source.place(names[0]))
            notes.append(f"{text}: {len(names):,} (the first is {first}).")
    own = source.path.name if source.path.is_dir() else source.path.stem
    train, validation, test = map(marked.get, ("train", "validation", "test"))
    notes = (*notes, *_oddities(marked, raw.classes, facts))
    shown = name, raw.title or printable(own), raw.classes, ()
    return Dataset(*shown, train, validation, test, notes, checksum(marked), facts)


def _check_classes(raw: Raw, source: Source) -> None:
    """Note a train split that is missing, has an empty class, or has one class only."""
    train = raw.splits.get("train")
    if source.faults.count and (train is None or not source.images):
        return  # rows were left out, so that there is no telling
    if train is None:
        raise failure(f"{source.path.name}: no training images; add them")
    counts = np.bincount(train.labels, minlength=len(raw.classes))
    if (counts > 0).sum() < 2 and not source.faults.count:
        only = raw.classes[counts.argmax()]
        source.fault(f"train has images of one class only, {only}; add a second")
        return
    for name in np.array(raw.classes)[counts == 0]:
        source.fault(f"the class {name} has no training image; add some or remove the class")


def tenth(train: Split) -> tuple[Split, Split]:
    """Split a tenth of every class off, at least one image where there are two.

    Returns:
        (the rest, the tenth), each in the old order.
    """
    generator, chosen = np.random.default_rng(SEED), np.zeros(len(train), bool)
    for label in np.unique(train.labels):
        members = np.flatnonzero(train.labels == label)
        n = max(round(len(members) / 10), int(len(members) > 1))
        chosen[generator.permutation(members)[:n]] = True
    return train.take(~chosen), train.take(chosen)


def _oddities(splits: dict[str, Split], classes: tuple[str, ...], facts: dict) -> list[str]:
    """Sentences about duplicates, conflicts, constant images, and classes without images."""
    notes = [text.format_map(facts) for fact, text in WORDS["facts"].items() if facts[fact]]
    for name, split in splits.items():
        of = f"of the {len(split):,} {name} images"
        for fact, text in WORDS["facts_of_splits"].items():
            if count := facts.get(f"{name}{fact}"):
                notes.append(text.format(count, of))
        missing = set(range(len(classes))) - set(split.labels.tolist())
        if missing and split.labelled:
            listed = listing((classes[label] for label in missing), most=20)
            notes.append(f"The {name} set has no image of: {listed}.")
    return notes


def checksum(splits: dict[str, Split]) -> str:
    """SHA-256 over the splits' names, shapes, pixels, labels and ids."""
    digest = hashlib.sha256()
    for name, split in splits.items():
        digest.update(f"{name} {split.images.shape}".encode())
        digest.update(np.ascontiguousarray(split.images))
        digest.update(split.labels.astype("<i8"))
        digest.update("\n".join(split.ids.tolist()).encode())
    return digest.hexdigest()
