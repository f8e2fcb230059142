"""Run: one folder of results, written whole, read through from the lab, shown with its marks."""

import json
import os
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from workbooks import write_notebook

import helpers.display
from helpers import places, records
from helpers.errors import UserError
from helpers.files import sha256, write_json
from helpers.run import Run
from helpers.stats import rate

mpl.use("Agg")
from matplotlib import pyplot as plt


@pytest.fixture
def make(tmp_path):
    """Open a run below tmp_path."""
    return lambda run="faces", notebook="01_a", **more: Run(
        "faces", run=run, notebook=notebook, reports=tmp_path, **more
    )


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would display, in order."""
    displays = []
    monkeypatch.setattr(helpers.display, "_display", displays.append)
    return displays


def line_chart():
    figure, axes = plt.subplots()
    axes.plot([0, 1], [1, 0], label="loss")
    axes.legend()
    return figure


def picture():
    figure, axes = plt.subplots()
    axes.imshow(np.arange(9).reshape(3, 3))
    return figure


# --- files ---


def test_a_number_that_is_none_is_refused_and_the_old_ones_stay(make):
    run = make()
    run.record("scores", a=np.float32(0.5), rate=rate(1, 2))
    with pytest.raises(ValueError, match="a is nan"):
        run.record("scores", a=float("nan"))
    assert run.read("scores") == {"a": 0.5, "rate": rate(1, 2)}


def test_a_kill_while_writing_leaves_the_old_file_and_no_rest(make, monkeypatch):
    run = make()
    run.record("scores", a=1)
    path = run.find("metrics/scores.json")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run.record("scores", a=2)
    assert json.loads(path.read_text()) == {"a": 1}
    assert [file.name for file in path.parent.iterdir()] == ["scores.json"]


def test_the_lab_reads_the_report_and_writes_only_into_itself(make, tmp_path):
    report = make()
    report.record("scores", source="report")
    lab = make(run="lab")
    assert lab.folder == tmp_path / "lab-faces"
    assert lab.read("scores") == {"source": "report"}
    lab.record("scores", source="lab")
    assert lab.read("scores") == {"source": "lab"}
    assert report.read("scores") == {"source": "report"}
    with pytest.raises(UserError):
        make(run="another").read("scores")


def test_what_is_missing_is_named_with_all_notebooks_to_run(make, tmp_path, monkeypatch):
    for name, needs in (("01_a", []), ("02_b", ["01_a"]), ("04_numbers", ["02_b"])):
        write_notebook(tmp_path / "notebooks", name, [], needs=needs)
    monkeypatch.setattr(places, "BOOKS", tmp_path / "notebooks")
    lab = make("lab", "04_numbers")
    with pytest.raises(
        UserError, match=r"no metrics/scores.json yet: first run 01_a, 02_b, or all"
    ):
        lab.read("scores")
    write_json(lab.folder / "stamps" / "01_a.json", {"state": "ran"})
    assert places.missing(lab.sources, "04_numbers") == ["02_b"]
    write_json(lab.folder / "stamps" / "02_b.json", {"state": "ran", "networks_used": {"cnn": "1"}})
    assert places.missing(lab.sources, "04_numbers") == ["02_b"]
    with pytest.raises(UserError, match=r"no models/cnn\.keras yet: run make report"):
        make().model("cnn")


def test_numbers_about_another_network_are_refused(make):
    """Whoever trains the CNN again in the lab must not see its maps beside the old confusion matrix."""
    run = make()
    run._save("models/cnn.keras", b"the first network")
    run._model("cnn")
    run.record("confusion", counts=[1])
    assert run.read("confusion").counts == [1]
    run._save("models/cnn.keras", b"another network")
    with pytest.raises(UserError, match=r"metrics/confusion.json is about another network `cnn`"):
        run.read("confusion")


@pytest.fixture
def bytes_for_networks(monkeypatch):
    """Networks are bytes here."""
    from helpers.networks import saved

    for name in ("export", "content"):
        monkeypatch.setattr(saved, name, lambda network: network)


def test_a_lab_with_a_cnn_of_its_own_stands_alone(make, bytes_for_networks):
    """Whoever trains another CNN in the lab must not see it beside results of the report's."""
    report, lab = make(), make("lab", "02_b")
    report.save_model("cnn", b"the CNN")
    report.save_model("cnn_judge", b"its judge")
    report.record("confusion", counts=[1])
    lab.save_model("cnn", b"the CNN")
    assert lab.read("confusion").counts == [1]
    assert lab.find("models/cnn_judge.keras").parents[1] == report.folder
    lab.save_model("cnn", b"another CNN")
    assert lab.sources == [lab.folder]
    for read in (lambda: lab.read("confusion"), lambda: lab._model("cnn_judge")):
        with pytest.raises(UserError, match="yet: first run"):
            read()


def test_a_network_made_beside_another_cnn_is_refused(make, bytes_for_networks):
    lab = make("lab", "02_b")
    lab.save_model("cnn", b"the CNN")
    lab.save_model("cnn_judge", b"its judge")
    assert make("lab", "07_c")._model("cnn_judge")
    make("lab", "01_a").save_model("cnn", b"another CNN")
    with pytest.raises(UserError, match=r"cnn_judge.keras is about .* `cnn` .* run 02_b again"):
        make("lab", "07_c")._model("cnn_judge")
    records = {"old": {"networks_used": {"cnn": "1"}}, "mine": {}}
    assert places.unmixed(lab.sources, records) == {"mine": {}}


def test_without_a_data_set_the_chosen_one_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path))
    assert Run.open(notebook="01_a").name == "faces"
    write_json(tmp_path / places.CHOSEN, {"dataset": "fer2013", "data": "data/x.zip"})
    chosen = Run.open(notebook="01_a")
    assert (chosen.name, chosen.data.name) == ("fer2013", "x.zip")
    assert Run.open("faces", notebook="01_a").data is None


def test_new_parameters_are_a_new_run_and_the_lab_says_what_it_uses(tmp_path, capsys):
    first = Run.open("faces", notebook="01_a", reports=tmp_path)
    write_json(first.folder / "stamps" / "01_a.json", {"state": "ran", "seconds": 65.2})
    again = Run.open("faces", notebook="01_a", reports=tmp_path, seed=7, quick=True)
    assert (first.seed, again.seed, again.quick) == (0, 7, True)
    assert capsys.readouterr().out.splitlines()[1].endswith("/lab-faces, the last time in 65 s")
    (first.folder / "models").mkdir(exist_ok=True)
    (first.folder / "models" / "cnn.keras").write_bytes(b"quick")
    rates = {"validation": {"value": 0.31}}
    write_json(first.folder / "metrics" / "accuracy.json", {"rates": rates})
    Run.open("faces", notebook="04_a", reports=tmp_path)
    assert "this lab's own and recognises 31% of" in capsys.readouterr().out


def test_a_data_set_that_there_is_not_leaves_no_folder(tmp_path):
    run = Run.open("my photos", notebook="01_a", reports=tmp_path)
    with pytest.raises(UserError, match='no data set "my photos"'):
        _ = run.dataset
    assert not [*tmp_path.iterdir()]


def test_the_ledger_lists_what_this_notebook_wrote(make):
    run = make()
    run.record("scores", a=1)
    run.path("models/history.csv").write_text("epoch\n")
    ledger = run.folder / "ledger" / "01_a.json"
    scores = sha256(run.find("metrics/scores.json"))
    assert json.loads(ledger.read_text()) == {
        "metrics/scores.json": scores,
        "models/history.csv": None,
    }
    with pytest.raises(ValueError, match="written by 01_a already"):
        make(notebook="02_b").record("scores")
    make()
    assert json.loads(ledger.read_text()) == {}


def test_looks_at_the_test_set_are_counted(make, tmp_path):
    run = make()
    run.__dict__["dataset"] = SimpleNamespace(checksum="c0ffee")
    run.count_test_evaluation("cnn")
    run.count_test_evaluation("dnn")
    run.count_test_evaluation("dnn")  # once a network
    told = map(json.loads, (tmp_path / "test_evaluations.jsonl").read_text().splitlines())
    counted = [(line["run"], line["notebook"], line["what"], line["data"]) for line in told]
    assert counted == [("faces", "01_a", what, "c0ffee") for what in ("cnn", "dnn")]


def test_no_name_leaves_the_folder(make):
    for name in ("../x", "/tmp/x", "figures/../../x"):
        with pytest.raises(ValueError, match="not inside"):
            make().path(name)
    for name in ("../faces", "a/b", "..", ""):
        with pytest.raises(UserError, match="cannot name a folder"):
            make(run=name)


# --- what the reader sees ---


@pytest.mark.parametrize(("draw", "file"), [(line_chart, "f.svg"), (picture, "f.png")])
def test_figures_are_the_same_bytes_again(make, draw, file, shown):
    contents = []
    for name in ("one", "two"):
        run = make(run=name)
        run.figure("f", draw())
        assert [path.name for path in (run.folder / "figures").iterdir()] == [file]
        contents.append((run.folder / "figures" / file).read_bytes())
    assert contents[0] == contents[1]
    assert not plt.get_fignums()
    assert {"image/svg+xml", "image/png"} & set(shown[0])


def test_a_table_keeps_its_values_and_shows_text_as_text(make, shown):
    run = make()
    run.table("t", ["class", "n", "recall"], [["<b>|x", 8000, rate(1, 2)], ["b", None, 0.25]])
    assert records.loads(run.find("tables/t.json").read_bytes()).rows[0][2] == rate(1, 2)
    table = shown[0]["text/markdown"].splitlines()
    assert table[2] == r"| \<b\>\|x | 8,000 | 0.500 (0.095 to 0.905) |"
    assert table[3] == "| b | – | 0.250 |"
    with pytest.raises(ValueError, match="t: a row of 1 cells"):
        run.table("t", ["a", "b"], [[1]])


# --- Keras ---


def test_a_damaged_network_is_one_sentence(make):
    make()._save("models/cnn.keras", b"not a model")
    with pytest.raises(
        UserError, match=r"models/cnn\.keras cannot be opened.* run its notebook ag"
    ):
        make().model("cnn")


def test_answers_are_computed_once_and_anew_for_another_model_or_other_images(make, monkeypatch):
    from helpers import evaluation
    from helpers.networks import models

    asked, predict = [], evaluation.predict
    count = lambda *given: asked.append(given) or predict(*given)  # noqa: E731
    monkeypatch.setattr(evaluation, "predict", count)
    images = np.random.default_rng(0).integers(0, 256, (6, 12, 12, 1), dtype="uint8")
    networks = [models.cnn((12, 12, 1), 3, (4,), stem=4) for _ in range(2)]
    split = SimpleNamespace(images=images)
    for network, data, times in ((0, "a", 1), (0, "a", 1), (1, "a", 2), (1, "b", 3), (0, "a", 3)):
        run = make()
        run.__dict__["dataset"] = SimpleNamespace(checksum=data, validation=split)
        run.save_model("cnn", networks[network])
        assert np.array_equal(run.logits("cnn"), predict(networks[network], images))
        assert len(asked) == times
