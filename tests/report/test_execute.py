"""Whole reports, with kernels: what is written, what a failure and a kill leave, what makes only the pages again."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from workbooks import Workbook, write_notebook, write_photos

import helpers.report
from helpers.errors import UserError
from helpers.files import write_json
from helpers.report import author


@pytest.fixture(autouse=True)
def pages(monkeypatch):
    """Pages that cost nothing; what they were made of."""
    made = []

    def render(folder, manifest, about, language, paper=True):
        (folder / "report.html").write_text(f"{language} {about}")
        made.append((paper, [book["state"] for book in manifest["notebooks"]]))
        return ["one"] if about else []

    monkeypatch.setattr("helpers.report.render.render", render)
    return made


@pytest.mark.slow
def test_a_whole_report(tmp_path, pages, monkeypatch):
    spec = {"argv": ["false"], "display_name": "Python of the user's", "language": "python"}
    write_json(tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json", spec)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    book = Workbook(tmp_path, "note{books}")
    write_photos(book.photos)
    tell = "import os, sys\nprint(sys.executable, os.getcwd(), seed)"
    write_notebook(book.notebooks, "01_a", [tell, "run.record('a', n=1)"], explore="1 / 0")
    write_notebook(book.notebooks, "02_b", ["run.record('b', n=run.read('a').n)"], needs=["01_a"])
    fault = "from helpers.errors import UserError\nraise UserError(f'no {run.data}/x.png:\\nput it there')"
    write_notebook(book.notebooks, "03_c", [fault, "1"])
    write_notebook(book.notebooks, "04_d", ["1"], needs=["03_c"])
    write_notebook(book.notebooks, "05_e", ["import os; os._exit(1)"])

    status, lines = book.report("SEED=5")
    assert status == 1
    assert lines[-1].startswith("failed: 03_c, 05_e. ")
    manifest = book.manifest()
    told = {book["name"]: (book["state"], book["error"]) for book in manifest["notebooks"]}
    died = "the kernel died: too little memory is the usual cause, a crash in a library another"
    assert told == {
        "01_a": ("ran", None),
        "02_b": ("ran", None),
        "03_c": ("failed", "no photos/x.png: put it there"),
        "04_d": ("skipped", None),
        "05_e": ("failed", died),
    }
    assert manifest["data"]["splits"] == {"train": 12, "validation": 12}
    assert set(manifest["outputs"]) == {"metrics/a.json", "metrics/b.json"}
    assert manifest["command"] == "make report DATASET=image_folder DATA=photos SEED=5 RUN=toy"
    assert sys.executable in (book.folder / "logs" / "01_a.log").read_text()
    assert "UserError" in (book.folder / "logs" / "03_c.log").read_text()

    executed = json.loads((book.folder / "notebooks" / "01_a.ipynb").read_text())
    assert len(executed["cells"]) == 6  # four of the source, one of them injected; none explores
    assert "papermill" not in json.dumps(executed)
    for file in ("manifest.json", "notebooks/01_a.ipynb", "notebooks/03_c.ipynb"):
        assert str(tmp_path) not in (book.folder / file).read_text()
    assert not list((book.folder / "notebooks").glob(".*"))

    early, (paper, last) = pages[:-1], pages[-1]
    assert (paper, last) == (True, [state for state, _ in told.values()])
    assert early
    assert all(not paper and "running" in states for paper, states in early)

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


def test_an_edit_of_words_makes_the_pages_again_and_runs_nothing(tmp_path, pages, monkeypatch):
    book = Workbook(tmp_path)
    write_photos(book.photos)
    write_notebook(book.notebooks, "01_a", ["1"])
    assert book.report()[0] == 0
    monkeypatch.setitem(sys.modules, "papermill", None)  # an import would now fail

    def page(*words, toml=""):
        (tmp_path / "report.toml").write_text(toml)
        about = author.read(tmp_path / "report.toml")
        status, lines = book.report(*words, about=about)
        assert (status, "reused" in lines[0]) == (0, True)
        assert "Nothing changed" not in lines[-1]
        assert lines.count("warning: one") == bool(about)
        return (book.folder / "report.html").read_text()

    assert "Mine." in page(toml="[question.1]\ntext = 'Mine.'")
    assert page().startswith("en")
    monkeypatch.setattr(helpers.report, "tree_hash", lambda *_: "an edited template")
    page()
    assert all(paper for paper, _ in pages)
    with pytest.raises(UserError, match="no question 2"):
        page(toml="[question.2]\ntitle = 'x'")


def test_bad_data_and_folders_stop_before_anything_is_written(tmp_path):
    book = Workbook(tmp_path)
    write_notebook(book.notebooks, "01_a", ["1"])
    write_photos(book.photos, classes=("cat",))
    with pytest.raises(UserError):
        book.report()
    write_photos(book.photos)
    bad = book.photos / "train" / "dog" / "0.png"
    good = bad.read_bytes()
    bad.write_bytes(b"\x89PNG but not really")
    with pytest.raises(UserError, match=r"0\.png"):
        book.report()
    assert not book.reports.exists()
    bad.write_bytes(good)
    book.reports.write_text("a file")
    with pytest.raises(UserError, match=r"reports/toy cannot be written .* make it writable"):
        book.report()


DRIVER = """
import sys
from pathlib import Path
from helpers.report import render
render.render = lambda *_, **__: []
sys.path.insert(0, sys.argv[1])
from workbooks import Workbook
print(Workbook(Path(sys.argv[2])).report())
"""


@pytest.mark.slow
def test_a_kill_loses_nothing_that_had_finished(tmp_path):
    book = Workbook(tmp_path)
    write_photos(book.photos)
    flag, pid = tmp_path / "wait", tmp_path / "pid"
    flag.touch()
    write_notebook(book.notebooks, "01_a", ["run.record('a', n=1)"])
    slow = f"import os, pathlib\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
    slow += f"while pathlib.Path({str(flag)!r}).exists():\n    pass"
    write_notebook(book.notebooks, "02_b", [slow, "run.record('b', n=1)"], needs=["01_a"])
    surroundings = {**os.environ, "TMPDIR": str(tmp_path)}  # what a killed process leaves there
    command = [sys.executable, "-c", DRIVER, Path(__file__).parents[1], tmp_path]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=surroundings)
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


def until(condition, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    # On Linux an orphan may stay as a zombie for a while.
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
