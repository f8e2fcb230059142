"""What a run recorded, as one small file of facts for the tests of the templates.

``python -m tools.facts reports/faces tests/facts/faces.json``: records and the first rows of every table, rounded.
"""

import json
import sys
from pathlib import Path

from helpers.files import read_json, write_atomic

ROWS = 2  # of a table: templates place tables, and do not read them
DONE = ("ran", "reused")


def facts(folder: Path) -> dict:
    """``data``, ``notebooks`` (the names of those that are done), ``metrics`` and ``tables`` of a run's folder."""
    manifest = read_json(folder / "manifest.json")
    books = manifest["notebooks"]
    tables = {}
    for path in sorted((folder / "tables").glob("*.json")):
        table = read_json(path)
        tables[path.stem] = {**table, "rows": table["rows"][:ROWS]}
    metrics = {path.stem: read_json(path) for path in sorted((folder / "metrics").glob("*.json"))}
    found = {
        "data": manifest["data"],
        "notebooks": [book["name"] for book in books if book["state"] in DONE],
        "metrics": metrics,
        "tables": tables,
    }
    return _rounded(found)


def _rounded(value):
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    write_atomic(
        target, json.dumps(facts(source), ensure_ascii=False, separators=(",", ":")) + "\n"
    )
