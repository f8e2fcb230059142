"""Several seeds: what is done is kept, what does not fit is left out, and the words follow the numbers."""

import json
import shutil
import subprocess
import sys

import pytest
import render_samples as samples
from test_render_report import Reader
from workbooks import write_notebook, write_photos

from helpers import training
from helpers.errors import UserError
from helpers.evaluation import Rate
from helpers.files import read_json, write_json
from helpers.report import report
from helpers.report.doubts import doubts
from helpers.report.html import Page
from helpers.report.knobs import parse
from helpers.report.merge import merge
from helpers.report.seeds import read
from helpers.seeds import knobs_of, main, numbers, seeds
from helpers.words import seeds as words


class Book:
    """A report of one toy notebook on tiny photos, and its trainings with several seeds."""

    def __init__(self, root):
        self.notebooks, self.reports = root / "notebooks", root / "reports"
        self.folder = self.reports / "toy"
        self.given = ["DATASET=image_folder", f"DATA={root / 'photos'}", "RUN=toy", "QUICK=1", "EPOCHS=1"]

    @property
    def found(self):
        return read_json(self.folder / "seeds.json")["seeds"]

    def report(self):
        lines = []
        assert report(parse(self.given), notebooks=self.notebooks, reports=self.reports, say=lines.append) == 0
        return lines

    def seeds(self, *chosen):
        lines = []
        knobs = knobs_of([f"DATA={self.notebooks.parent / 'photos'}", "RUN=toy"], self.reports)
        seeds(list(chosen), knobs, notebooks=self.notebooks, reports=self.reports, say=lines.append)
        return lines


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("seeds"))
    write_photos(book.notebooks.parent / "photos")
    write_notebook(book.notebooks, "01_a", ['run.record("a", {"n": 1})'])
    with pytest.MonkeyPatch.context() as patch:
        pages_that_cost_nothing(patch)
        book.report()
        patch.setattr("helpers.backend.prepare", lambda seed: None)
        book.seeds(0)
    return book


def pages_that_cost_nothing(patch):
    def render(folder, _):
        (folder / "report.html").write_text((folder / "manifest.json").read_text())

    patch.setattr("helpers.report.render.render", render)


@pytest.fixture
def book(made, tmp_path, monkeypatch):
    """A book with seed 0 done, for one test to change."""
    copy = Book(tmp_path)
    shutil.copytree(made.notebooks.parent, tmp_path, dirs_exist_ok=True)
    pages_that_cost_nothing(monkeypatch)
    monkeypatch.setattr("helpers.backend.prepare", lambda seed: None)
    return copy


@pytest.fixture
def trained(monkeypatch):
    """The trainings asked for, by name."""
    names, fit = [], training.fit

    def note(*arguments, **options):
        names.append(options["name"])
        return fit(*arguments, **options)

    monkeypatch.setattr("helpers.training.fit", note)
    return names


def test_a_second_call_trains_nothing_and_a_new_seed_adds(book, trained):
    before = book.found
    assert before["0"]["cnn"]["n"] == before["0"]["dnn"]["n"] == 12
    assert "has shown them before" in book.seeds(0)[-1]
    assert trained == []
    lines = book.seeds(1, 0)
    assert trained == ["cnn, seed 1", "dnn, seed 1"]
    assert book.found["0"] == before["0"]
    assert "shows them now" in lines[-1]
    assert [line.split()[0] for line in lines[1:3]] == ["1", "0"]
    manifest = read_json(book.folder / "manifest.json")
    assert list(manifest["seeds"]["seeds"]) == ["0", "1"]
    assert not (book.reports / "test_evaluations.jsonl").exists()
    assert book.report()[-1].startswith("Nothing changed.")


def test_a_kill_between_two_networks_keeps_what_is_done(book, trained, monkeypatch):
    fit = training.fit

    def killed(*arguments, **options):
        if options["name"].startswith("dnn"):
            raise KeyboardInterrupt
        return fit(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr("helpers.training.fit", killed)
        with pytest.raises(KeyboardInterrupt):
            book.seeds(2)
    assert set(book.found["2"]) == {"cnn"}
    assert list(read_json(book.folder / "manifest.json")["seeds"]["seeds"]) == ["0"]
    trained.clear()
    book.seeds(2)
    assert trained == ["dnn, seed 2"]
    assert set(book.found["2"]) == {"cnn", "dnn"}


def test_the_seed_of_the_report_takes_the_training_of_the_report(book, capsys):
    before = book.found
    for path in (book.folder / "checkpoints" / "seeds" / "0").iterdir():
        path.rename(book.folder / "checkpoints" / path.name)
    (book.folder / "seeds.json").unlink()
    capsys.readouterr()
    book.seeds(0)
    said = capsys.readouterr().out
    assert said.count("trained before") == 2
    assert "epoch 1/" not in said
    assert book.found == before


def test_what_was_made_otherwise_is_dropped_and_trained_again(book, trained):
    kept = read_json(book.folder / "seeds.json")
    write_json(book.folder / "seeds.json", {**kept, "made_of": {**kept["made_of"], "code": "older"}})
    assert "training code" in read_now(book)["left_out"]
    book.seeds(0)
    assert trained == ["cnn, seed 0", "dnn, seed 0"]  # whose checkpoints are found
    assert set(read_now(book)["seeds"]) == {"0"}


def read_now(book, **changes):
    manifest = read_json(book.folder / "manifest.json")
    parameters = {**manifest["parameters"], **changes.get("parameters", {})}
    checksum = changes.get("checksum", manifest["data"]["checksum"])
    return read(book.folder, parameters, checksum, changes.get("elsewhere", {}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"parameters": {"quick": False}}, "made with other quick"),
        ({"parameters": {"epochs": None, "size": 32}}, "made with other size, epochs"),
        ({"checksum": "ef"}, "made with other data"),
        ({"elsewhere": {"model": "my.keras"}}, "this report's CNN was not"),
    ],
)
def test_seeds_of_another_report_are_left_out_with_one_line(book, change, said):
    assert "left_out" not in read_now(book)
    assert said in read_now(book, **change)["left_out"]


def test_another_recipe_in_notebook_01_is_another_training(book):
    write_json(book.folder / "metrics" / "cnn.json", {"recipe": {"widths": [1]}})
    assert "made with other recipe" in read_now(book)["left_out"]


def test_knobs_are_those_of_the_report(book):
    photos = book.notebooks.parent / "photos"
    knobs = knobs_of([f"DATA={photos}", "RUN=toy"], book.reports)
    assert (knobs.dataset, knobs.quick, knobs.epochs) == ("image_folder", True, 1)
    assert knobs_of(["RUN=new", "QUICK=1"], book.reports) == parse(["RUN=new", "QUICK=1"])
    with pytest.raises(UserError, match="toy was made with other EPOCHS than 2"):
        knobs_of(["RUN=toy", f"DATA={photos}", "EPOCHS=2"], book.reports)
    with pytest.raises(UserError, match=r"say where it is, make seeds \.\.\. DATA=path"):
        knobs_of(["RUN=toy"], book.reports)
    manifest = read_json(book.folder / "manifest.json")
    elsewhere = {"model": {"file": "my.keras", "sha256": "ef"}}
    write_json(book.folder / "manifest.json", {**manifest, "elsewhere": elsewhere})
    with pytest.raises(UserError, match=r"toy explains my\.keras, trained elsewhere"):
        knobs_of(["RUN=toy"], book.reports)


def test_other_data_than_the_report_s_is_one_sentence(book):
    (book.notebooks.parent / "photos" / "train" / "cat" / "0.png").unlink()
    with pytest.raises(UserError, match="other images or labels"):
        book.seeds(0)


def test_seeds_are_numbers_with_commas():
    assert numbers("0,1, 2,1") == [0, 1, 2]
    for wrong in ("0,a", "", "1,", "-1", "1.5", "4294967296"):
        with pytest.raises(UserError, match="SEEDS is whole numbers from 0"):
            numbers(wrong)


@pytest.mark.parametrize("given", [["SEEDS=0,a"], [], ["SEEDS=0", "SEED=1"], ["SEEDS=0", "MODEL=my.keras"]])
def test_a_wrong_request_is_one_line_and_exit_status_2(given, capsys):
    assert main(given) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1


def test_a_wrong_request_costs_no_slow_import():
    code = (
        "import sys\nfrom helpers.seeds import main\nassert main(['SEEDS=a']) == 2\n"
        "slow = {'papermill', 'nbconvert', 'numpy', 'keras', 'matplotlib'} & set(sys.modules)\nassert not slow, slow"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- the words ---


def pairs(cnn, dnn, n=1000):
    return [(Rate(a, n), Rate(b, n)) for a, b in zip(cnn, dnn, strict=True)]


def test_the_winner_over_seeds_turns_with_the_numbers():
    high, low = [800, 805, 810], [500, 510, 505]
    assert words.difference_in_words(pairs(high, low)).startswith("The CNN beats the DNN with every seed: +30.0 points")
    assert words.difference_in_words(pairs(low, high)).startswith("The DNN beats the CNN with every seed: −30.0 points")
    assert words.difference_in_words(pairs([800, 700], [700, 800])).startswith("No difference")
    assert words.difference_in_words(pairs([800], [500])) == "From one seed nothing follows for others: add a second."
    mixed = pairs([600] * 9 + [499], [500] * 10)
    assert words.difference_in_words(mixed).startswith("The CNN beats the DNN on average, not with every seed")


def test_the_spread_is_larger_smaller_or_cannot_be_told():
    other = [500] * 10
    wide, narrow = [600, 700, 800, 900, 750] * 2, [800, 801, 800, 799, 800] * 2
    assert "more than the choice of images" in words.spread_in_words(pairs(wide, other))
    assert "less than the choice of images" in words.spread_in_words(pairs(narrow, other))
    assert "3 seeds cannot tell" in words.spread_in_words(pairs([790, 800, 812], other[:3]))
    assert words.spread_in_words(pairs([800], [500])) == ""


def test_rows_have_mean_and_spread():
    cnn, dnn, difference = words.rows(pairs([800, 820], [500, 540]))
    assert cnn == ["CNN", "81.0\u00a0%", "1.4", "80.0\u00a0%", "82.0\u00a0%", "2"]
    assert dnn[1:3] == ["52.0\u00a0%", "2.8"]
    assert difference == ["CNN − DNN, same seed", "+29.0", "1.4", "+28.0", "+30.0", "2"]
    assert words.rows(pairs([800], [500]))[0][2] == "–"


def with_seeds(folder, told):
    run, sources = samples.make_run(folder)
    manifest = read_json(run / "manifest.json")
    manifest.update(seeds=told, outputs={"models/cnn.keras": "ef" * 32})
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return merge(run, sources)


def test_the_page_shows_seeds_and_counts_them_in_its_doubts(tmp_path):
    accuracies = {"cnn": {"hits": 800, "n": 1000}, "dnn": {"hits": 500, "n": 1000}}
    three = with_seeds(tmp_path / "a", {"seeds": {str(seed): accuracies for seed in (0, 1, 7)}})
    text = " ".join(Reader(Page(three).html()).text.split())
    assert "with 3 seeds (0, 1, 7): accuracy on the validation images" in text
    assert "The CNN beats the DNN with every seed" in text
    assert 'href="#seeds"' in Page(three).html()
    assert "CNN and DNN were trained with 3 seeds" in dict(doubts(three))["Small differences"]
    one = with_seeds(tmp_path / "b", {"seeds": {"5": accuracies}})
    assert "with 1 seed (5)" in " ".join(Reader(Page(one).html()).text.split())
    assert "was trained once" in dict(doubts(one))["Small differences"]
    none = with_seeds(tmp_path / "c", {"left_out": "seeds.json is left out, for a reason"})
    assert "Over several seeds" not in Page(none).html()
    assert "seeds.json is left out, for a reason" in Page(none).html()
