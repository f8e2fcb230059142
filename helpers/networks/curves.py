"""The training curves of an external model, from the files that Keras and pandas write."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import UserError

GAPS = ("", "nan", "none", "null")
COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")
REMEDY = (
    "write it with keras.callbacks.CSVLogger or pandas.DataFrame(history.history).to_csv('log.csv')"
)
SPELLINGS = (
    (r"\W+", "_"),
    (r"^train(ing)?_|_epoch$|(sparse_)?categorical_|binary_", ""),
    (r"^valid(ation)?_", "val_"),
    (r"acc$", "accuracy"),
)


def read(path: Path) -> list[dict]:
    """The curves of a training: ``CSVLogger``'s table, ``History.history`` as JSON, or either by pandas.

    Of a log that several trainings were appended to, the last one. Accuracies in percent become shares.

    Returns:
        one row an epoch: epoch from 1, loss, accuracy, val_loss, val_accuracy; accuracies 0..1. None is a
        gap: the value was no number, or nothing was validated.

    Raises:
        UserError: no such file, no curve in it, or a value that cannot be.
    """
    name = path.name
    if not path.is_file():
        raise UserError(f"{name} is not there: HISTORY is the path of a .csv or .json file")
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        table = _json(text) if path.suffix.lower() == ".json" else _csv(text)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise UserError(f"{name} is no table of curves: {REMEDY}") from fault
    table = _by_epoch(table.rename(columns=_usual))
    missing = [f"column {key}" for key in COLUMNS[:2] if key not in table]
    if missing or not len(table):
        raise UserError(f"{name} has no {(missing or ['epoch'])[0]}: {REMEDY}")
    table = table.reindex(columns=COLUMNS).map(_plain)
    shares = table[["accuracy", "val_accuracy"]].apply(pd.to_numeric, errors="coerce")
    if shares.median().min() > 1 and shares.max().max() <= 100:
        table[shares.columns] = shares / 100
    numbers = {key: _numbers(table[key], key, name) for key in COLUMNS}
    rows = zip(*numbers.values(), strict=True)
    return [{"epoch": i, **dict(zip(COLUMNS, row, strict=True))} for i, row in enumerate(rows, 1)]


def _usual(name) -> str:
    """A column by Keras' name, such as ``val_accuracy`` for ``Validation Acc``."""
    name = str(name).strip().lower()
    for pattern, usual in SPELLINGS:
        name = re.sub(pattern, usual, name)
    return name


def _by_epoch(table: pd.DataFrame) -> pd.DataFrame:
    """One row an epoch, from where the epochs begin again the last time."""
    table = table.loc[:, ~table.columns.duplicated()]
    told = table["epoch"] if "epoch" in table else pd.Series(dtype=float)
    epochs = pd.to_numeric(told, errors="coerce").dropna()  # a header in between is none
    if epochs.empty:
        return table
    training = (epochs.diff() < 0).cumsum()
    last = training.index[training == training.max()]
    return table.loc[last].groupby("epoch", sort=False).last()


def _plain(cell):
    """A cell without a percent sign, with a decimal point in place of a comma; None where it is empty."""
    cell = cell.strip().rstrip("%").replace(",", ".") if isinstance(cell, str) else cell
    return None if str(cell).lower() in GAPS else cell


def _csv(text: str) -> pd.DataFrame:
    header = text.split("\n", 1)[0].rstrip("\r")
    separator = max(",;\t", key=header.count)
    return pd.read_csv(io.StringIO(text), sep=separator, dtype=str, skipinitialspace=True)


def _json(text: str) -> pd.DataFrame:
    """Rows, columns, or one of pandas' orientations: split, index, columns."""
    found = json.loads(text)
    if isinstance(found, list):
        return pd.DataFrame([dict(row) for row in found])
    found = found.get("history", found)
    if {"columns", "data"} <= found.keys():
        return pd.DataFrame(found["data"], columns=found["columns"])
    table = pd.DataFrame(found)
    if all(str(column).isdecimal() for column in table):
        table = table.T
    return table.sort_index(key=lambda index: index.astype(int))


def _numbers(column: pd.Series, key: str, name: str) -> list[float | None]:
    """One number an epoch; None where there is none."""
    numbers, share = pd.to_numeric(column, errors="coerce"), key.endswith("accuracy")
    gap = column.isna() | np.isinf(numbers)
    wrong = ~gap & (numbers.isna() | (share & ~numbers.between(0, 1)))
    if wrong.any():
        at = int(np.argmax(wrong))
        needed = "a share from 0 to 1" if share else "a number"
        raise UserError(
            f"{name}, epoch {at + 1}: {key} is {column.iloc[at]!r}, not {needed}; mend that row"
        )
    return [None if empty else float(x) for x, empty in zip(numbers, gap, strict=True)]
