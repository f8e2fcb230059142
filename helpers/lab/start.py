"""The front door, 00_start_here: the data set for all notebooks, the homework's questions, the state of the run."""

import tomllib
from datetime import datetime
from pathlib import Path

from IPython.display import Markdown, display
from ipywidgets import Dropdown, Text, interact
from tqdm.auto import tqdm

from helpers import ROOT, places
from helpers.errors import UserError
from helpers.files import write_json
from helpers.formats import plain
from helpers.kinds import ANSWERS, KNOWN, LAB
from helpers.report import author, homework
from helpers.report.execute import Executor
from helpers.report.schedule import duration, read_notebooks
from helpers.run import Run

DATA = ROOT / "data"
OURS = ("pretrained", "README.md")  # in data/, and no data set


def start() -> None:
    """Show the front door."""
    (dataset, data), presets = places.chosen(), [homework.ALL, *homework.HOMEWORKS]
    told = places.choice().get("homework") or author.read(ROOT / author.FILE).get("homework")
    path = Text(data or "", placeholder="if it is not in data/", continuous_update=False)
    path.description = "its path"
    sets = Dropdown(options=data_sets(dataset), value=dataset, description="data set")
    sets.observe(lambda _: setattr(path, "value", ""), "value")  # it was another data set's
    told = told if told in presets else homework.ALL
    asked = Dropdown(options=presets, value=told, description="homework")
    interact(choose, dataset=sets, data=path, asked=asked)


def data_sets(*more: str) -> list[str]:
    """The drawn faces, what lies in data/ and the data set in use; then the other known ones."""
    lying = sorted({path.stem for path in DATA.glob("[!.]*") if path.name not in OURS})
    return list(dict.fromkeys(["faces", *lying, *more, *KNOWN]))


def choose(dataset: str, data: str, asked: str) -> None:
    """Keep the choice for all notebooks, and show what there is for it."""
    settings = {"dataset": dataset, "data": data.strip() or None, "homework": asked}
    write_json(places.all_runs() / places.CHOSEN, settings)
    display(Markdown(state(dataset, asked)))


def state(dataset: str, asked: str = homework.ALL) -> str:
    """The homework's questions, and of each notebook how long it takes and since when there is a result; Markdown."""
    words = tomllib.loads((ANSWERS / "en" / "page.toml").read_text("utf-8"))
    books = read_notebooks(places.BOOKS)
    parts = [f"### {words['homework'][asked]['title']}"]
    for number, name in enumerate(homework.HOMEWORKS.get(asked, ()), 1):
        answering = {part[:2] for part in homework.QUESTIONS[name]}
        links = [f"[{book[:2]}]({book}.ipynb)" for book in books if book[:2] in answering]
        parts += [f"{number}. {plain(words['question'][name]['text'])} {', '.join(links)}"]
    return "\n".join([*parts, "", *_table(dataset, books, words), "", _report(dataset)])


def _table(dataset: str, books: dict, words: dict) -> list[str]:
    reports = places.all_runs()
    folders = places.sources(reports, dataset)
    rows = ["| notebook | its question | takes | results |", "|:--|:--|:--|:--|"]
    for name in books:
        about = {"title": name, "question": ""} | words["notebook"].get(name, {})
        seconds = places.took(reports, dataset, name)
        cells = [f"[{name[:2]} · {plain(about['title'])}]({name}.ipynb)", plain(about["question"])]
        cells += [duration(seconds).replace(" ", "\xa0") if seconds else ""]
        rows.append(f"| {' | '.join([*cells, _since(places.made(folders, name))])} |")
    return rows


def _since(stamp: Path | None) -> str:
    if stamp is None:
        return "none yet"
    whose = "your lab" if stamp.parents[1].name.startswith(f"{LAB}-") else "the report"
    return f"{whose}, {datetime.fromtimestamp(stamp.stat().st_mtime):%d\xa0%b\xa0%H:%M}"


def _report(dataset: str) -> str:
    reports = places.all_runs()
    own = len(places.sources(reports, dataset)) == 1
    alone = "Your lab has a CNN of its own, so it reads nothing of the report. " * own
    if not (reports / dataset / "report.html").is_file():
        return f"{alone}There is no report on `{dataset}` yet: `make report DATASET={dataset}` in a terminal writes it."
    there = f"../reports/{dataset}/report"
    return f"{alone}[Open the report]({there}.html) · [as PDF]({there}.pdf)"


def make_needs(run: Run) -> None:
    """Run the notebooks that a notebook opened by hand still needs, in their order, into its lab.

    Raises:
        UserError: one of them stopped; the sentence says which, and why.
    """
    told = {"dataset": run.name, "data": run.data and str(run.data), "run": LAB, "seed": run.seed}
    told |= {"quick": run.quick, "size": run.size, "epochs": run.epochs}
    execute, books = Executor(run.folder, told, places.BOOKS), read_notebooks(places.BOOKS)
    for name in (bar := tqdm(places.missing(run.sources, run.notebook), unit="notebook")):
        bar.set_postfix_str(name)
        _, fault = execute(books[name])
        if fault:
            raise UserError(f"{name}: {fault}")
