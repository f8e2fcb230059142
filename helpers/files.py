"""Writing whole files or none, and hashing them."""

import ast
import hashlib
import io
import json
import os
import tempfile
import zipfile
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


def code_hash(source: Path | bytes) -> str:
    """The SHA-256 of a Python file's syntax tree, or of bytes': comments, docstrings and layout leave it as it is."""
    tree = ast.parse(source if isinstance(source, bytes) else Path(source).read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return sha256(ast.dump(tree).encode())
