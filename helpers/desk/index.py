"""The index: a row a submission, and who shares what with whom."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import jinja2

from helpers.desk.submission import Submission

SHARED = {"network": "same network", "answers": "same answers", "text": "same text"}
NAMED = 5  # of those who share something, as many are named


def index(rows: Mapping[Submission, dict | None]) -> str:
    """The page; None for a submission that waits."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["quote"] = quote
    known = [row for row in rows.values() if row]
    return environment.get_template("index.html.j2").render(
        rows=known,
        waiting=[job.folder.name for job, row in rows.items() if not row],
        shared=copies(known),
        tested=any(row["test"] for row in known),
        words=SHARED,
        named=NAMED,
    )


def copies(rows: list[dict]) -> dict[str, dict[str, list[str]]]:
    """By submission, then by what is shared (network, answers or text): the others, in order.

    A shared network gives the same answers, which are not told then.
    """
    groups, found = defaultdict(set), {}
    for row in rows:
        for mark in row["marks"]:
            groups[mark].add(row["folder"])
    for row in rows:
        told = {kind: set() for kind in SHARED}
        for mark in row["marks"]:
            told[mark.split()[0]] |= groups[mark] - {row["folder"]}
        told["answers"] -= told["network"]
        found[row["folder"]] = {kind: sorted(others) for kind, others in told.items() if others}
    return found
