"""What not to trust: each line stands only where it is true."""

import json

import pytest
import render_samples as samples
from test_render_report import Reader

from helpers.datasets import load
from helpers.report.doubts import doubts, listed
from helpers.report.html import Page
from helpers.report.manifest import describe
from helpers.report.merge import merge


def made(folder, change=lambda manifest: None, **options):
    run, sources = samples.make_run(folder, **options)
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    change(manifest)
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return merge(run, sources)


def test_a_full_run_on_sound_data_leaves_what_is_always_true(tmp_path):
    def sound(manifest):
        manifest.update(modified=False, outputs={"models/cnn.keras": "ef" * 32})

    assert dict(doubts(made(tmp_path, sound))) == {
        "Validation data": "accuracy on it is optimistic, since it chose recipe and pictures; "
        "the test set chose nothing",
        "Small differences": "each network of this run was trained once, with seed 0; "
        "intervals count images, not trainings",
    }


@pytest.mark.parametrize(
    ("change", "name", "reason"),
    [
        ({"quick": True}, "All numbers", "from a quick run"),
        ({"elsewhere": {"model": {"file": "my.keras", "sha256": "ef"}}}, "The CNN", "my.keras was trained elsewhere"),
        ({"modified": True}, "The code", "changes that no commit holds"),
        ({"data": {"splits": {"train": 9, "validation": 9}}}, "Validation data", "there is no untouched test set"),
        (
            {"data": {"splits": {"validation": 9, "test": 9}, "labelled": {"validation": 9, "test": 0}}},
            "Validation data",
            "there is no untouched test set",
        ),
        (
            {"data": {"splits": {"test": 1_000}, "facts": {"test_in_train": 1, "validation_in_train": 0}}},
            "Data",
            "1 of the 1,000 test images also stand in the training set",
        ),
        ({"data": {"facts": {"label_conflicts": 1}}}, "Data", "1 group of identical images carries different labels"),
        (
            {"data": {"few": {"than": 30, "classes": ["a", "b"]}}},
            "Small classes",
            "a and b: fewer than 30 validation images",
        ),
    ],
)
def test_each_doubt_has_its_reason(change, name, reason, tmp_path):
    told = dict(doubts(made(tmp_path, lambda manifest: manifest.update(change))))
    assert reason in told[name]


def test_a_failure_and_an_answer_say_so_on_page_1(tmp_path, monkeypatch):
    cells = samples.second.__wrapped__()
    cells[-1]["outputs"][0]["metadata"]["workbook"]["doubt"] = "It <b>still</b> rises, see {ref:sizes}."
    monkeypatch.setattr(samples, "second", lambda: cells)
    page = Page(made(tmp_path, fails=True)).html()
    text = " ".join(Reader(page[: page.index('id="question-1"')]).text.split())
    assert "Incompletequestions 3 and 4: a notebook gave no result" in text
    assert "Question 2It <b>still</b> rises, see Table 4." in text
    second = page[page.index('id="question-2"') :].partition("</section>")[0]
    assert "<strong>What not to trust.</strong> It &lt;b&gt;still&lt;/b&gt; rises" in second


def test_class_names_are_text(tmp_path):
    few = {"than": 30, "classes": [samples.HOSTILE]}
    page = Page(made(tmp_path, lambda manifest: manifest["data"].update(few=few))).html()
    assert "<script" not in page
    assert f"{samples.HOSTILE}: fewer than 30" in Reader(page).text


def test_what_the_data_says_of_itself(tmp_path):
    from workbooks import write_photos

    told = describe(load("image_folder", write_photos(tmp_path / "photos")), None)
    assert told["labelled"] == {"train": 12, "validation": 12}
    assert told["few"] == {"than": 30, "classes": ["cat", "dog"]}


def test_lists():
    assert [listed(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
