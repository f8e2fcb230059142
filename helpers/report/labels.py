"""Whether what report.toml calls a figure or a table by its label is there: told before anything runs, if it can be."""

import ast
import difflib
import re
from pathlib import Path

from helpers.errors import UserError
from helpers.files import read_json
from helpers.report.author import FILE, REFER
from helpers.report.schedule import Notebook

SHOWN = ("figure", "table")


def check(about: dict, notebooks: dict[str, Notebook], folder: Path, *, ran: frozenset[str] = frozenset()) -> None:
    """See that every ``{ref:label}`` of the author's names a figure or a table.

    Args:
        about: from ``author.read``.
        folder: the run's folder. What its executed copies show is known; before a run, and of a notebook that
            gave no result, so is what the source may show.
        ran: the notebooks that have run to their end, whose executed copies are the last word.

    Raises:
        UserError: no notebook shows such a figure or table; the nearest label is named.
    """
    used = {
        (number, label.strip())
        for number, question in about.get("question", {}).items()
        for label in REFER.findall(question.get("text", ""))
    }
    if not used:
        return
    known = {label for name in notebooks for label in _shown(folder / "notebooks" / f"{name}.ipynb")}
    patterns = [pattern for book in notebooks.values() if book.name not in ran for pattern in _planned(book)]
    for number, label in sorted(used):
        if label not in known and not any(re.fullmatch(pattern, label) for pattern in patterns):
            plain = {pattern for pattern in patterns if re.fullmatch(r"[\w-]+", pattern)}
            near = difflib.get_close_matches(label, sorted(known | plain), 1, 0)
            nearest = f': the nearest label is "{near[0]}"' if near else ""
            raise UserError(f'{FILE}: question.{number}.text refers to "{label}", but no figure or table is{nearest}')


def _shown(path: Path) -> set[str]:
    """The labels in an executed copy; none without one."""
    outputs = [output for cell in read_json(path).get("cells", ()) for output in cell.get("outputs", ())]
    marks = [output.get("metadata", {}).get("workbook", {}) for output in outputs]
    return {mark["label"] for mark in marks if mark.get("kind") in SHOWN}


def _planned(book: Notebook) -> set[str]:
    """Patterns of the labels that a notebook's code may give; of one that is computed, more than it will."""
    patterns, trees = set(), []
    for cell in book.cells:
        if cell["cell_type"] == "code":
            try:
                trees.append(ast.parse("".join(cell["source"])))
            except SyntaxError:  # a magic command
                patterns.add(".*")
    nodes = [node for tree in trees for node in ast.walk(tree)]
    texts = {re.escape(n.value) for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg == "label":
            match node.value:
                case ast.Constant(value=str(label)):
                    patterns.add(label)
                case ast.JoinedStr(values=parts):
                    patterns.add("".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".*" for p in parts))
                case ast.Name():
                    patterns |= texts
                case _:
                    patterns.add(".*")
    return patterns
