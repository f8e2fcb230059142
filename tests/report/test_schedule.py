"""The scheduler: what runs, why, in what order, and who is told."""

import json
import threading

import pytest
from workbooks import write_notebook

from helpers import ROOT
from helpers.errors import UserError
from helpers.files import write_json
from helpers.report.keys import Code
from helpers.report.schedule import Schedule, read_notebooks
from helpers.report.watch import GUESSES, Watch


class Toy:
    """A schedule over toy notebooks that "runs" one by writing what its first cell says."""

    def __init__(self, tmp_path):
        self.notebooks, self.folder = tmp_path / "notebooks", tmp_path / "reports" / "toy"
        self.files, self.parameters = {"the data": "d"}, {"SEED": "0"}
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
        ledger = self.folder / "ledger" / f"{notebook.name}.json"
        write_json(ledger, {f"figures/{notebook.name}.svg": None})
        return 1.0, self.faults.get(notebook.name)

    def key(self, notebook):
        more = {"files": {**self.files}, "parameters": {**self.parameters}}
        return Code(self.folder).key(notebook.cells) | more

    def run(self):
        """Name -> (state, reason); ``ran`` starts anew."""
        self.ran = []
        notebooks, calls = (
            read_notebooks(self.notebooks),
            {"key": self.key, "execute": self.execute},
        )
        more = {"say": self.lines.append, "workers": self.workers, "done": lambda outcomes: None}
        schedule = Schedule(notebooks, self.folder, **calls, **more)
        must_run = bool(schedule.expected())
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
    toy.parameters = {"SEED": "1"}
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


def test_prose_and_exploring_run_nothing(toy):
    assert set(toy.run().values()) == {REUSED}
    toy.write("01_a", "a", prose="Other words.")
    toy.write("03_c", "c", ["01_a"], explore="2")
    assert set(toy.run().values()) == {REUSED}


def test_what_all_notebooks_share_runs_all_and_is_the_reason(toy):
    toy.files["the data"] = "other"
    toy.parameters["SEED"] = "7"
    assert set(toy.run().values()) == {("ran", "the data changed, SEED changed from 0 to 7")}


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
    first = {"01_a": ("ran", "the notebook's code changed")}
    assert toy.run() == first | dict.fromkeys(("02_b", "03_c", "04_d"), REUSED)


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


def test_a_failure_stops_what_builds_on_it_and_the_next_run_starts_there(toy):
    toy.faults["02_b"] = "ValueError: no"
    toy.files["the data"] = "other"
    assert toy.run() == {
        "01_a": ("ran", "the data changed"),
        "02_b": ("failed", "the data changed"),
        "03_c": ("ran", "the data changed"),
        "04_d": ("skipped", "02_b failed"),
    }
    assert any("ValueError: no" in line for line in toy.lines)
    toy.faults.clear()
    assert toy.run() == {
        "01_a": REUSED,
        "02_b": ("ran", "failed last time"),
        "03_c": REUSED,
        "04_d": ("ran", "the data changed"),
    }


def test_notebooks_that_cannot_be_scheduled_are_one_sentence(tmp_path):
    folder = tmp_path / "notebooks"
    document = json.loads(write_notebook(folder, "scratch", []).read_text())
    del document["metadata"]["workbook"]  # one's own, which is left alone
    (folder / "scratch.ipynb").write_text(json.dumps(document))
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


def test_the_time_left_follows_from_earlier_runs_and_is_corrected_by_this_one(toy, capsys):
    toy.parameters = {"SEED": "1"}
    schedule = Schedule(read_notebooks(toy.notebooks), toy.folder, key=toy.key, execute=toy.execute)
    states = schedule.outcomes
    watch = Watch(schedule, "faces", print, bar=True)
    assert watch.expected == dict.fromkeys(states, 1.0)  # what each took in the toy's first run
    watch.expected = {"01_a": 100, "02_b": 100, "03_c": 20, "04_d": 50}
    assert watch.seconds() == 250  # the chain 01, 02, 04 counts, not the half of the sum
    states["01_a"].state, states["01_a"].seconds = "ran", 50
    assert watch.words() == "about 2 min left"  # 75 s: this machine is twice as fast
    states["02_b"].state = "running"
    watch.tick()
    assert capsys.readouterr().out.endswith("about 2 min left: 02_b")
    numbers = {path.name[:2] for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")} - {"00"}
    assert all(numbers <= guesses.keys() for guesses in GUESSES.values())
