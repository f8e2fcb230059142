"""The grader's desk: a report for each submission, and one index of them all (``python -m helpers.desk``).

A submission is a folder with ``report.toml`` and what there is of ``model.keras`` (or ``.h5``), ``history.csv`` (or
``.json``) and ``options.toml`` (``RANGE = "0..1"``, ``CLASSES = "alphabetical"``).
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from helpers import ROOT, cluster, datasets, records
from helpers.desk.index import index
from helpers.desk.submission import TEST, Submission, blank, files_of, grade
from helpers.errors import UserError
from helpers.files import sha256, tree_hash, write_atomic
from helpers.kinds import FOLDER_NAME
from helpers.networks.checkpoint import packed
from helpers.options import Options, parse
from helpers.report import alone

ROW = "row.json"


def desk(
    folder: Path,
    test: Path | None,
    words: list[str],
    *,
    notebooks: Path = ROOT / "notebooks",
    reports: Path = ROOT / "reports",
    say: Callable[[str], None] = print,
) -> int:
    """Bring the reports of all submissions and the index up to date.

    Args:
        folder: of the submissions' folders.
        test: labelled images that only the grader has, or None.
        words: KEY=VALUE, the options of all reports; RUN is the folder in ``reports``.
        notebooks, reports: as for ``report``.

    Returns:
        0, or 1 if something failed in a submission.

    Raises:
        UserError: no submissions, data or images of TEST that cannot be read.
    """
    folders = sorted(path for path in folder.glob("[!.]*") if path.is_dir())
    if not folders:
        raise UserError(f"SUBMISSIONS={folder}: there is no folder in it; each student's is one")
    options = parse(words)
    if options.model:
        raise UserError("MODEL is what each submission has: leave it out")
    reports = reports / options.run
    words = [word for word in words if not word.startswith("CLUSTER=")]
    with alone(reports):
        common = _common(options, test, reports, words)
        given = reports, tuple(words), notebooks
        jobs = [Submission(each, _run(each.name), *given, _key(each, common)) for each in folders]
        rows = {job: _kept(job) for job in jobs}
        waiting = [job for job in jobs if not rows[job] or rows[job].faults]
        say(f"{len(jobs)} submissions, {len(jobs) - len(waiting)} of them done before")
        for count, (job, row) in enumerate(_graded(waiting, options.cluster), 1):
            records.write(reports / job.run / ROW, row)
            rows[job] = _kept(job)
            if count % (1 + len(jobs) // 50) == 0:
                write_atomic(reports / "index.html", index(rows))
            news = row["faults"][0] if row["faults"] else f"{row['seconds']:.0f} s"
            say(f"{count}/{len(waiting)} {job.folder.name}: {news}")
        write_atomic(reports / "index.html", index(rows))
    say(os.path.relpath(reports / "index.html"))
    return int(any(row.faults for row in rows.values()))


def _graded(jobs: list[Submission], where: str | None) -> Iterator[tuple[Submission, dict]]:
    """Each submission with its row; a fault of any kind is one, too."""
    for job, done in cluster.results(partial(cluster.apart, grade), jobs, where):
        try:
            yield job, done.result()
        except Exception as fault:
            sentence = str(fault) or type(fault).__name__
            yield job, blank(job) | {"faults": [sentence.splitlines()[0][:300]]}


def _kept(job: Submission) -> records.Record | None:
    """The row of a submission that has not changed since."""
    path = job.reports / job.run / ROW
    row = records.loads(path.read_bytes()) if path.is_file() else None
    return row if row and row.key == job.key else None


def _key(folder: Path, common: list) -> str:
    """What the row of a submission depends on."""
    told = [*common, *((path.name, sha256(path)) for path in files_of(folder))]
    return sha256(json.dumps(told).encode())


def _common(options: Options, test: Path | None, reports: Path, words: list[str]) -> list:
    """What all rows depend on. The data are read here once: then they are in the cache, or their fault is said."""
    data = datasets.load(options.dataset, options.path("DATA"), size=options.size)
    (reports / TEST).unlink(missing_ok=True)
    if test is not None:
        split = datasets.labelled(test, data, options.size)
        write_atomic(reports / TEST, packed(images=split.images, labels=split.labels))
    private = test and sha256(reports / TEST)
    return [tree_hash(ROOT / "helpers", ROOT / "notebooks"), data.checksum, private, words]


def _run(name: str) -> str:
    """The folder of a submission's report: its name, made fit where it is not."""
    if FOLDER_NAME.fullmatch(name) and not name.startswith("lab"):
        return name
    return f"s_{re.sub('[^A-Za-z0-9]', '_', name)[:40]}_{sha256(name.encode())[:8]}"
