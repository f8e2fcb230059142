"""Writing whole files or none, and hashing them."""

import ast
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def write_atomic(path: Path, content: bytes | str) -> Path:
    """Write a file so that a reader, or a kill, sees the old content or the new, never a part.

    Args:
        path: the file; its folder is made if it is missing.
        content: bytes, or text that is stored as UTF-8.

    Returns:
        the path.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def write_json(path: Path, value) -> Path:
    """Write a value as indented JSON, keys in the order given; NaN is refused."""
    return write_atomic(
        path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )


def read_json(path: Path) -> dict:
    """A JSON object, or an empty one where the file is missing or damaged."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


class Kept:
    """What need not be worked out again: results by what they follow from, in a JSON file for the next process.

    What nobody asked for goes out of it.

    Args:
        path: the file; without one, results stay as long as this object.
        version: of who works it out.
    """

    def __init__(self, path: Path | None = None, version: str = ""):
        self.path, self.version = path, version
        self._known, self._asked = read_json(path) if path else {}, {}

    def get(self, source: bytes | str, make: Callable):
        """What ``make()`` gave for this source, now or earlier."""
        digest = self._digest(source)
        if digest not in self._asked:
            self._asked[digest] = self._known[digest] if digest in self._known else make()
        return self._asked[digest]

    def __contains__(self, source: bytes | str) -> bool:
        digest = self._digest(source)
        return digest in self._known or digest in self._asked

    def write(self) -> None:
        if self.path and self._asked != self._known:
            write_json(self.path, self._asked)

    def _digest(self, source: bytes | str) -> str:
        content = source.encode("utf-8", "replace") if isinstance(source, str) else source
        return sha256(self.version.encode() + content)


def count_test_evaluation(
    reports: Path, run: str, notebook: str, what: str, data: str, once: bool = False
) -> Path:
    """Note in a folder of runs that the test set was looked at.

    Args:
        reports: the folder of all runs.
        run: the run's name; empty where the look belongs to none.
        notebook: who looked.
        what: the network.
        data: the data set's checksum.
        once: whether the very same look counts once: the same network, which tells nothing new.

    Returns:
        the file with a line a look.
    """
    time = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"run": run, "notebook": notebook, "what": what, "data": data}
    path = reports / "test_evaluations.jsonl"
    known = path.read_text("utf-8").splitlines() if once and path.is_file() else []
    if any(line.items() <= json.loads(each).items() for each in known):
        return path
    line = {"time": time, **line}
    reports.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return path


def without_dates(archive: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip (``.keras``, ``.npz``) with its dates taken out, so that the same content gives the same bytes."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "metadata.json":
                content = json.dumps(
                    {**json.loads(content), "date_saved": "1980-01-01@00:00:00"}
                ).encode()
            new.writestr(zipfile.ZipInfo(name), content, method, 9)
    return result.getvalue()


def sha256(source: Path | bytes) -> str:
    """The SHA-256 of a file's content, or of bytes, as 64 hexadecimal digits."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with open(source, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree_hash(*roots: Path) -> str:
    """One hash of some files, and of the files in some folders."""
    paths = {path for root in roots for path in ([root] if root.is_file() else root.rglob("*.*"))}
    paths = {path for path in paths if path.is_file() and "__pycache__" not in path.parts}
    lines = [f"{path.parent.name}/{path.name} {sha256(path)}" for path in sorted(paths)]
    return sha256("\n".join(lines).encode())


def code_hash(source: Path | bytes) -> str:
    """The SHA-256 of a Python file's syntax tree, or of bytes': comments, docstrings and layout leave it as it is."""
    tree = ast.parse(source if isinstance(source, bytes) else Path(source).read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return sha256(ast.dump(tree).encode())
