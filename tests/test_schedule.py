"""The scheduler: what runs, why, in what order, and what a kill or a fault leaves behind."""

import json
import os
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from types import SimpleNamespace

import pytest
from workbooks import write_notebook, write_photos

import helpers.report
from helpers.errors import UserError
from helpers.files import write_json
from helpers.report import report
from helpers.report.knobs import parse
from helpers.report.schedule import Schedule, read_notebooks


class Toy:
    """A schedule over toy notebooks that "runs" one by writing what its first cell says."""

    def __init__(self, tmp_path):
        self.notebooks, self.folder = tmp_path / "notebooks", tmp_path / "reports" / "toy"
        self.shared, self.choices = {"the data": "d", "helpers": "h"}, {"SEED": 0}
        self.ran, self.faults, self.meet, self.lines, self.workers = [], {}, None, [], 2

    def write(self, name, content="", needs=(), **more):
        write_notebook(self.notebooks, name, [content], needs, **more)

    def execute(self, notebook):
        self.ran.append(notebook.name)
        if self.meet:
            self.meet.wait(5)
        content = "".join(notebook.cells[3]["source"])
        for path in (f"figures/{notebook.name}.svg", f"notebooks/{notebook.name}.ipynb"):
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(content)
        write_json(self.folder / "ledger" / f"{notebook.name}.json", {f"figures/{notebook.name}.svg": None})
        error = self.faults.get(notebook.name)
        return SimpleNamespace(seconds=1.0, error=error, cell=None if error is None else 3)

    def run(self):
        """Name -> (state, reason); ``ran`` starts anew."""
        self.ran = []
        schedule = Schedule(
            read_notebooks(self.notebooks),
            self.folder,
            shared=self.shared,
            choices=self.choices,
            execute=self.execute,
            say=self.lines.append,
            workers=self.workers,
        )
        must_run = schedule.must_run()
        outcomes = schedule.run()
        assert must_run == any(outcome.state != "reused" for outcome in outcomes)
        return {outcome.name: (outcome.state, outcome.reason) for outcome in outcomes}


@pytest.fixture
def toy(tmp_path):
    """01 <- 02, 01 <- 03, 02 and 03 <- 04, all run once."""
    toy = Toy(tmp_path)
    toy.write("01_a", "a")
    toy.write("02_b", "b", ["01_a"])
    toy.write("03_c", "c", ["01_a"], explore="1")
    toy.write("04_d", "d", ["02_b", "03_c"])
    assert toy.run() == dict.fromkeys(("01_a", "02_b", "03_c", "04_d"), ("ran", "never run"))
    return toy


REUSED = ("reused", "nothing changed")


def test_needs_come_first_and_independent_notebooks_run_two_at_a_time(tmp_path):
    toy = Toy(tmp_path)
    toy.write("03_first")
    toy.write("01_x", needs=["03_first"])
    toy.write("02_y", needs=["03_first"])
    toy.execute, inner = lambda notebook: inner(notebook), toy.execute
    toy.run()
    assert toy.ran[0] == "03_first"
    toy.choices = {"SEED": 1}
    toy.notebooks.joinpath("03_first.ipynb").unlink()
    toy.write("01_x")
    toy.write("02_y")
    toy.meet = threading.Barrier(2)  # a notebook that runs alone waits here in vain
    assert {state for state, _ in toy.run().values()} == {"ran"}


def test_what_the_longest_chain_waits_for_runs_first(tmp_path):
    toy = Toy(tmp_path)
    toy.workers = 1
    toy.write("01_a")
    toy.write("02_nobody_needs", needs=["01_a"])
    toy.write("03_b", needs=["01_a"])
    toy.write("04_c", needs=["01_a", "03_b"])
    toy.run()
    assert toy.ran == ["01_a", "03_b", "02_nobody_needs", "04_c"]


def test_nothing_changed_nothing_runs(toy):
    assert set(toy.run().values()) == {REUSED}
    assert toy.ran == []


def test_prose_and_exploring_run_nothing(toy):
    toy.write("01_a", "a", prose="Other words.")
    toy.write("03_c", "c", ["01_a"], explore="2")
    assert set(toy.run().values()) == {REUSED}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda toy: toy.shared.update(helpers="other"), "helpers changed"),
        (lambda toy: toy.shared.update({"the data": "other"}), "the data changed"),
        (lambda toy: toy.choices.update(SEED=7), "SEED changed from 0 to 7"),
        (lambda toy: toy.choices.update(EPOCHS=None), None),
        (lambda toy: toy.choices.update(EPOCHS=3), "EPOCHS changed from unset to 3"),
    ],
)
def test_what_all_notebooks_share_runs_all_and_is_the_reason(toy, change, reason):
    change(toy)
    assert set(toy.run().values()) == {("ran", reason) if reason else REUSED}


def test_code_runs_its_notebook_and_whatever_builds_on_other_results(toy):
    toy.write("02_b", "other", ["01_a"])
    assert toy.run() == {
        "01_a": REUSED,
        "02_b": ("ran", "the notebook's code changed"),
        "03_c": REUSED,
        "04_d": ("ran", "02_b has other results"),
    }


def test_code_that_gives_the_same_results_runs_alone(toy):
    write_notebook(toy.notebooks, "01_a", ["a", "1"])
    assert toy.run() == {
        "01_a": ("ran", "the notebook's code changed"),
        "02_b": REUSED,
        "03_c": REUSED,
        "04_d": REUSED,
    }


@pytest.mark.parametrize("file", ["figures/02_b.svg", "notebooks/02_b.ipynb"])
def test_an_output_changed_or_removed_by_hand_is_made_again(toy, file):
    path = toy.folder / file
    before = path.read_text()
    path.write_text("by hand")
    assert toy.run()["02_b"] == ("ran", f"{file} was changed by hand")
    assert path.read_text() == before
    path.unlink()
    assert toy.run()["02_b"] == ("ran", f"{file} is missing")
    assert toy.ran == ["02_b"]


def test_a_damaged_stamp_is_no_stamp(toy):
    (toy.folder / "stamps" / "02_b.json").write_text('{"state": "ran"')
    assert toy.run()["02_b"] == ("ran", "never run")


def test_a_failure_stops_what_builds_on_it_and_the_next_run_starts_there(toy):
    toy.faults["02_b"] = "ValueError: no"
    toy.shared["helpers"] = "other"
    assert toy.run() == {
        "01_a": ("ran", "helpers changed"),
        "02_b": ("failed", "helpers changed"),
        "03_c": ("ran", "helpers changed"),
        "04_d": ("skipped", "02_b failed"),
    }
    assert any("ValueError: no" in line for line in toy.lines)
    toy.faults.clear()
    assert toy.run() == {
        "01_a": REUSED,
        "02_b": ("ran", "failed last time"),
        "03_c": REUSED,
        "04_d": ("ran", "helpers changed"),
    }


def test_notebooks_that_cannot_be_scheduled_are_one_sentence(tmp_path):
    folder = tmp_path / "notebooks"
    with pytest.raises(UserError, match="no notebooks of the workbook"):
        read_notebooks(folder)
    write_notebook(folder, "01_a", [], needs=["02_b"])
    with pytest.raises(UserError, match="01_a needs 02_b, which is not in notebooks/"):
        read_notebooks(folder)
    write_notebook(folder, "02_b", [], needs=["01_a"])
    with pytest.raises(UserError, match="in a circle"):
        read_notebooks(folder)
    (folder / "02_b.ipynb").write_text("<<<<<<< mine")
    with pytest.raises(UserError, match=r"02_b\.ipynb is not a readable notebook"):
        read_notebooks(folder)


def test_a_notebook_of_ones_own_is_left_alone(tmp_path):
    path = write_notebook(tmp_path, "01_a", [])
    document = json.loads(path.read_text())
    del document["metadata"]["workbook"]
    (tmp_path / "scratch.ipynb").write_text(json.dumps(document))
    assert list(read_notebooks(tmp_path)) == ["01_a"]


# --- whole reports, with kernels; the pages are somebody else's test ---


@pytest.fixture(autouse=True)
def steady(monkeypatch):
    """Pages that cost nothing, and helpers that nobody edits meanwhile."""
    pages = types.ModuleType("helpers.report.render")
    pages.render = lambda folder, notebooks: (folder / "report.html").write_text("page")
    monkeypatch.setitem(sys.modules, "helpers.report.render", pages)
    monkeypatch.setattr(helpers.report, "_hash_of", lambda *_, **__: "steady")


class Workbook:
    """Toy notebooks, photos and the report of both."""

    def __init__(self, root: Path):
        self.notebooks, self.photos, self.reports = root / "note{books}", root / "photos", root / "reports"
        self.folder = self.reports / "toy"

    def report(self, *words: str) -> tuple[int, list[str]]:
        lines = []
        knobs = parse(["DATASET=image_folder", f"DATA={self.photos}", "RUN=toy", *words])
        return report(knobs, notebooks=self.notebooks, reports=self.reports, say=lines.append), lines

    def manifest(self) -> dict:
        return json.loads((self.folder / "manifest.json").read_text())


def test_a_whole_report(tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    write_json(spec, {"argv": ["false"], "display_name": "Python of the user's", "language": "python"})
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    book = Workbook(tmp_path)
    write_photos(book.photos)
    print_all = "import os, sys\nprint(sys.executable, os.environ['MPLBACKEND'], os.getcwd(), seed)"
    write_notebook(book.notebooks, "01_a", [print_all, "run.record('a', {'n': 1})"], explore="1 / 0")
    write_notebook(book.notebooks, "02_b", ["run.record('b', run.read('a'))"], needs=["01_a"])
    fault = "from helpers.errors import UserError\nraise UserError(f'no {run.data}/x.png:\\nput it there')"
    write_notebook(book.notebooks, "03_c", [fault, "1"])
    write_notebook(book.notebooks, "04_d", ["1"], needs=["03_c"])
    write_notebook(book.notebooks, "05_e", ["import os; os._exit(1)"])

    status, lines = book.report("SEED=5")
    assert status == 1
    assert lines[-1].startswith("failed: 03_c, 05_e. ")
    manifest = book.manifest()
    told = {entry["name"]: (entry["state"], entry["error"], entry["cell"]) for entry in manifest["notebooks"]}
    assert told == {
        "01_a": ("ran", None, None),
        "02_b": ("ran", None, None),
        "03_c": ("failed", "no photos/x.png: put it there", 4),
        "04_d": ("skipped", None, None),
        "05_e": ("failed", "the kernel died; too little memory is the usual cause", 4),
    }
    assert manifest["title"] == "photos"
    assert manifest["seed"] == 5
    assert manifest["data"]["splits"] == {"train": 12, "validation": 12}
    assert set(manifest["outputs"]) == {"metrics/a.json", "metrics/b.json"}
    assert manifest["command"] == "make report DATASET=image_folder DATA=photos SEED=5 RUN=toy"
    assert sys.executable in (book.folder / "logs" / "01_a.log").read_text()
    assert " Agg " in (book.folder / "logs" / "01_a.log").read_text()
    assert "UserError" in (book.folder / "logs" / "03_c.log").read_text()

    executed = json.loads((book.folder / "notebooks" / "01_a.ipynb").read_text())
    assert len(executed["cells"]) == 6  # the four of the source, one of them injected; none explores
    assert "papermill" not in json.dumps(executed)
    failed = json.loads((book.folder / "notebooks" / "03_c.ipynb").read_text())
    assert failed["cells"][4]["outputs"][-1]["ename"] == "UserError"
    for file in ("manifest.json", "notebooks/01_a.ipynb", "notebooks/03_c.ipynb"):
        assert str(tmp_path) not in (book.folder / file).read_text()
    assert not list((book.folder / "notebooks").glob(".*"))

    for name in ("03_c", "04_d", "05_e"):
        (book.notebooks / f"{name}.ipynb").unlink()
    status, lines = book.report("SEED=5")  # what failed is gone: the pages change, nothing runs
    assert (status, len(lines)) == (0, 3)
    assert "Nothing changed" not in lines[-1]
    monkeypatch.setitem(sys.modules, "papermill", None)  # an import would now fail
    start = time.monotonic()
    status, lines = book.report("SEED=5")
    assert (status, time.monotonic() - start < 2) == (0, True)
    assert lines[-1].startswith("Nothing changed. ")
    write_notebook(book.notebooks, "02_b", ["run.record('b', run.read('a'))"], needs=["01_a"], prose="New.")
    assert "Nothing changed" not in book.report("SEED=5")[1][-1]
    (book.folder / "report.html").unlink()
    book.report("SEED=5")
    assert (book.folder / "report.html").exists()


def test_bad_data_stops_before_anything_is_written(tmp_path):
    book = Workbook(tmp_path)
    write_notebook(book.notebooks, "01_a", ["1"])
    write_photos(book.photos, classes=("cat",))
    with pytest.raises(UserError):
        book.report()
    write_photos(book.photos)
    (book.photos / "train" / "dog" / "0.png").write_bytes(b"\x89PNG but not really")
    with pytest.raises(UserError, match=r"0\.png"):
        book.report()
    assert not book.reports.exists()


DRIVER = """
import sys, types
pages = types.ModuleType("helpers.report.render")
pages.render = lambda folder, notebooks: None
sys.modules["helpers.report.render"] = pages
import helpers.report
helpers.report._hash_of = lambda *_, **__: "steady"
sys.path.insert(0, sys.argv[1])
from test_schedule import Workbook
from pathlib import Path
print(Workbook(Path(sys.argv[2])).report())
"""


def test_a_kill_loses_nothing_that_had_finished(tmp_path):
    book = Workbook(tmp_path)
    write_photos(book.photos)
    flag, pid = tmp_path / "wait", tmp_path / "pid"
    flag.touch()
    write_notebook(book.notebooks, "01_a", ["run.record('a', {'n': 1})"])
    slow = f"import os, pathlib\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
    slow += f"while pathlib.Path({str(flag)!r}).exists():\n    pass"
    write_notebook(book.notebooks, "02_b", [slow, "run.record('b', run.read('a'))"], needs=["01_a"])
    parent = subprocess.Popen(
        [sys.executable, "-c", DRIVER, Path(__file__).parent, tmp_path],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # what a killed process leaves there goes with the test
    )
    until(lambda: pid.exists() and pid.read_text())
    with pytest.raises(UserError, match="another process is making"):
        book.report()
    parent.kill()
    parent.wait()
    until(lambda: not alive(int(pid.read_text())))  # the kernel notices that its parent is gone

    flag.unlink()
    status, lines = book.report()
    assert status == 0
    assert "reused" in lines[0]
    assert "was interrupted" in lines[1]
    states = [entry["state"] for entry in book.manifest()["notebooks"]]
    assert states == ["reused", "ran"]


def until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")  # on Linux an orphan may stay as a zombie for a while
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")
