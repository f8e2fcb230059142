"""The training curves of an external model, from the files that Keras and pandas write."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import UserError

GAPS = ("", "nan", "none", "null")
COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")
REMEDY = "write it with keras.callbacks.CSVLogger"
OTHER_NAMES = {
    f"{start}{name}": f"{start}accuracy"
    for start in ("", "val_")
    for name in ("acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy")
}


def read(path: Path) -> list[dict]:
    """The curves of a training: ``CSVLogger``'s table, ``History.history`` as JSON, or either by pandas.

    Of a log that several trainings were appended to, the last one.

    Returns:
        one row an epoch: epoch from 1, loss, accuracy, val_loss, val_accuracy; accuracies 0..1. None is a
        gap: the value was no number, or nothing was validated.

    Raises:
        UserError: no such file, no curve in it, or a value that cannot be.
    """
    name = path.name
    if not path.is_file():
        raise UserError(
            f"{name} is not there: HISTORY is the path of a .csv or .json file, from the repository or from /"
        )
    try:
        text = path.read_text("utf-8-sig")
        table = _json(text) if path.suffix.lower() == ".json" else _csv(text)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise UserError(f"{name} is no table of curves: {REMEDY}") from fault
    table = table.rename(columns=lambda key: OTHER_NAMES.get(str(key).strip(), str(key).strip()))
    for key in ("loss", "accuracy"):
        if key not in table:
            raise UserError(
                f"{name} has no column {key}: it needs {', '.join(COLUMNS[:2])}; {REMEDY}"
            )
    if not len(table):
        raise UserError(f"{name} has no epoch: {REMEDY}")
    table = table.loc[:, ~table.columns.duplicated()].reindex(columns=COLUMNS)
    numbers = {key: _numbers(table[key], key, name) for key in COLUMNS}
    rows = zip(*numbers.values(), strict=True)
    return [{"epoch": i, **dict(zip(COLUMNS, row, strict=True))} for i, row in enumerate(rows, 1)]


def _csv(text: str) -> pd.DataFrame:
    header = text.split("\n", 1)[0].rstrip("\r")
    table = pd.read_csv(
        io.StringIO(text), sep=max(",;\t", key=header.count), dtype=str, skipinitialspace=True
    )
    # An appended log: the last header, or the last time that the epochs begin again.
    again = np.flatnonzero((table == table.columns).all(axis=1)) + 1
    table = table[again[-1] if len(again) else 0 :]
    if "epoch" in table and len(table):
        begun = np.flatnonzero(pd.to_numeric(table["epoch"], errors="coerce").diff() <= 0)
        table = table[begun[-1] if len(begun) else 0 :]
    return table


def _json(text: str) -> pd.DataFrame:
    """Rows, columns, or one of pandas' orientations: split, index, columns."""
    found = json.loads(text)
    if isinstance(found, list):
        return pd.DataFrame([dict(row) for row in found])
    if {"columns", "data"} <= found.keys():
        return pd.DataFrame(found["data"], columns=found["columns"])
    table = pd.DataFrame(found)
    if all(str(column).isdecimal() for column in table):
        table = table.T
    return table.sort_index(key=lambda index: index.astype(int))


def _numbers(column: pd.Series, key: str, name: str) -> list[float | None]:
    """One number an epoch; None where there is none."""
    numbers, share = pd.to_numeric(column, errors="coerce"), key.endswith("accuracy")
    gap = column.isna() | column.astype(str).str.strip().str.lower().isin(GAPS) | np.isinf(numbers)
    wrong = ~gap & (numbers.isna() | (share & ~numbers.between(0, 1)))
    if wrong.any():
        at = int(np.argmax(wrong))
        needed = "a share from 0 to 1" if share else "a number"
        raise UserError(
            f"{name}, epoch {at + 1}: {key} is {column.iloc[at]!r}, not {needed}; mend that row"
        )
    return [None if empty else float(x) for x, empty in zip(numbers, gap, strict=True)]
