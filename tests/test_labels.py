"""References of report.toml to figures and tables: a wrong one is told in one line, before a run if it can be."""

import json
import re

import pytest
from test_author import Executor
from workbooks import write_notebook, write_photos

import helpers.report
from helpers import ROOT
from helpers.errors import UserError
from helpers.files import write_json
from helpers.report import labels, pdf
from helpers.report.knobs import parse
from helpers.report.schedule import read_notebooks

CODE = [
    'run.show(figure, caption="c", alt="a", label="cnn-history")',
    'for name in ("one", "two"):\n    run.table([], [], caption="c", label=f"{name}-layers")',
    'for label in ("examples", "more-examples"):\n    run.show(figure, caption="c", alt="a", label=label)',
]


@pytest.fixture
def workbook(tmp_path):
    write_notebook(tmp_path / "notebooks", "01_a", CODE)
    return read_notebooks(tmp_path / "notebooks")


def about(text: str) -> dict:
    return {"question": {"1": {"text": text}}}


def show(folder, name: str, *shown: str) -> None:
    outputs = [{"metadata": {"workbook": {"kind": "figure", "label": label}}} for label in shown]
    write_json(folder / "notebooks" / f"{name}.ipynb", {"cells": [{"outputs": outputs}]})


@pytest.mark.parametrize("label", ["cnn-history", "one-layers", "examples", "more-examples"])
def test_what_the_code_may_show_is_no_fault_before_a_run(label, workbook, tmp_path):
    labels.check(about(f"See {{ref:{label}}}."), workbook, tmp_path)


@pytest.mark.parametrize(
    ("label", "nearest"), [("cnn-histroy", "cnn-history"), ("layers", "examples"), ("example", "examples")]
)
def test_what_no_code_shows_is_told_before_a_run(label, nearest, workbook, tmp_path):
    said = f'report.toml: question.1.text refers to "{label}", but no figure or table is: the nearest label is "'
    with pytest.raises(UserError, match=re.escape(said)) as told:
        labels.check(about(f"See {{ref:{label}}}."), workbook, tmp_path)
    assert "\n" not in str(told.value)
    if label != "layers":
        assert str(told.value).endswith(f'"{nearest}"')


def test_after_a_run_only_what_it_showed_counts(workbook, tmp_path):
    show(tmp_path, "01_a", "cnn-history", "one-layers")
    ran = frozenset(workbook)
    labels.check(about("{ref:one-layers}"), workbook, tmp_path, ran=ran)
    with pytest.raises(UserError, match=r'refers to "six-layers".*nearest label is "one-layers"'):
        labels.check(about("{ref:six-layers}"), workbook, tmp_path, ran=ran)
    labels.check(about("{ref:six-layers}"), workbook, tmp_path)  # a run may still show it
    labels.check(about("no reference, \\\\{ref:x} neither"), workbook, tmp_path, ran=ran)


def test_a_wrong_label_runs_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(helpers.report, "Executor", Executor)
    monkeypatch.setattr(pdf, "available", lambda: False)
    monkeypatch.setattr(Executor, "ran", [])
    photos = write_photos(tmp_path / "photos")
    write_notebook(tmp_path / "notebooks", "01_a", CODE)
    places = {"notebooks": tmp_path / "notebooks", "reports": tmp_path / "reports", "say": lambda line: None}
    knobs = parse(["DATASET=image_folder", f"DATA={photos}", "RUN=toy"])
    with pytest.raises(UserError, match="the nearest label"):
        helpers.report.report(knobs, about=about("{ref:histori}"), **places)
    assert Executor.ran == []
    assert not (tmp_path / "reports").exists()
    # The code might have shown this one; the toy executor runs no code, so it did not.
    with pytest.raises(UserError, match='refers to "six-layers"'):
        helpers.report.report(knobs, about=about("{ref:six-layers}"), **places)
    assert Executor.ran == ["01_a"]
    assert not [*(tmp_path / "reports" / "toy").glob("report.*"), *(tmp_path / "reports" / "toy").glob("manifest*")]
    assert helpers.report.report(knobs, about=about("No reference."), **places) == 0
    assert Executor.ran == ["01_a"]  # the mended file makes the pages, and runs nothing again


def test_only_notebooks_show_figures():
    """What helpers showed would be unknown before a run, and taken for a typing error."""
    for path in (ROOT / "helpers").rglob("*.py"):
        assert not re.search(r"\brun\.(show|table)\(", path.read_text("utf-8")), path


def test_the_stored_notebooks_labels_are_known():
    books = read_notebooks(ROOT / "notebooks")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for label in re.findall(r'label=\\"([a-z-]+)\\"', json.dumps(json.loads(path.read_text("utf-8")))):
            labels.check(about(f"{{ref:{label}}}"), books, ROOT / "nowhere")
