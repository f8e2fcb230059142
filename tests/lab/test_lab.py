"""The lab's widgets without a browser: the image chosen, the pictures shown, the front door."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut
from workbooks import write_notebook

from helpers import photo, places
from helpers.datasets.faces import draw
from helpers.errors import UserError
from helpers.figures.sheet import Heat
from helpers.files import read_json, write_json
from helpers.lab import explorer, start
from helpers.lab.__main__ import prepare
from helpers.lab.picker import Picker
from helpers.lab.pictures import pictures
from helpers.networks import models
from helpers.run import Run


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path))
    run = Run("faces", notebook="explorer")
    run.dataset = draw(train=[12] * 7, validation=[4] * 7, test=[1] * 7)
    return run


@pytest.fixture(scope="module")
def model():
    return models.cnn((48, 48, 1), 7, (4, 6), stem=4)


@pytest.fixture
def selfie():
    file = io.BytesIO()
    Image.fromarray(astronaut()).save(file, "PNG")
    return file.getvalue()


def test_an_image_is_chosen_by_its_number_or_is_ones_own(run, selfie):
    picker, split = Picker(run, 3), run.dataset.validation
    assert np.array_equal(picker.value.pixels, split.images[[3]])
    assert picker.value.label == split.labels[3]
    picker.number.value = 9999
    assert picker.value.name.startswith("image 27 (")
    picker.take(selfie, "me.png")
    whole, shape = photo.opened(selfie), (48, 48, 1)
    tight = photo.cut(whole, shape, photo.face(whole, shape))
    assert np.array_equal(picker.value.pixels, tight)
    assert picker.value.label is None
    picker.crop[0].value += 40
    assert not np.array_equal(picker.value.pixels, tight)
    picker.back.click()
    assert picker.value.name.startswith("image 27 (")


def test_a_bad_photo_is_named_and_changes_nothing(run):
    picker = Picker(run)
    before, picker.path.value = picker.value, "nothing.png"
    assert "there is no photo nothing.png" in picker.fault.value
    assert picker.value is before
    picker.number.value = 1
    assert not picker.fault.value


def test_pictures_are_large_named_and_can_be_saved():
    image, map_ = np.full((4, 6, 1), 200, "uint8"), np.array([[-2.0, 0, 2]])
    shown = pictures({"<b>": image, "map": Heat(map_, True)}, "truly a & b", "x").data
    assert "&lt;b&gt;" in shown and "a &amp; b" in shown and 'download="x.png"' in shown
    first, second, file = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB"))
        for code in re.findall(r"base64,([\w+/=]+)", shown)
    )
    assert first.shape == (4, 6, 3) and (first == 200).all()
    blue, white, red = second[0].astype(int)
    assert blue[2] > blue[0] and white.min() > 240 and red[0] > red[2]
    assert file.shape[1] > 2 * 300


def test_the_explorer_names_the_true_class_and_the_answer(run, model):
    widgets = explorer.choices(run, model)
    assert [*widgets] == ["image", "answer", "method", "layer", "filter"]
    logits, names = np.eye(7)[[2]] * 9, run.dataset.class_names
    told = explorer.answers(names, logits, 0)
    assert told.startswith(f"truly {names[0]}; the network answers {names[2]} 100%")
    assert explorer.answers(names, logits, None).startswith("a photo; the network answers")
    shown = explorer.look(run, model, **{name: each.value for name, each in widgets.items()}).data
    assert shown.count("<figure") == 4
    assert f"filter {widgets['filter'].value} of" in shown and "integrated gradients for" in shown


def test_the_front_door_shows_questions_times_and_results(run, tmp_path):
    assert "`make report DATASET=faces`" in start.state("faces")
    stamp = {"state": "ran", "seconds": 65.2}
    write_json(tmp_path / "faces" / "stamps" / "04_saliency.json", stamp)
    (tmp_path / "faces" / "report.html").touch()
    told = start.state("faces", "hw4-2019")
    row = next(line for line in told.splitlines() if "| [04 " in line)
    assert "(04_saliency.ipynb)" in row and "1\xa0min\xa005\xa0s" in row and "the report," in row
    assert "4. What else explains what the CNN does? [07]" in told and "[09](09" in told
    assert "(../reports/faces/report.html)" in told
    write_json(tmp_path / "lab-faces" / "models" / "cnn.keras", "another")
    assert "Your lab has a CNN of its own" in start.state("faces")


def test_the_data_set_is_chosen_once_for_all_notebooks(run, tmp_path):
    start.choose("fer2013", " data/x.zip ", "all")
    chosen = {"dataset": "fer2013", "data": "data/x.zip", "homework": "all"}
    assert read_json(tmp_path / places.CHOSEN) == chosen
    assert places.chosen() == ("fer2013", "data/x.zip")
    assert start.data_sets("mine")[0] == "faces" and "mine" in start.data_sets("mine")


def test_what_a_notebook_needs_is_made_by_one_call(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "BOOKS", tmp_path / "notebooks")
    write_notebook(places.BOOKS, "01_a", ["run.record('a', value=seed)"])
    write_notebook(places.BOOKS, "02_b", ["assert run.read('a').value, 'seed is 0'"], ["01_a"])
    write_notebook(places.BOOKS, "03_c", [], needs=["02_b"])
    run = Run("faces", notebook="03_c", reports=tmp_path / "reports", seed=5)
    start.make_needs(run)
    assert run.read("a").value == 5
    with pytest.raises(UserError, match="02_b: AssertionError: seed is 0"):
        start.make_needs(Run("faces", notebook="03_c", reports=tmp_path / "reports"))


def test_notebooks_are_copied_and_what_somebody_edits_is_kept(tmp_path, capsys):
    write_notebook(tmp_path / "notebooks", "01_a", ["1"])
    original, copy = tmp_path / "notebooks" / "01_a.ipynb", prepare(tmp_path) / "01_a.ipynb"
    before = original.read_bytes()

    def edit(source=None):
        book = json.loads(copy.read_text("utf-8"))
        book["cells"][3]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
        book["cells"][3]["source"] = source or book["cells"][3]["source"]
        copy.write_text(json.dumps(book), "utf-8")
        return copy.read_bytes()

    run = edit()
    prepare(tmp_path)
    assert (copy.read_bytes(), original.read_bytes()) == (run, before)
    write_notebook(tmp_path / "notebooks", "01_a", ["2"])
    prepare(tmp_path)
    assert json.loads(copy.read_text("utf-8"))["cells"][3]["source"] == "2"
    edited = edit("3")
    prepare(tmp_path)
    assert copy.read_bytes() == edited
    write_notebook(tmp_path / "notebooks", "01_a", ["4"])
    prepare(tmp_path)
    assert copy.with_name("01_a_mine.ipynb").read_bytes() == edited
    assert json.loads(copy.read_text("utf-8"))["cells"][3]["source"] == "4"
    assert "is kept as 01_a_mine.ipynb" in capsys.readouterr().out
