"""The page budget on the PDF itself: a summary, two pages a question, 28 pages for eleven questions."""

import itertools
import json
import re
import shutil

import pytest
import render_samples as samples
from helpers.report.presets import PRESETS

from helpers import ROOT
from helpers.report import pdf
from helpers.report.render import render

pypdf = pytest.importorskip("pypdf")
pytestmark = pytest.mark.skipif(
    not pdf.available(), reason="PlutoPrint has no package for this system"
)


SHORT = (
    "A network of 85,231 parameters recognises the 7 classes of drawn faces on 84.6 % (82.2 to 86.7) of the validation "
    "images, and on 83.8 % (81.4 to 86.0) of the test set."
)
DOUBT = (
    "The validation accuracy still rises at the end (by 3.2 points over the last quarter of the epochs), so part of "
    "the difference is a matter of training."
)

TOPICS = {"## Training": "history", "## Normalisation": "augmentation", "## Shuffled": "comparison"}


def full(manifest: dict) -> dict:
    """A manifest that gives page 1 about as much to say as there can be."""
    manifest["outputs"] |= {
        f"models/{name}.keras": "ef" * 32 for name in ("cnn", "cnn_half", "cnn_judge", "dnn")
    }
    manifest["data"]["facts"] = {
        "validation_in_train": 1_234,
        "test_in_train": 1_200,
        "label_conflicts": 57,
    }
    manifest["data"]["few"] = {"than": 30, "classes": ["disgust", "fear"]}
    manifest["changed"] = {
        "release": "v1.0",
        "commit": samples.COMMIT,
        "notebooks": ["a"],
        "helpers": ["b", "c"],
    }
    manifest["report_toml"] = {
        "author": {"name": "Ada Chen", "student_id": "r01234567", "department": "Computer Science"},
        "question": {"1": {"text": "My own words."}},
        "leaderboard": {"name": "Kaggle", "public": 0.68123, "private": 0.67012},
    }
    return manifest


def eleven(folder):
    """The three made notebooks as eleven questions, with answers as long as they are and all that page 1 can say."""
    run, sources = samples.make_run(folder)
    manifest = full(json.loads((run / "manifest.json").read_text()))
    for path in [*(run / "notebooks").glob("*.ipynb"), *sources.glob("*.ipynb")]:
        document = json.loads(path.read_text("utf-8"))
        for cell in document["cells"]:
            cell["metadata"]["tags"] += [
                f"topic-{t}" for start, t in TOPICS.items() if cell["source"].startswith(start)
            ]
        for output in [output for cell in document["cells"] for output in cell.get("outputs", ())]:
            mark = output.get("metadata", {}).get("workbook", {})
            if mark.get("kind") == "answer":
                mark.update(short=SHORT, doubt=DOUBT if path.stem[:2] == "03" else "")
        path.write_text(json.dumps(document), "utf-8")
    for number in range(4, 12):
        entry = dict(manifest["notebooks"][(number - 1) % 3])
        old, entry["name"] = entry["name"], f"{number:02d}_more"
        entry["title"] = f"{entry['title']}, part {number}"
        manifest["notebooks"].append(entry)
        for place in (run / "notebooks", sources):
            text = (place / f"{old}.ipynb").read_text("utf-8").replace('"Q', f'"Q{number}')
            (place / f"{entry['name']}.ipynb").write_text(text, "utf-8")
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return run, sources


def outline(run) -> tuple[list[tuple[str, int]], int]:
    """The PDF's bookmarks with their pages, from 1, and how many pages there are."""
    reader = pypdf.PdfReader(run / "report.pdf")
    return [
        (mark.title, reader.get_destination_page_number(mark) + 1) for mark in reader.outline
    ], len(reader.pages)


def warnings(capsys) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if "report.pdf" in line]


def test_eleven_questions_keep_the_budget(tmp_path, capsys):
    run, sources = eleven(tmp_path)
    render(run, sources)
    marks, pages = outline(run)
    starts = [page for _, page in marks]
    first = pypdf.PdfReader(run / "report.pdf").pages[0].extract_text()
    assert "drawn faces" in first
    assert "0.838" in first
    assert starts[0] == 1
    for line in (
        "What not to trust",
        "1,234 of the 1,000 validation images",
        "of themselves",
        "What is whose",
        "Kaggle",
    ):
        assert line in " ".join(first.split())
    assert starts[1] == 2  # after a summary of one page, whose table is the contents
    assert f"Contents · References {starts[12]} · How this report was made" in first.replace(
        "\xa0", " "
    )
    assert all(later - earlier in (1, 2) for earlier, later in itertools.pairwise(starts[1:12]))
    assert pages <= 28
    assert warnings(capsys) == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_homework_keeps_the_budget(name, tmp_path, capsys):
    run, sources = eleven(tmp_path)
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest["report_toml"]["homework"] = name
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    render(run, sources)
    _, pages = outline(run)
    assert pages <= pdf.page_budget(len(PRESETS[name]))
    assert warnings(capsys) == []


def test_what_the_budget_is():
    assert (pdf.page_budget(4), pdf.page_budget(11)) == (12, 28)


@pytest.fixture(scope="module")
def latest():
    """The report that was made last in this checkout."""
    made = sorted((ROOT / "reports").glob("*/manifest.json"), key=lambda path: path.stat().st_mtime)
    if not made:
        pytest.skip("no report was made in this checkout: make report QUICK=1 RUN=try makes one")
    return made[-1].parent


@pytest.mark.parametrize("name", ["all", *PRESETS])
def test_the_stored_notebooks_keep_the_budget(latest, name, tmp_path, capsys):
    """The notebooks as they were run here, whichever there are, for every homework."""
    run = tmp_path / "run"
    shutil.copytree(latest / "notebooks", run / "notebooks")
    manifest = json.loads((latest / "manifest.json").read_text("utf-8"))
    manifest["report_toml"] = {"homework": name}
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    render(run, ROOT / "notebooks")
    assert warnings(capsys) == []


def test_a_question_that_takes_too_much_is_named(tmp_path, capsys):
    run, sources = samples.make_run(tmp_path)
    for place in (run / "notebooks", sources):
        path = place / "02_dnn_baseline.ipynb"
        document = json.loads(path.read_text("utf-8"))
        much = "\n\n".join(["A sentence that goes on and on, with words. " * 12] * 30)
        document["cells"].insert(-2, samples.prose(much))
        path.write_text(json.dumps(document), "utf-8")
    render(run, sources)
    line, total = warnings(capsys)
    assert line.startswith("warning: report.pdf: 2 ")
    assert "pages in all, 10 are the budget of 3 questions" in total
    assert re.search(r"takes [4-7] pages, 2 are its budget", line)
    assert "show less, or pass more=True to run.show" in line


def page(sections: list[int]) -> bytes:
    """A PDF by the same engine: parts of so many pages, each linked to from the first."""
    links = "".join(f'<a href="#question-{i}">{i}</a> ' for i, _ in enumerate(sections, 1))
    parts = "".join(
        f'<section id="question-{i}" style="break-before:page"><h2>{i}</h2>'
        + '<p style="break-after:page">x</p>' * (length - 1)
        + "<p>end</p></section>"
        for i, length in enumerate(sections, 1)
    )
    style = "@page{margin:18mm}"
    closing = (
        '<a href="#references">r</a><div id="references" style="margin-top:10mm">References</div>'
    )
    return pdf._print(
        f"<html><head><style>{style}</style></head><body>{links}{parts}{closing}</body></html>"
    )


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        ([1, 2, 2], []),
        ([1, 3, 2], ["2 · b takes 3 pages"]),
        ([2, 2, 3], ["3 · c takes 3 pages"]),  # the references begin on its last page
        ([12, 1, 1], ["1 · a takes 12 pages", "15 pages in all, 10 are the budget of 3 questions"]),
    ],
)
def test_pages_are_counted_from_the_pdf(sections, named):
    content = page(sections)
    parts = [("answers", "The answers")]
    parts += [(f"question-{i}", f"{i} · {'abc'[i - 1]}") for i in range(1, 4)]
    lines = pdf.over_budget(
        content, [*parts, ("references", "References"), ("provenance", "nowhere")]
    )
    assert len(lines) == len(named)
    assert all(line.startswith(start) for line, start in zip(lines, named, strict=True))


def test_a_notebook_may_have_a_budget_of_its_own():
    content, parts = (
        page([3, 3]),
        [("answers", "The answers"), ("question-1", "1 · a"), ("question-2", "2 · b")],
    )
    (line,) = pdf.over_budget(content, parts, {"question-1": 3})
    assert line.startswith("2 · b takes 3 pages, 2 are its budget")
