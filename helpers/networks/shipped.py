"""Networks that come with the workbook, found again by what they learnt from and how.

``data/pretrained/<data set>/networks.json`` lists every training that is shipped, with its history, its key and the
SHA-256 of its file. A network of the list is taken in place of a training that differs from it in nothing but the seed.
``tools.ship`` writes them.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import ROOT
from helpers.backend import keras, layers
from helpers.datasets.base import Dataset, Split
from helpers.errors import UserError
from helpers.files import sha256
from helpers.networks import saved, snapshots
from helpers.networks.recipes import Training, hyperparameters

FOLDER = ROOT / "data" / "pretrained"
LIST = "networks.json"
EPOCHS = "cnn_epochs.npz"


@dataclass(frozen=True)
class Shipped:
    """A training that is shipped.

    Attributes:
        name: as the run's files call it (``cnn``, ``brief_dnn``).
        folder: where its files are.
        entry: of the list: ``key``, ``file``, ``sha256``, ``history``, and ``origin``: seed, date, commit, machine.
    """

    name: str
    folder: Path
    entry: dict

    @property
    def history(self) -> list[dict]:
        return self.entry["history"]

    @property
    def seed(self) -> int:
        return self.entry["origin"]["seed"]

    def network(self) -> keras.Model:
        """The network, float32 and uncompiled.

        Raises:
            UserError: the file is damaged.
        """
        self.read()
        return saved.opened(self.folder / self.entry["file"])

    def logits(self, validation: Split) -> np.ndarray:
        """What a brief training's network says of the validation images, float32 (n, classes)."""
        with np.load(io.BytesIO(self.read()), allow_pickle=False) as file:
            kept = file["logits"]
        found = np.empty_like(kept)
        found[np.argsort(digests(validation), kind="stable")] = kept
        return found

    def epochs(self) -> tuple[dict[int, list[np.ndarray]], int]:
        """The weights at some epochs, without the random start, and the best epoch."""
        self.read(EPOCHS, self.entry["epochs"])
        return snapshots.read(self.folder / EPOCHS)

    def read(self, file: str | None = None, digest: str | None = None) -> bytes:
        """A file's content, checked.

        Raises:
            UserError: the file is missing or not the one that was shipped.
        """
        path = self.folder / (file or self.entry["file"])
        where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name
        content = path.read_bytes() if path.is_file() else b""
        if sha256(content) != (digest or self.entry["sha256"]):
            raise UserError(
                f"{where} is {'damaged' if content else 'missing'}: take it from the release again (git checkout "
                f"{where}), or say RETRAIN=1 to train afresh"
            )
        return content


@dataclass(frozen=True)
class Trained:
    """A training that can be shipped: key and seed, the network, float32 and uncompiled, its history."""

    key: str
    seed: int
    model: keras.Model
    history: list[dict]


def find(
    dataset: Dataset, name: str, model: keras.Model, how: Training, count: int
) -> Shipped | None:
    """The shipped training that is the same but for its seed, or None: then the network is to be trained.

    Args:
        dataset: what it is trained on.
        name: as the list calls it.
        model: freshly built; of its weights nothing is used.
        how: the recipe.
        count: how many of the training images are used.

    Raises:
        UserError: the list is damaged, or the file of a network. A damaged file of answers is named and not used:
            they are made anew in minutes.
    """
    folder = FOLDER / dataset.name
    entry = listed(folder).get(name)
    if entry is None:
        return None
    found = Shipped(name, folder, entry)
    if entry["key"] != key(name, model, dataset, how, count, found.seed):
        return None
    try:
        found.read()
    except UserError as fault:
        if not is_brief(name):
            raise
        print(f"{fault}; {name} is trained here instead", flush=True)
        return None
    return found


def listed(folder: Path) -> dict:
    """The list of what is shipped in a folder, by name; empty without one.

    Raises:
        UserError: it is damaged.
    """
    if not (folder / LIST).is_file():
        return {}
    try:
        return json.loads((folder / LIST).read_text("utf-8"))
    except ValueError as fault:
        said = f"{LIST} of {folder.name} is damaged: take it from the release again"
        raise UserError(said) from fault


# --- the key: frozen, and guarded by a test. Networks of hours are found by it ---


def key(
    name: str, model: keras.Model, dataset: Dataset, how: Training, count: int, seed: int
) -> str:
    """What a training depends on, but for code and machine, as SHA-256: layers, recipe, seed and data set.

    Of the data the number of images a class counts, in training and validation, and not their order: JPEG copies and
    a table of pixels are one data set. Of a brief training only the answers are shipped, so there every pixel counts.
    """
    splits = (dataset.train, dataset.validation)
    classes = len(dataset.class_names)
    counts = [np.bincount(split.labels, minlength=classes).tolist() for split in splits]
    parts = hashlib.sha256(described(model, how, count, seed, counts).encode())
    for split in splits if is_brief(name) else ():
        parts.update(np.sort(digests(split)).tobytes())
    return parts.hexdigest()


def described(
    model: keras.Model, how: Training, count: int, seed: int, counts: list[list[int]]
) -> str:
    """The part of the key that is JSON: recipe, images, seed, layers, images a class."""
    recipe = hyperparameters(how)
    finish = recipe.pop("finish", None)
    recipe["patience"] = None  # a hyperparameter that is gone
    if finish:
        recipe["finish"] = finish | {"patience": None}
    return json.dumps([recipe, count, seed, _layers(model), counts])


def _layers(model: keras.Model) -> list[list]:
    """Name, kind, output shape and parameters of every layer but the input; our own kinds keep their names too."""
    return [
        [each.name, type(each).__name__, " × ".join(map(str, each.output.shape[1:])), each.count_params()]
        for each in model.layers
        if not isinstance(each, layers.InputLayer)
    ]  # fmt: skip


def is_brief(name: str) -> bool:
    """Whether a training only compares: of such a one the answers are shipped, not the network."""
    return name.startswith("brief_")


def digests(split: Split) -> np.ndarray:
    """A number an image and its label, uint64 (n,)."""
    salts = [int(label).to_bytes(8, "little", signed=True) for label in split.labels]
    found = (
        hashlib.blake2b(image.tobytes(), digest_size=8, salt=salt).digest()
        for image, salt in zip(split.images, salts, strict=True)
    )
    return np.frombuffer(b"".join(found), "<u8")
