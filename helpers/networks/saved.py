"""Networks as files: the bytes of one, opening one, and its answers, which are kept."""

import io
import json
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np

from helpers import evaluation
from helpers.backend import keras, threads
from helpers.datasets.base import Dataset
from helpers.errors import UserError
from helpers.files import code_hash, sha256, without_dates, write_atomic
from helpers.networks.batch_norm import FusedBatchNormalization
from helpers.networks.training import has_bfloat16


def export(model: keras.Model) -> keras.Model:
    """A float32, uncompiled copy of stock layers, as it is saved, measured and explained."""

    def stock(layer):
        kind, told = type(layer), layer.get_config()
        if isinstance(layer, keras.Layer):
            told["dtype"] = "float32"
        if isinstance(layer, FusedBatchNormalization):
            kind = keras.layers.BatchNormalization
        return kind.from_config(told)

    copy = keras.models.clone_model(model, clone_function=stock, recursive=True)
    copy.set_weights(model.get_weights())
    return copy


def lowered(model: keras.Model) -> keras.Model:
    """A copy whose convolutions compute in bfloat16, where the machine is faster in it; else the network itself.

    On FER2013 maps of 28 images rank their pixels as in float32: a mean correlation of .9998 for LIME and SmoothGrad
    squared, .999 for occlusion and integrated gradients, .994 for the plain gradient.
    """
    if not has_bfloat16():
        return model

    def lower(layer):
        # What surrounds the convolutions stays as it is, as in training: it would only become slower.
        changed = {"dtype": "mixed_bfloat16"} if isinstance(layer, keras.layers.Conv2D) else {}
        return type(layer).from_config(layer.get_config() | changed)

    copy = keras.models.clone_model(model, clone_function=lower)
    copy.set_weights(model.get_weights())
    return copy


def content(model) -> bytes:
    """A Keras model as the bytes of a ``.keras`` file, without dates: the same network gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / "network.keras"
        model.save(temporary)
        return without_dates(temporary.read_bytes())


def opened(path: Path):
    """A saved Keras model, uncompiled, opened in Keras' safe mode.

    Raises:
        UserError: a file that Keras cannot or must not open.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as fault:
        reason = (str(fault).strip() or type(fault).__name__).splitlines()[0]
        raise UserError(
            f"models/{path.name} cannot be opened ({reason}): delete it and run its notebook again"
        ) from fault


def answers(path: Path, dataset: Dataset, folder: Path) -> np.ndarray:
    """Logits float32 (n, classes) of a saved model for the validation images, computed once.

    Args:
        path: the model.
        dataset: whose validation images.
        folder: keeps them, under a hash of the model's file, the data and what computes.

    Raises:
        UserError: see ``opened``.
    """
    backend = keras.backend.backend()
    parts = [sha256(path), dataset.checksum, code_hash(evaluation.__file__)]
    parts += [keras.__version__, backend, version(backend), threads()]
    kept = folder / f"logits_{sha256(json.dumps(parts).encode())}.npy"
    try:
        return np.load(kept, allow_pickle=False)
    except Exception:  # missing or damaged
        buffer = io.BytesIO()
        np.save(buffer, evaluation.predict(opened(path), dataset.validation.images))
        write_atomic(kept, buffer.getvalue())
    return np.load(kept, allow_pickle=False)
