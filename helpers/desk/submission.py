"""One submission: its report, and its row in the index."""

import contextlib
import os
import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from helpers import ROOT, evaluation
from helpers.datasets import load
from helpers.errors import UserError
from helpers.files import read_json, sha256
from helpers.options import OF_MODEL, parse
from helpers.report import author, report
from helpers.report.compose import compose
from helpers.report.front import WORD
from helpers.report.markdown import convert

OPTIONS = "options.toml"
NETWORKS, CURVES = (".keras", ".h5", ".hdf5"), ("history.csv", "history.json")
TRAININGS, TEST = ".trainings", ".test.npz"
ENOUGH = 10  # words of a text, or mistakes of a network, that no two people make alike by chance


@dataclass(frozen=True)
class Submission:
    """A student's folder.

    Attributes:
        folder: where it is.
        run: the folder of its report in ``reports``.
        words: KEY=VALUE, the options of all reports.
        notebooks: the workbook's.
        key: what its row depends on.
    """

    folder: Path
    run: str
    reports: Path
    words: tuple[str, ...]
    notebooks: Path = ROOT / "notebooks"
    key: str = ""


def files_of(folder: Path) -> list[Path]:
    """What is read of a submission."""
    known = (author.FILE, OPTIONS, *CURVES)
    found = (path for path in sorted(folder.iterdir()) if path.is_file())
    return [path for path in found if path.name in known or path.suffix.lower() in NETWORKS]


def blank(job: Submission) -> dict:
    """The row of a submission of which nothing is known."""
    told = {"folder": job.folder.name, "run": job.run, "key": job.key, "faults": [], "marks": []}
    told |= dict.fromkeys(("name", "student", "homework"), "") | {"words": 0, "seconds": 0.0}
    return told | {"validation": None, "test": None, "answers": [], "pages": []}


def grade(job: Submission) -> dict:
    """Make a submission's report, and its row: texts, accuracies, faults, and marks that copies share."""
    start, row, run = time.monotonic(), blank(job), job.reports / job.run
    try:
        about = author.read(job.folder / author.FILE)
        row |= _written(about)
        options = parse([*job.words, *_own_options(job.folder), f"RUN={job.run}"])
        with _shared_trainings(job.reports / TRAININGS, run / "checkpoints"):
            where = {"notebooks": job.notebooks, "reports": job.reports}
            report(options, about=about, say=lambda line: None, only_asked=True, **where)
        row |= _read(run, about)
        row |= _measured(job, options, row["marks"])
    except UserError as fault:
        row["faults"].append(str(fault))
    except Exception as fault:  # whatever is in a submission: what is known of it stays
        row["faults"].append(f"{type(fault).__name__}: {fault}"[:300])
    return row | {"seconds": time.monotonic() - start}


def _written(about: dict) -> dict:
    """What the student says."""
    own, person = about.get("question", {}).values(), about.get("author", {})
    texts = [WORD.findall(each.get("text", "").casefold()) for each in own]
    marks = [" ".join(text).encode() for text in texts if len(text) >= ENOUGH]
    homework = about.get("homework", "all")
    return {
        "name": person.get("name", ""),
        "student": person.get("student_id", ""),
        "homework": homework if isinstance(homework, str) else ", ".join(map("+".join, homework)),
        "words": sum(map(len, texts)),
        "marks": [f"text {sha256(mark)}" for mark in marks],
    }


def _own_options(folder: Path) -> list[str]:
    """The options that the files of a submission give."""
    files = {path.name: path for path in files_of(folder)}
    try:
        given = tomllib.loads(files[OPTIONS].read_text("utf-8-sig")) if OPTIONS in files else {}
    except ValueError as fault:
        raise UserError(f"{OPTIONS} is not TOML: {fault}") from None
    if wrong := [name for name in given if name.upper() not in OF_MODEL[:2]]:
        raise UserError(f'{OPTIONS} has an unknown key "{wrong[0]}": it may have RANGE and CLASSES')
    words = [
        f"{name.upper()}={','.join(value) if isinstance(value, list) else value}"
        for name, value in given.items()
    ]
    networks = [name for name in files if name.lower().endswith(NETWORKS)]
    networks = [name for name in networks if name.startswith("model.")] or networks
    if len(networks) > 1:
        raise UserError(f"there are {len(networks)} networks, {', '.join(networks)}: one is graded")
    words += [f"MODEL={files[name].absolute()}" for name in networks]
    curves = [name for name in CURVES if name in files and networks]
    return words + [f"HISTORY={files[name].absolute()}" for name in curves[:1]]


@contextlib.contextmanager
def _shared_trainings(shared: Path, own: Path) -> Iterator[None]:
    """Share the workbook's own trainings among submissions, as links; each of them knows its key."""
    for source, target in ((shared, own), (own, shared)):
        target.mkdir(parents=True, exist_ok=True)
        for path in source.glob("[!.]*.npz"):
            with contextlib.suppress(FileExistsError):
                os.link(path, target / path.name)
        if target is own:
            yield


def _read(run: Path, about: dict) -> dict:
    """What the report says: short answers, and what failed."""
    manifest = read_json(run / "manifest.json")
    failed = [book for book in manifest["notebooks"] if book["state"] == "failed"]
    sections = compose(run, manifest, about, manifest["language"]).sections
    texts = convert([section.short for section in sections], "html")
    answers = [
        [each.number, each.title, Markup(text).striptags()]
        for each, text in zip(sections, texts, strict=True)
        if text
    ]
    return {
        "faults": [re.sub("^UserError: ", "", book["error"]) for book in failed],
        "answers": answers,
        "pages": [each for each in ("report.html", "report.pdf") if (run / each).is_file()],
    }


def _measured(job: Submission, options, marks: list[str]) -> dict:
    """Accuracy of the network on validation and TEST; what tells copies of it is added to the marks."""
    from helpers.networks import saved  # loads Keras, after the report has said what is wrong

    run = job.reports / job.run
    path = run / "models" / "cnn.keras"
    if read_json(run / "manifest.json")["notebooks"][0]["state"] not in ("ran", "reused"):
        return {}
    data = load(options.dataset, options.path("DATA"), size=options.size)
    labels, network = data.validation.labels, saved.opened(path)
    logits = saved.answers(path, data, run / "checkpoints")
    found = {"validation": evaluation.accuracy(labels, logits)}
    if options.model:
        weights = sorted(
            sha256(np.ascontiguousarray(each).tobytes()) for each in network.get_weights()
        )
        marks.append(f"network {sha256(' '.join(weights).encode())}")
    if options.model and (logits.argmax(-1) != labels).sum() >= ENOUGH:
        marks.append(f"answers {sha256(logits.argmax(-1).tobytes())}")
    if (job.reports / TEST).is_file():
        with np.load(job.reports / TEST, allow_pickle=False) as test:
            answers = evaluation.predict(network, test["images"])
            found["test"] = evaluation.accuracy(test["labels"], answers)
    return found
