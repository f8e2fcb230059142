"""The training curves of a network trained elsewhere, from the files that Keras writes."""

import csv
import json
import math
from pathlib import Path

from helpers.errors import UserError

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")
OTHER_NAMES = {
    f"{start}{name}": f"{start}accuracy"
    for start in ("", "val_")
    for name in ("acc", "categorical_accuracy", "sparse_categorical_accuracy")
}


def read(path: Path) -> list[dict]:
    """The curves of a training that Keras logged: ``CSVLogger``'s table, or ``History.history`` as JSON.

    Returns:
        one row an epoch: epoch from 1, loss, accuracy, val_loss, val_accuracy; accuracies 0..1.

    Raises:
        UserError: no such file, a column that is missing, or a value that cannot be.
    """
    name = path.name
    if not path.is_file():
        raise UserError(
            f"{name} is not there: HISTORY is the path of a .csv or .json file, from the repository or from /"
        )
    try:
        text = path.read_text("utf-8-sig")
        rows = _json_rows(text) if path.suffix.lower() == ".json" else _csv_rows(text)
    except (ValueError, TypeError, AttributeError, csv.Error) as fault:
        raise UserError(f"{name} is no table of curves: write it with keras.callbacks.CSVLogger") from fault
    if not rows:
        raise UserError(f"{name} has no epoch: write it with keras.callbacks.CSVLogger")
    history = []
    for epoch, row in enumerate(rows, 1):
        named = {str(key).strip(): value for key, value in row.items()}
        named = {OTHER_NAMES.get(key, key): value for key, value in named.items()}
        if missing := [key for key in COLUMNS if key not in named]:
            raise UserError(f"{name} has no column {missing[0]}: it needs {', '.join(COLUMNS)}")
        history.append({"epoch": epoch, **{key: _number(named[key], key, name, epoch) for key in COLUMNS}})
    return history


def _csv_rows(text: str) -> list[dict]:
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    return list(csv.DictReader(text.splitlines(), delimiter=separator))


def _json_rows(text: str) -> list[dict]:
    found = json.loads(text)
    if isinstance(found, list):
        return [dict(row) for row in found]
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]


def _number(value, key: str, name: str, epoch: int) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or (key.endswith("accuracy") and not 0 <= number <= 1):
        needed = "a share from 0 to 1" if key.endswith("accuracy") else "a number"
        raise UserError(f"{name}, epoch {epoch}: {key} is {value!r}, not {needed}; mend that row")
    return number
