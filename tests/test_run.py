"""Run: one folder of results, written whole, read through from the lab, shown with its marks."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from workbooks import write_notebook

import helpers.run
from helpers.errors import UserError
from helpers.files import sha256
from helpers.run import Run

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
    """What a notebook would display: (data, workbook metadata) in order."""
    displays = []
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr(
        "IPython.display.display",
        lambda data, raw, metadata: displays.append((data, metadata["workbook"])),
    )
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


WORDS = {"caption": "A <b>caption</b>, see {ref:other}.", "alt": "Falling."}


# --- files ---


def test_numbers_come_back_and_arrays_become_lists(make):
    run = make()
    run.record("scores", {"a": np.float32(0.5), "b": np.arange(3), "c": [np.int64(1)], "d": "é"})
    assert run.read("scores") == {"a": 0.5, "b": [0, 1, 2], "c": [1], "d": "é"}


def test_a_number_that_is_none_is_refused_and_the_old_ones_stay(make):
    run = make()
    run.record("scores", {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        run.record("scores", {"a": float("nan")})
    assert run.read("scores") == {"a": 1}


def test_a_kill_while_writing_leaves_the_old_file_and_no_rest(make, monkeypatch):
    run = make()
    run.record("scores", {"a": 1})
    path = run.find("metrics/scores.json")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run.record("scores", {"a": 2})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [file.name for file in path.parent.iterdir()] == ["scores.json"]


def test_the_lab_reads_the_report_and_writes_only_into_itself(make, tmp_path):
    report = make()
    report.record("scores", {"from": "report"})
    lab = make(run="lab")
    assert lab.folder == tmp_path / "lab-faces"
    assert lab.read("scores") == {"from": "report"}
    lab.record("scores", {"from": "lab"})
    assert lab.read("scores") == {"from": "lab"}
    assert report.read("scores") == {"from": "report"}
    with pytest.raises(UserError):
        make(run="another").read("scores")


def test_what_is_missing_is_named_with_the_notebook_that_makes_it(make, tmp_path, monkeypatch):
    write_notebook(tmp_path / "notebooks", "04_numbers", ["run.record('scores', {})\nrun.save_model('cnn', m)"])
    monkeypatch.setattr(helpers.run, "ROOT", tmp_path)
    remedy = r"run notebook 04 first \(make report, or open notebooks/04_numbers.ipynb\)"
    with pytest.raises(UserError, match=r"no metrics/scores.json yet: " + remedy):
        make().read("scores")
    with pytest.raises(UserError, match=r"no model `cnn` yet: " + remedy):
        make().model("cnn")
    with pytest.raises(UserError, match="run the notebooks that come before"):
        make().read("unheard-of")


def test_the_ledger_lists_what_this_notebook_wrote(make):
    run = make()
    run.record("scores", {"a": 1})
    run.path("models/history.csv").write_text("epoch\n")
    ledger = json.loads((run.folder / "ledger" / "01_a.json").read_text())
    assert ledger == {"metrics/scores.json": sha256(run.find("metrics/scores.json")), "models/history.csv": None}
    make()
    assert json.loads((run.folder / "ledger" / "01_a.json").read_text()) == {}


def test_two_notebooks_cannot_write_one_file(make):
    make(notebook="01_a").record("scores", {})
    with pytest.raises(ValueError, match="written by 01_a already"):
        make(notebook="02_b").record("scores", {})


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "figures/../../x"])
def test_no_path_leaves_the_folder(make, name):
    with pytest.raises(ValueError, match="not inside"):
        make().path(name)


@pytest.mark.parametrize("name", ["../faces", "a/b", "..", ""])
def test_a_run_is_a_plain_folder(make, name):
    with pytest.raises(UserError, match="cannot name a folder"):
        make(run=name)


def test_a_cell_run_twice_gives_the_run_back(make, monkeypatch):
    """In a notebook the name ``run`` holds the Run after the first time."""
    monkeypatch.setattr(helpers.run, "prepare", lambda seed: None)
    opened = make()
    assert Run.open("faces", run=opened, notebook="01_a") is opened


def test_looks_at_the_test_set_are_counted(make, tmp_path):
    run = make()
    run.__dict__["dataset"] = SimpleNamespace(checksum="c0ffee")
    run.count_test_evaluation("cnn")
    run.count_test_evaluation("dnn")
    lines = [json.loads(line) for line in (tmp_path / "test_evaluations.jsonl").read_text().splitlines()]
    assert [(line["run"], line["notebook"], line["what"], line["data"]) for line in lines] == [
        ("faces", "01_a", "cnn", "c0ffee"),
        ("faces", "01_a", "dnn", "c0ffee"),
    ]


# --- what the reader sees ---


@pytest.mark.parametrize(("draw", "file"), [(line_chart, "f.svg"), (picture, "f.png")])
def test_figures_are_the_same_bytes_again(make, draw, file):
    contents = []
    for name in ("one", "two"):
        run = make(run=name)
        run.show(draw(), label="f", **WORDS)
        assert [path.name for path in (run.folder / "figures").iterdir()] == [file]
        contents.append((run.folder / "figures" / file).read_bytes())
    assert contents[0] == contents[1]
    assert not plt.get_fignums()


def test_a_figure_of_another_kind_replaces_the_first(make):
    run = make(run="lab")
    run.show(line_chart(), label="f", **WORDS)
    run.show(line_chart(), label="f", vector=False, **WORDS)
    assert [path.name for path in (run.folder / "figures").iterdir()] == ["f.png"]


def test_a_figure_carries_its_marks_and_a_caption_without_tags(make, shown):
    make().show(picture(), label="f", more=True, **WORDS)
    (data, workbook), (below, caption) = shown
    assert set(data) == {"image/png", "text/plain"}
    assert workbook == {"kind": "figure", "label": "f", "more": True, **WORDS}
    assert caption == {"kind": "caption"}
    assert below["text/markdown"] == "**f** · A &lt;b>caption&lt;/b>, see “other”."


@pytest.mark.parametrize("lack", [{"caption": " "}, {"alt": ""}, {"label": "two words"}, {"label": "../f"}])
def test_a_figure_without_words_or_with_a_bad_name_is_refused(make, lack):
    run = make()
    with pytest.raises(ValueError, match=r"is empty|is no name"):
        run.show(line_chart(), **{"label": "f", **WORDS, **lack})
    assert not (run.folder / "figures").exists()


def test_a_label_names_one_thing_in_a_report_but_a_cell_may_run_again_by_hand(make):
    run, lab = make(), make(run="lab")
    run.table(["a"], [[1]], caption="c", label="t")
    with pytest.raises(ValueError, match="used twice"):
        run.show(line_chart(), label="t", **WORDS)
    for _ in range(2):
        lab.show(line_chart(), label="t", **WORDS)


def test_a_table_escapes_text_and_sets_numbers_to_the_right(make, shown):
    rows = [["<script>", 8000, 0.51234, ".81 (.79–.83)"], ["b", None, float("nan"), "81.2 %"]]
    make().table(["class", "n", "recall", "range"], rows, caption="c", label="t")
    html = shown[0][0]["text/html"]
    assert ">&lt;script&gt;</td>" in html
    assert html.count('class="number"') == 3 * 3
    assert ">8,000<" in html
    assert ">0.512<" in html
    assert html.count(">–<") == 2
    assert shown[0][1] == {"kind": "table", "label": "t", "caption": "c", "more": False}
    with pytest.raises(ValueError, match="a row of 1 cells"):
        make(run="other").table(["a", "b"], [[1]], caption="c", label="t")


def test_sentences_and_answers_keep_their_source(make, shown):
    run = make()
    run.say("It falls, $a<b$, see {ref:f}.")
    run.answer("Q1", short="Yes.", text="Because.", key=0.8125, key_label="accuracy", topic="cnn")
    assert shown[0][0]["text/markdown"] == "It falls, $a&lt;b$, see “f”."
    assert shown[0][1] == {"kind": "text", "text": "It falls, $a<b$, see {ref:f}."}
    assert shown[1][1] == {
        "kind": "answer",
        "question": "Q1",
        "short": "Yes.",
        "text": "Because.",
        "key": "0.812",
        "key_label": "accuracy",
        "topic": "cnn",
        "doubt": "",
    }
    with pytest.raises(ValueError, match="short is empty"):
        run.answer("Q1", short="", text="t")


# --- Keras ---


def test_opening_the_module_is_quick():
    code = "import sys, helpers.run; assert not {'keras', 'numpy', 'matplotlib', 'IPython'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_answers_are_computed_once_and_anew_for_another_model_or_other_images(make, monkeypatch):
    from helpers import evaluation, models

    asked, predict = [], evaluation.predict
    monkeypatch.setattr(evaluation, "predict", lambda *given: asked.append(given) or predict(*given))
    images = np.random.default_rng(0).integers(0, 256, (6, 12, 12, 1), dtype="uint8")
    networks = [models.cnn((12, 12, 1), 3, (4,), stem=4) for _ in range(2)]
    for network, checksum, times in ((0, "a", 1), (0, "a", 1), (1, "a", 2), (1, "b", 3), (0, "a", 3)):
        run = make()
        run.__dict__["dataset"] = SimpleNamespace(checksum=checksum, validation=SimpleNamespace(images=images))
        run.save_model("cnn", networks[network])
        assert np.array_equal(run.logits("cnn"), predict(networks[network], images))
        assert len(asked) == times


IN_A_FRESH_KERNEL = """
import sys
from pathlib import Path
from helpers.backend import prepare, threads
from helpers.errors import UserError
from helpers.run import Run

reports = Path(sys.argv[1])
run = Run.open("faces", run="faces", notebook="01_a", reports=reports, seed=3)
import keras, numpy as np

drawn = keras.random.normal((4,))
inputs = keras.Input((4, 4, 1))
model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(keras.layers.Flatten()(inputs)))
images = np.ones((1, 4, 4, 1), "float32")
run.save_model("cnn", model)
path = run.find("models/cnn.keras")
assert [file.name for file in path.parent.iterdir()] == ["cnn.keras"]
assert np.array_equal(run.model("cnn")(images), model(images))
assert Run("faces", run="lab", notebook="02_b", reports=reports).model("cnn").count_params() == 34

prepare(3)
assert np.array_equal(keras.random.normal((4,)), drawn), "another draw from the same seed"
if keras.config.backend() == "tensorflow":
    import tensorflow as tf

    assert tf.config.threading.get_intra_op_parallelism_threads() == threads()
path.write_bytes(b"not a model")
try:
    run.model("cnn")
except UserError as fault:
    print(fault)
"""


def test_models_come_back_and_damaged_ones_say_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_KERNEL, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "models/cnn.keras cannot be opened" in done.stdout
    assert "run its notebook again" in done.stdout
    assert "oneDNN" not in done.stderr
