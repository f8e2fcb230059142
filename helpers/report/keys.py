"""What a notebook's results depend on, part by part: the key that decides whether it runs again, and why it does.

Code counts as its syntax tree without docstrings and comments: of the notebook's cells, and of every module of
``helpers`` that they import, wherever the import stands. What only sets words and pages does not count.
"""

import ast
import json
import re
from collections.abc import Iterable
from pathlib import Path

from helpers import ROOT
from helpers.files import Kept, code_hash, sha256

PACKAGE = "helpers"
SILENT = (
    "helpers/report",
    "helpers/answers",
    "helpers/wording.py",
    "helpers/formats.py",
    "helpers/options.py",
)
MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
NAMED = 3  # changed modules that a reason names


class Code:
    """Hashes and imports of code, each text parsed once for as long as it stays.

    Args:
        root: the folder that holds ``helpers/``.
        kept: a JSON file to keep them in.
    """

    def __init__(self, root: Path = ROOT, kept: Path | None = None):
        self.root, self.kept = root, Kept(kept)
        self._places: dict[str, list[str]] = {}

    def key(self, cells: list[dict]) -> dict:
        """What a notebook's code is: ``cells``, one hash, and ``modules``, the hashes of what they import by path."""
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        tagged = [["".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in code]
        digest, names = self.kept.get(json.dumps(tagged).encode(), lambda: _of_cells(tagged))
        waiting, found = [*self._paths(names)], {}
        while waiting:
            path = waiting.pop()
            if path not in found and not path.startswith(SILENT):
                found[path], names = self._module(path)
                waiting += self._paths(names)
        return {"cells": digest, "modules": dict(sorted(found.items()))}

    def _module(self, path: str) -> list:
        content, package = (self.root / path).read_bytes(), ".".join(Path(path).parts[:-1])
        return self.kept.get(
            path.encode() + content,
            lambda: [_hash(content), sorted(imported(_parsed(content), package))],
        )

    def _paths(self, names: Iterable[str]) -> set[str]:
        """The files that run when modules of these dotted names are imported."""
        return {path for name in names for path in self._files(name)}

    def _files(self, name: str) -> list[str]:
        if name not in self._places:
            outer, stem = name.rpartition(".")[0], name.replace(".", "/")
            files = [f"{stem}/__init__.py", f"{stem}.py"]
            here = [path for path in files if (self.root / path).is_file()][:1]
            self._places[name] = [*(self._files(outer) if outer else ()), *here]
        return self._places[name]


def imported(tree: ast.AST, package: str = "") -> set[str]:
    """The dotted names of ``helpers`` that code imports, in functions too; also texts that are such a name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found |= {f"{module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(re.findall(rf"\A{PACKAGE}(?:\.\w+)+\Z", node.value))
    return {name for name in found if name.split(".")[0] == PACKAGE}


def _of_cells(tagged: list) -> list:
    hashes = [[_hash(source.encode()), tags] for source, tags in tagged]
    names = {name for source, _ in tagged for name in imported(_parsed(source))}
    return [sha256(json.dumps(hashes).encode()), sorted(names)]


def reasons(old: dict, new: dict) -> list[str]:
    """Why a key is not what it was, in words; empty if it is."""
    found = ["the notebook's code changed"] if old.get("cells") != new.get("cells") else []
    modules = _changed(old, new, "modules")
    if modules:
        more = f" and {len(modules) - NAMED} more" if len(modules) > NAMED else ""
        found.append(f"{', '.join(modules[:NAMED])}{more} changed")
    found += [f"{name} changed" for name in _changed(old, new, "files")]
    for name in _changed(old, new, "parameters"):
        values = [part.get("parameters", {}).get(name) for part in (old, new)]
        before, after = ["unset" if value is None else value for value in values]
        found += [f"{name} changed from {before} to {after}"] if before != after else []
    return [*found, *(f"{name} has other results" for name in _changed(old, new, "needs"))]


def _changed(old: dict, new: dict, part: str) -> list[str]:
    before, after = old.get(part, {}), new.get(part, {})
    return [name for name in after | before if before.get(name) != after.get(name)]


def _parsed(source: str | bytes) -> ast.AST:
    """The syntax tree of code; an empty one where it is none, which Python will say when it runs."""
    try:
        return ast.parse(MAGIC.sub("", source) if isinstance(source, str) else source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _hash(source: bytes) -> str:
    try:
        return code_hash(source)
    except (SyntaxError, ValueError):
        return sha256(source)
