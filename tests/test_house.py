"""How the house is built: imports go down, no circles, no room too large, every word where it belongs."""

import ast
import graphlib
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.report.keys import imported
from tools.count_lines import by_folder

# Rooms from the cellar up: each may import from those below it, and from itself.
FLOORS = (
    ("helpers", "errors"),
    ("files", "stats", "backend", "fonts", "kinds"),
    ("command", "records", "places", "figures", "evaluation", "cluster"),
    ("datasets", "display"),
    ("options", "photo"),
    ("formats",),
    ("wording",),
    ("networks",),
    ("explain", "math_checks"),
    ("run",),
    ("experiments",),
    ("seeds",),
    ("report", "hw4"),
    ("desk", "lab"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted((ROOT / "helpers").rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def modules_of(path: Path, everywhere: bool = True) -> set[str]:
    """The modules of this package that a file imports; with ``everywhere`` also inside functions."""
    tree = ast.parse(path.read_text("utf-8"))
    if not everywhere:
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = imported(tree)
    return {name if name in MODULES else name.rpartition(".")[0] for name in names} & {*MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down(name):
    assert room(name) in FLOOR, f"{room(name)} has no floor: give it one in this test"
    if name.endswith("__main__"):  # a command stands outside
        return
    for other in modules_of(MODULES[name]):
        same = room(other) == room(name)
        assert same or FLOOR[room(other)] < FLOOR[room(name)], (
            f"{name} imports {other}, which is not below it"
        )


def test_there_is_no_circle_of_imports():
    graph = {name: modules_of(path, False) - {"helpers"} for name, path in MODULES.items()}
    graphlib.TopologicalSorter(graph).prepare()


def test_no_file_and_no_function_is_too_long():
    long = []
    for path in FILES:
        text = path.read_text("utf-8")
        if text.count("\n") > 300:
            long.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 60:
                long.append(
                    f"{path.name}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
                )
    assert not long


def test_the_house_does_not_grow():
    """The aim is 6,000 lines of code in helpers/ and 4,500 in tests/; these bounds may only be lowered.

    They leave room for a method or two."""
    found = by_folder()
    helpers = sum(n for folder, n in found.items() if folder.startswith("helpers"))
    tests = sum(n for folder, n in found.items() if folder.startswith("tests"))
    assert helpers <= 10_710
    assert tests <= 6_482
