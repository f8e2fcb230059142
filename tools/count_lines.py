"""Count lines of code by folder, without blanks, comments and docstrings: ``python tools/count_lines.py``."""

import ast
import collections
import io
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("helpers", "tests", "tools")
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(source: str) -> int:
    """How many lines of a Python file hold code."""
    documentation = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            documentation.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - documentation)


def by_folder() -> dict[str, int]:
    """Lines of code of each folder, two levels deep."""
    sums = collections.Counter()
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT).parts
            sums["/".join(parts[:2]) if len(parts) > 2 else parts[0]] += code_lines(
                path.read_text("utf-8")
            )
    return dict(sums)


if __name__ == "__main__":
    found = by_folder()
    for name in FOLDERS:
        inside = {folder: n for folder, n in found.items() if folder.split("/")[0] == name}
        print(f"{name:<20} {sum(inside.values()):>6,}")
        for folder, n in sorted(inside.items()):
            print(f"  {folder:<18} {n:>6,}")
