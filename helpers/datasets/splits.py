"""From what a reader found to a Dataset: the missing validation set, duplicates, oddities, checksum."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np

from helpers.datasets.archive import Source
from helpers.datasets.base import Dataset, Split
from helpers.datasets.faults import printable

SEED = 0
"""Of the split into train and validation; the same for every run, so that runs can be compared."""


@dataclass
class Raw:
    """What a reader found: ``splits`` maps train, validation and test to a Split or None."""

    classes: tuple[str, ...]
    splits: dict[str, Split | None]
    title: str | None = None
    notes: list[str] = field(default_factory=list)


NO_VALIDATION = "The data set has no validation images of its own"


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
            source.faults.add(f"{source.path.name}: too few images to split a validation set off; add some")
            source.faults.check()
        notes.append(
            f"{NO_VALIDATION}: a stratified tenth of train, {len(validation):,} of "
            f"{whole:,}, drawn once with a fixed seed, is the validation set."
        )
    if test is None:
        notes.append("There is no test set.")
    elif not test.labelled:
        notes.append(f"{int((test.labels < 0).sum()):,} of the {len(test):,} test images have no label.")
    present = {"train": train, "validation": validation, "test": test}
    present = {split: found for split, found in present.items() if found is not None}
    marked, facts = _duplicates(present)
    others = sorted(source.members.keys() - {*source.images, *source.tables})
    if others:
        notes.append(
            f"Files left out because they are no images: {len(others):,} (the first is {source.place(others[0])})."
        )
    return Dataset(
        name=name,
        title=raw.title or printable(source.path.name if source.path.is_dir() else source.path.stem),
        class_names=raw.classes,
        region_names=(),
        train=marked["train"],
        validation=marked["validation"],
        test=marked.get("test"),
        notes=(*notes, *_oddities(marked, raw.classes, facts)),
        checksum=checksum(marked),
        facts=facts,
    )


def _check_classes(raw: Raw, source: Source) -> None:
    """Note a train split that is missing, has an empty class, or has one class only."""
    train, where = raw.splits.get("train"), source.path.name
    if source.faults.sentences and not source.images:
        return  # rows were left out, so that there is no telling
    if train is None:
        source.faults.add(f"{where}: no training images; add them")
        return
    counts = np.bincount(train.labels, minlength=len(raw.classes))
    if (counts > 0).sum() < 2 and not source.faults.sentences:
        source.faults.add(f"{where}: train has images of one class only, {raw.classes[counts.argmax()]}; add a second")
        return
    for name in np.array(raw.classes)[counts == 0]:
        source.faults.add(f"{where}: the class {name} has no training image; add some or remove the class")


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


def _duplicates(splits: dict[str, Split]) -> tuple[dict[str, Split], dict[str, int]]:
    """Mark validation and test images that also stand in train; count what is there twice."""
    groups, digests, constant = defaultdict(list), {}, 0
    for name, split in splits.items():
        digests[name] = [hashlib.sha256(image).digest() for image in split.images]
        constant += sum(int((image == image[0, 0]).all()) for image in split.images)
        for digest, label in zip(digests[name], split.labels.tolist(), strict=True):
            groups[digest].append((name, label))
    many = [group for group in groups.values() if len(group) > 1]
    facts = {
        "images": sum(map(len, splits.values())),
        "distinct_images": len(groups),
        "duplicate_groups": len(many),
        "duplicates_across": sum(len({name for name, _ in group}) > 1 for group in many),
        "label_conflicts": sum(len({label for _, label in group} - {-1}) > 1 for group in many),
        "constant_images": constant,
    }
    known, marked = set(digests["train"]), dict(splits)
    for name in [name for name in splits if name != "train"]:
        marked[name] = replace(splits[name], in_train=np.array([digest in known for digest in digests[name]]))
        facts[f"{name}_in_train"] = int(marked[name].in_train.sum())
    return marked, facts


def _oddities(splits: dict[str, Split], classes: tuple[str, ...], facts: dict[str, int]) -> list[str]:
    """Sentences about duplicates, conflicts, constant images, and classes without validation images."""
    notes = []
    if facts["duplicate_groups"]:
        notes.append(
            f"{facts['images']:,} images are {facts['distinct_images']:,} distinct ones; groups of identical "
            f"images: {facts['duplicate_groups']:,}, of which {facts['duplicates_across']:,} across splits."
        )
    for name in ("validation", "test"):
        if facts.get(f"{name}_in_train"):
            notes.append(
                f"{facts[f'{name}_in_train']:,} of the {len(splits[name]):,} {name} images also stand in train."
            )
    if facts["label_conflicts"]:
        notes.append(f"Groups of identical images that carry different labels: {facts['label_conflicts']:,}.")
    if facts["constant_images"]:
        notes.append(f"Images that show nothing, as all their pixels are equal: {facts['constant_images']:,}.")
    missing = sorted(set(range(len(classes))) - set(splits["validation"].labels.tolist()))
    if missing:
        notes.append(f"The validation set has no image of: {', '.join(classes[label] for label in missing)}.")
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
