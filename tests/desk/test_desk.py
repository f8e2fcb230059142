"""The grader's desk: every submission gets a row, whatever is in it, and copies are told."""

import json
import re
import shutil

import pytest
from chromium import CHROMIUM, shown
from workbooks import write_notebook, write_photos

from helpers import records
from helpers.backend import keras, layers
from helpers.desk import desk
from helpers.desk.index import copies, index
from helpers.desk.submission import Submission, blank
from helpers.errors import UserError
from helpers.stats import rate

WORDS = "one two three four five six seven eight nine ten eleven"
TOY = """from pathlib import Path
from helpers.networks import external
data = run.dataset
cnn, _ = external.adopt(Path(model), pixel_range, data)
run.save_model("cnn", cnn)"""


def network(seed: int = 0):
    keras.utils.set_random_seed(seed)
    ends = [layers.Flatten(), layers.Dense(2, "softmax")]
    return keras.Sequential([layers.Input((16, 16, 1)), layers.Rescaling(1 / 255), *ends])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Photos, a toy notebook that takes over the network, and four submissions."""
    place = tmp_path_factory.mktemp("desk")
    write_photos(place / "photos", images=30)
    path = write_notebook(place / "notebooks", "01_train_cnn", [TOY])
    document = json.loads(path.read_text())
    document["cells"][1]["source"] += "\nmodel = None\npixel_range = '0..255'"
    path.write_text(json.dumps(document))
    write_notebook(place / "notebooks", "02_dnn_baseline", ["1 / 0"])
    for student in ("ann", "ben lin", "cy", "dan"):
        (place / "given" / student).mkdir(parents=True)
        text = f'homework = ["01"]\n[author]\nname = "<b>{student}"\n[question.1]\ntext = "{WORDS}"'
        (place / "given" / student / "report.toml").write_text(text)
    network().save(place / "given/ann/model.keras")
    shutil.copy(place / "given/ann/model.keras", place / "given/ben lin/net.keras")
    (place / "given/cy/model.keras").write_text("no network")
    (place / "given/dan/report.toml").write_text("homework = ")
    return place


def run(place, *words, test=None) -> tuple[int, dict, list]:
    """Exit status, rows by student, and what was said."""
    said = []
    words = ["DATASET=image_folder", f"DATA={place / 'photos'}", "RUN=desk", *words]
    where = {"notebooks": place / "notebooks", "reports": place / "reports"}
    status = desk(place / "given", test, words, say=said.append, **where)
    rows = [records.loads(p.read_bytes()) for p in (place / "reports/desk").glob("*/row.json")]
    return status, {row.folder: row for row in rows}, said


@pytest.mark.slow
def test_each_submission_has_a_row_and_the_rest_goes_on(place):
    status, rows, said = run(place, test=place / "photos")
    assert (status, len(rows)) == (1, 4)
    assert [rows[each].faults == [] for each in ("ann", "ben lin", "cy", "dan")] == [1, 1, 0, 0]
    assert "holds no Keras network" in rows["cy"].faults[0]
    assert "report.toml is not TOML" in rows["dan"].faults[0]
    assert (rows["ann"].validation.n, rows["ann"].test.n) == (60, 120)
    assert (rows["ann"].words, rows["cy"].validation) == (11, None)
    assert (place / "reports/desk/ben lin/report.html").is_file()
    assert copies(list(rows.values())) == {
        "ann": {"network": ["ben lin"], "text": ["ben lin", "cy"]},
        "ben lin": {"network": ["ann"], "text": ["ann", "cy"]},
        "cy": {"text": ["ann", "ben lin"]},
        "dan": {},
    }
    page = (place / "reports/desk/index.html").read_text()
    assert "&lt;b&gt;ann" in page and "<b>ann" not in page
    assert 'href="ben%20lin/report.html"' in page

    (place / "given/dan/report.toml").write_text('homework = ["07"]')
    status, rows, said = run(place, test=place / "photos")
    assert said[0] == "4 submissions, 2 of them done before"
    assert 'names a notebook "07"' in rows["dan"].faults[0]


def test_what_no_submission_can_help_is_said_at_once(place):
    with pytest.raises(UserError, match="there is no folder in it"):
        desk(place / "none", None, [])
    with pytest.raises(UserError, match="MODEL is what each submission has"):
        run(place, "MODEL=my.keras")
    write_photos(place / "others", classes=("cat", "fox"))
    with pytest.raises(UserError, match="has other classes"):
        run(place, test=place / "others")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_thousand_rows_are_sorted_in_a_browser(tmp_path):
    rows = {}
    for i in range(1000):
        job = Submission(tmp_path / f"r{i}", f"r{i}", tmp_path, ())
        rows[job] = blank(job) | {"validation": rate(i * 7 % 1000, 1000)}
    rows[job] |= {"validation": None, "faults": ["no network"]}
    click = 'document.querySelectorAll("thead button")[2].click()'
    tell = "document.title = [rows[0], rows[1], rows[999]].map(row => row.cells[0].textContent)"
    page = shown(f"{index(rows)}<script>{click}; {tell}</script>", tmp_path)
    first, second, last = re.search("<title>(.*)</title>", page)[1].replace("r", "").split(",")
    assert (int(first) * 7 % 1000, int(second) * 7 % 1000, int(last)) == (999, 998, 999)
