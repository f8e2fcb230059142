"""Networks that come with the workbook: made by ``make train``, found again by what they learnt from and how.

``data/pretrained/<data set>/networks.json`` lists every training that is shipped, with its history, its key and the
SHA-256 of its file. A network of the list is taken in place of a training that differs from it in nothing but the seed.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import ROOT, models, networks, snapshots, training
from helpers.backend import keras
from helpers.datasets.base import Dataset, Split
from helpers.errors import UserError
from helpers.files import sha256, write_atomic
from helpers.recipes import Training, figures
from helpers.run import Run

FOLDER = ROOT / "data" / "pretrained"
LIST = "networks.json"
EPOCHS = "cnn_epochs.npz"
WEIGHT_BITS = 10  # of the mantissa that shipped weights keep: the file is half as large, the answers are the same
EPOCH_BITS = 7  # and those of notebook 09's epochs, which are only looked at


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
        return keras.saving.load_model(self.folder / self.entry["file"], compile=False, safe_mode=True)

    def logits(self, validation: Split) -> np.ndarray:
        """What a brief training's network says of the validation images, float32 (n, classes)."""
        with np.load(io.BytesIO(self.read()), allow_pickle=False) as file:
            kept = file["logits"]
        found = np.empty_like(kept)
        found[np.argsort(_digests(validation), kind="stable")] = kept
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
    """A training that can be shipped: key and seed, the network, float32 and uncompiled, and its history."""

    key: str
    seed: int
    model: keras.Model
    history: list[dict]


def find(run: Run, name: str, model: keras.Model, how: Training, count: int) -> Shipped | None:
    """The shipped training that is the same but for its seed, or None: then the network is to be trained.

    Args:
        model: freshly built; of its weights nothing is used.
        how: the recipe.
        count: how many of the training images are used.

    Raises:
        UserError: the list is damaged.
    """
    folder = FOLDER / run.name
    if run.retrain or not (folder / LIST).is_file():
        return None
    try:
        entry = json.loads((folder / LIST).read_text("utf-8")).get(name)
    except ValueError as fault:
        raise UserError(f"{LIST} of {folder.name} is damaged: take it from the release again") from fault
    if entry is None:
        return None
    found = Shipped(name, folder, entry)
    return found if entry["key"] == key(name, model, run.dataset, how, count, found.seed) else None


def key(name: str, model: keras.Model, dataset: Dataset, how: Training, count: int, seed: int) -> str:
    """What a training depends on, but for code and machine, as SHA-256: layers, recipe, seed and data set.

    Of the data the number of images a class counts, in training and validation, and not their order: JPEG copies and
    a table of pixels are one data set. Of a brief training only the answers are shipped, so there every pixel counts.
    """
    splits = (dataset.train, dataset.validation)
    counts = [np.bincount(split.labels, minlength=len(dataset.class_names)).tolist() for split in splits]
    parts = hashlib.sha256(json.dumps([figures(how), count, seed, models.layer_rows(model), counts]).encode())
    for split in splits if is_brief(name) else ():
        parts.update(np.sort(_digests(split)).tobytes())
    return parts.hexdigest()


def is_brief(name: str) -> bool:
    """Whether a training only compares: of such a one the answers are shipped, not the network."""
    return name.startswith("brief_")


def _digests(split: Split) -> np.ndarray:
    """A number an image and its label, uint64 (n,)."""
    found = (
        hashlib.blake2b(image.tobytes(), digest_size=8, salt=int(label).to_bytes(8, "little", signed=True)).digest()
        for image, label in zip(split.images, split.labels, strict=True)
    )
    return np.frombuffer(b"".join(found), "<u8")


# --- making them ---


def rounded(array: np.ndarray, bits: int) -> np.ndarray:
    """Float32 numbers with so many bits of the mantissa, the nearest ones."""
    whole = np.ascontiguousarray(array, "float32").view("uint32")
    step = np.uint32(1 << (23 - bits))
    return ((whole + step // 2) & ~(step - np.uint32(1))).view("float32")


def write_network(path: Path, model: keras.Model) -> None:
    """Save a float32, uncompiled copy with rounded weights; the same network gives the same bytes."""
    copy = training.export(model)
    copy.set_weights([rounded(array, WEIGHT_BITS) for array in copy.get_weights()])
    write_atomic(path, _deflated(networks.content(copy)))


def write_logits(path: Path, validation: Split, logits: np.ndarray) -> None:
    """Keep a brief training's validation logits, in an order that does not depend on the data set's."""
    kept = rounded(logits[np.argsort(_digests(validation), kind="stable")], WEIGHT_BITS)
    buffer = io.BytesIO()
    np.savez(buffer, logits=kept)
    write_atomic(path, _deflated(buffer.getvalue()))


def write_epochs(path: Path, weights: dict[int, list[np.ndarray]], best: int) -> None:
    """Keep the weights at some epochs, rounded."""
    kept = {epoch: [rounded(array, EPOCH_BITS) for array in arrays] for epoch, arrays in weights.items()}
    snapshots.write(path, kept, best)
    write_atomic(path, _deflated(path.read_bytes()))


def _deflated(archive: bytes) -> bytes:
    """A zip with its parts compressed, and without dates."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED, 9)
    return result.getvalue()
