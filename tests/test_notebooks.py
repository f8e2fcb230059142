"""The stored notebooks keep the house rules."""

import ast
import inspect
import json
from pathlib import Path

import pytest

from helpers.run import Run

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def cells(path, kind):
    return [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_keeps_the_house_rules(path):
    document = json.loads(path.read_text("utf-8"))
    assert document["metadata"]["kernelspec"]["name"] == "python3"
    assert {"title", "question", "needs"} <= set(document["metadata"]["workbook"])
    code = cells(path, "code")
    assert all(not c["outputs"] and c["execution_count"] is None for c in code), "carries outputs"
    assert max(len("".join(c["source"]).splitlines()) for c in code) <= 12
    assert "parameters" in code[0]["metadata"]["tags"]
    # Computed sentences are prose as well, so that together about half of a notebook is.
    assert len(cells(path, "markdown")) >= len(document["cells"]) / 3
    ids = [c["id"] for c in document["cells"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_parameters_are_literals_that_a_run_takes(path):
    source = "".join(cells(path, "code")[0]["source"])
    names = {target.id for node in ast.parse(source).body for target in node.targets}
    for node in ast.parse(source).body:
        ast.literal_eval(node.value)
    assert {"dataset", "data", "run", "seed", "quick", "size", "epochs"} <= names
    assert {"data", "run", "seed", "quick", "size", "epochs"} <= set(
        inspect.signature(Run).parameters
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_number_is_typed_into_an_answer(path):
    """What an answer says is computed: no percentage stands in the prose or in a literal of the answer's cell."""
    for cell in cells(path, "code"):
        source = "".join(cell["source"])
        if "run.answer(" in source:
            literals = [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant)]
            assert not [
                text
                for text in literals
                if isinstance(text, str) and "%" in text and any(map(str.isdigit, text))
            ]
