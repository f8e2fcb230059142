"""What a notebook's results depend on: its code, and the code it imports; not comments, nor words."""

import pytest

from helpers import ROOT
from helpers.report.keys import Code, reasons
from helpers.report.schedule import read_notebooks

FILES = {
    "__init__.py": '"""The package."""\n',
    "figures/__init__.py": "",
    "figures/maps.py": "from helpers.figures import base\n\ndef draw():\n    return base.WIDTH\n",
    "figures/base.py": "WIDTH = 3\n",
    "figures/filters.py": "HEIGHT = 4\n",
    "run.py": "def f():\n    from helpers import wording\n    from .report import manifest\n    from . import late\n",
    "late.py": "import helpers.figures.base\n",
    "wording.py": "",
    "report/__init__.py": "",
    "report/manifest.py": "from helpers.figures import filters\n",
}
CELLS = [
    "import numpy\n%matplotlib inline\nfrom helpers.figures import maps",
    "def f():\n    from helpers import run",
]


def cell(source, kind="code", *tags):
    return {"cell_type": kind, "source": source, "metadata": {"tags": [*tags]}}


def modules(checkout, *sources):
    return Code(checkout).key([cell(source) for source in sources])["modules"]


@pytest.fixture
def checkout(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "helpers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def edit(checkout, name, old, new):
    path = checkout / "helpers" / name
    path.write_text(path.read_text().replace(old, new))


def test_modules_are_found_wherever_they_are_imported(checkout):
    names = {"__init__", "figures/__init__", "figures/maps", "figures/base", "run", "late"}
    assert set(modules(checkout, *CELLS)) == {f"helpers/{name}.py" for name in names}
    assert "helpers/figures/filters.py" in modules(checkout, "m = 'helpers.figures.filters'")
    assert modules(checkout, "this is no Python") == {}


def test_an_edit_counts_where_it_is_imported_and_a_comment_nowhere(checkout, tmp_path):
    kept = tmp_path / "kept.json"

    def changed() -> list[str]:
        code = Code(checkout, kept)
        found = code.key([*map(cell, CELLS)])
        code.kept.write()
        return reasons(before, found)

    before = Code(checkout).key([*map(cell, CELLS)])
    assert changed() == []
    edit(checkout, "figures/maps.py", "def draw():", '# why\ndef draw():\n    """Draws."""')
    edit(checkout, "__init__.py", "package", "house")
    edit(checkout, "figures/filters.py", "4", "5")
    edit(checkout, "report/manifest.py", "figures", "figures  #")
    assert changed() == []
    edit(checkout, "figures/base.py", "3", "6")
    assert changed() == ["helpers/figures/base.py changed"]
    edit(checkout, "late.py", "figures.base", "figures.filters")
    names = [f"helpers/{name}.py" for name in ("figures/base", "figures/filters", "late")]
    assert changed() == [f"{', '.join(names)} changed"]


def test_cells_count_as_code_and_prose_not_at_all():
    def cells_hash(*cells):
        return Code().key(list(cells))["cells"]

    magic = cell("%time f( 2 )")
    plain = cells_hash(cell("x = 1  # one"), magic)
    assert plain == cells_hash(cell("# Words.", "markdown"), cell("x=1"), magic)
    assert plain != cells_hash(cell("x = 2"), magic)
    assert plain != cells_hash(cell("x = 1"), cell("%time f( 3 )"))
    assert plain != cells_hash(cell("x = 1", "code", "parameters"), magic)


def test_reasons_name_a_few_modules_and_what_was_or_is_unset():
    modules = {f"helpers/{n}.py": "1" for n in "abcdef"}
    old = {"modules": modules, "parameters": {"RETRAIN": "0"}}
    new = {"modules": dict.fromkeys(modules, "2") | {"helpers/f.py": "1"}}
    new["parameters"] = {"EPOCHS": "3", "SIZE": None}
    assert reasons(old, new) == [
        "helpers/a.py, helpers/b.py, helpers/c.py and 2 more changed",
        "EPOCHS changed from unset to 3",
        "RETRAIN changed from 0 to unset",
    ]


def test_no_notebook_of_the_workbook_hangs_on_words_or_pages():
    code = Code()
    words = ("helpers/report", "helpers/wording", "helpers/answers")
    for notebook in read_notebooks(ROOT / "notebooks").values():
        found = code.key(notebook.cells)["modules"]
        assert "helpers/run.py" in found
        assert not [name for name in found if name.startswith(words)]
