"""The stored notebooks keep the house rules."""

import ast
import json
import re

import pytest

from helpers import ROOT
from helpers.kinds import ANSWERS
from helpers.options import check_parameters

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
OF_THE_REPORT = [path for path in NOTEBOOKS if not path.stem.startswith("00")]


def cells(path, kind):
    return [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == kind]


def text(cell):
    return "".join(cell["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_keeps_the_house_rules(path):
    document = json.loads(path.read_text("utf-8"))
    assert document["metadata"]["kernelspec"]["name"] == "python3"
    code = cells(path, "code")
    assert all(not c["outputs"] and c["execution_count"] is None for c in code), "carries outputs"
    assert max(len(text(c).splitlines()) for c in code) <= 14
    for cell in code:  # uncompiled, TensorFlow crashes on a 1 x 1 convolution with strides
        by_pixels = re.search(r"GradientTape[^$]*(training=False|excitation\()", text(cell))
        assert not by_pixels or "@tf.function" in text(cell)
    ids = [c["id"] for c in document["cells"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", OF_THE_REPORT, ids=lambda p: p.stem)
def test_a_notebook_is_a_lesson(path):
    """Its question on top, the method by hand and held against the helpers, an answer at the end."""
    prose, code = cells(path, "markdown"), cells(path, "code")
    assert "**The question.**" in text(prose[0])
    assert len(prose) >= (len(prose) + len(code)) / 3
    assert any("by hand" in text(c).lower() for c in prose)
    assert any(re.search(r"^\s*assert ", text(c), re.MULTILINE) for c in code)
    told = [c for c in code if "explore" not in c["metadata"].get("tags", ())]
    assert text(told[-1]).rstrip().endswith("results.answer()")
    assert (ANSWERS / "en" / f"{path.stem}.md.j2").is_file()
    assert "needs" in json.loads(path.read_text("utf-8"))["metadata"]["workbook"]


@pytest.mark.parametrize("path", OF_THE_REPORT, ids=lambda p: p.stem)
def test_parameters_are_literals_that_a_run_takes(path):
    first = cells(path, "code")[0]
    assert "parameters" in first["metadata"]["tags"]
    given = {}
    for node in ast.parse(text(first)).body:
        given |= {target.id: ast.literal_eval(node.value) for target in node.targets}
    common = {"dataset", "data", "run", "seed", "quick", "size", "epochs"}
    assert common <= set(given)
    assert given.pop("dataset") is None, "00_start_here chooses it"
    check_parameters(**{name: given[name] for name in common - {"dataset"}})


@pytest.mark.parametrize("path", OF_THE_REPORT, ids=lambda p: p.stem)
def test_no_sentence_is_made_in_a_notebook(path):
    """What an answer says stands in its template: nothing that is recorded is a formatted text."""
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(re.sub(r"^%.*$", "", text(cell), flags=re.MULTILINE))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("record", "table"):
                formatted = [
                    n for n in ast.walk(node) if isinstance(n, ast.FormattedValue) and n.format_spec
                ]
                assert not formatted, text(cell)


@pytest.mark.parametrize("path", OF_THE_REPORT, ids=lambda p: p.stem)
def test_what_the_lab_shows_points_to_nothing_that_only_a_page_has(path):
    """Citations and labels of figures become links on a page; in a notebook they would stand there raw."""
    template = (ANSWERS / "en" / f"{path.stem}.md.j2").read_text("utf-8")
    shown = re.findall(
        r"{%-? *block (?:short|answer) *-?%}(.*?){%-? *endblock", template, re.DOTALL
    )
    assert shown and not re.search(r"\b(cite|ref|figure|table)\(", "".join(shown))
    assert not re.search(r"{(cite|ref):", "".join(map(text, cells(path, "markdown"))))
