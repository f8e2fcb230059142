"""report.toml: what is read, what is refused, and what a reader then gets."""

import copy
import io
import itertools
import json
import re
from types import SimpleNamespace

import pytest
import render_samples as samples
from test_render_report import Reader
from workbooks import write_notebook, write_photos

import helpers.report
from helpers import ROOT
from helpers.errors import UserError
from helpers.files import write_json
from helpers.report import author, pdf, summary
from helpers.report.html import Page
from helpers.report.knobs import parse
from helpers.report.merge import merge
from helpers.report.presets import PRESETS, QUESTIONS, plan

BOOKS = {name: (title, question) for name, title, question in samples.TITLES}
FULL = """
homework = "hw3-2020"
[author]
name = "Ada 陳"
student_id = "R01"
date = 2026-01-31
[leaderboard]
name = "Kaggle"
public = 0.68
[question.1]
collaborators = ["B. Lin", "C. Wang"]
text = '''
It **grows** as $x^2$, see {ref:history} and {cite:lecture}; 中文。

## Next
'''
[question.6]
title = "Mistakes"
points = 2.5
[[reference]]
key = "lecture"
text = "Lee, H. (2020). Lecture notes"
"""


def read(tmp_path, text: str) -> dict:
    (tmp_path / "report.toml").write_text(text, "utf-8")
    return author.read(tmp_path / "report.toml")


def rendered(tmp_path, text: str, on_paper: bool = False, **options) -> str:
    run, sources = samples.make_run(tmp_path, **options)
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest["report_toml"] = read(tmp_path, text)
    manifest["outputs"] |= dict.fromkeys(
        ("models/cnn.keras", "models/dnn.keras", "metrics/shipped_dnn.json", "metrics/shipped_brief_01_cnn.json"),
        "ef" * 32,
    )
    manifest["changed"] = {
        "release": "v1.0",
        "commit": samples.COMMIT,
        "notebooks": ["notebooks/01.ipynb"],
        "helpers": [],
    }
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return Page(merge(run, sources), on_paper=on_paper).html()


def words_of(page: str) -> str:
    return " ".join(Reader(page).text.split())


# --- reading ---


def test_what_is_read(tmp_path):
    assert author.read(tmp_path / "report.toml") == {}
    about = read(tmp_path, FULL)
    assert about["author"] == {"name": "Ada 陳", "student_id": "R01", "date": "2026-01-31"}
    assert about["question"]["1"]["text"].startswith("It **grows**")
    assert json.loads(json.dumps(about)) == about
    (tmp_path / "report.toml").write_bytes(b"\xef\xbb\xbf[author]\r\nname = 'Ada'\r\n")  # as Notepad writes it
    assert author.read(tmp_path / "report.toml") == {"author": {"name": "Ada"}}


def test_what_is_empty_is_left_out(tmp_path):
    assert read(tmp_path, '[author]\nname = " "\n[question.1]\ncollaborators = [""]\n[leaderboard]\n') == {}


def test_the_example_is_valid_with_and_without_its_marks(tmp_path):
    example = (ROOT / "report.toml.example").read_text("utf-8")
    assert read(tmp_path, example) == {}
    _, _, body = example.partition("\n\n")
    about = read(tmp_path, "\n".join(re.sub(r"^# ?(?!  )", "", line) for line in body.splitlines() if is_toml(line)))
    assert set(about) == {"homework", "author", "question", "leaderboard", "reference"}
    assert plan(about, BOOKS)


def is_toml(line: str) -> bool:
    """Whether a line of the example is TOML, not an explanation."""
    prose = ("# The homework", "#   ", "# or ", "# (years", "# Questions", "# References of")
    return not line.startswith(prose)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[autor]", r'report\.toml has an unknown key "autor": did you mean "author"\?'),
        ('[author]\nnmae = "A"', r'\[author\] has an unknown key "nmae": did you mean "name"\?'),
        ('[author]\ncolour = "A"', r'"colour": there is name, student_id, department, date'),
        ("[author]\nstudent_id = 8922", r"author\.student_id must be text in quotes, not 8922"),
        ("[author]\ndate = 12:00:00", r"author\.date must be a date"),
        ('author = "Ada"', r'author must be a table, \[author\], not "Ada"'),
        ("homework = 3", r'homework must be a name, "hw3-2020", or a list'),
        ("homework = []", "homework must be"),
        ('[question.1]\npoints = "2"', r'question\.1\.points must be a number, not "2"'),
        ("[question.1]\npoints = true", r"must be a number, not true"),
        ("[question.1]\npoints = nan", r"must be a number"),
        ('[question.1]\ncollaborators = "Lin"', r"collaborators must be a list of texts"),
        ("[question.one]", r'by its number, \[question\.1\], not "one"'),
        ("question = 1", "by its number"),
        ('[question.1]\ntext = "{cite:wilson}"', r'question\.1\.text cites "wilson": did you mean "wilson1927"\?'),
        ("[reference]", r"write \[\[reference\]\]"),
        ('[[reference]]\nkey = "a"', 'a reference without "text"'),
        ('[[reference]]\ntext = "a"\nurl = "javascript:x"', "must start with https://"),
        ('[[reference]]\ntext = "a"\nkey = "k"\n' * 2, 'two references have the key "k"'),
        ("[author\n", r"report\.toml is not TOML: .* line 1"),
    ],
)
def test_a_fault_is_one_line(text, said, tmp_path):
    with pytest.raises(UserError, match=said) as fault:
        read(tmp_path, text)
    assert "\n" not in str(fault.value)
    assert "report.toml" in str(fault.value)


def test_text_that_is_not_utf8_is_told(tmp_path):
    (tmp_path / "report.toml").write_bytes('[author]\nname = "陳"'.encode("big5"))
    with pytest.raises(UserError, match="save it as UTF-8"):
        author.read(tmp_path / "report.toml")


def test_the_seed_follows_from_the_student_id():
    assert author.seed({}) is None
    assert author.seed({"author": {"name": "A"}}) is None
    seeds = [author.seed({"author": {"student_id": student}}) for student in ("r01", "R01", "r02")]
    assert seeds == [956198240, 956198240, seeds[2]]
    assert 0 <= seeds[2] < 2**32
    assert seeds[2] != seeds[0]


# --- which questions ---


def asked(about: dict, books=BOOKS) -> list[tuple]:
    return [(each.title, each.points, sorted(each.topics), each.missing) for each in plan(about, books)]


def test_without_a_homework_every_notebook_is_a_question():
    expected = [(title, None, [name], ()) for name, title, _ in samples.TITLES]
    assert asked({}) == asked({"homework": "all"}) == expected


def test_presets_give_their_questions_in_order():
    everything = {f"{number:02d}_x": ("T", "Q?") for number in range(1, 12)}
    orders = {
        name: [(each.points, *sorted(b[:2] for b in each.topics)) for each in plan({"homework": name}, everything)]
        for name in PRESETS
    }
    assert orders == {
        "hw3-2017": [(1, "01"), (1, "02"), (1, "03"), (1, "04"), (1, "05")],
        "hw3-2018-spring": [(1, "01"), (1, "01"), (1, "03"), (1, "04"), (1, "05")],
        "hw3-2019-spring": [(2, "01", "02"), (1, "01", "02"), (1, "01"), (1, "03")],
        "hw3-2019-fall": [(1, n) for n in ("01", "01", "03", "04", "05", "11", "11", "11")],
        "hw4-2019": [(2, "04"), (3, "05"), (3, "06"), (2, "07")],
        "hw3-2020": [(1, n) for n in ("01", "02", "02", "02", "01", "03")],
        "hw5-2020": [(2, "04"), (3, "05"), (2, "06"), (3, "07")],
    }
    assert not [each for name in PRESETS for each in plan({"homework": name}, everything) if each.missing]
    choice = {"homework": "hw4-2019", "question": {"4": {"notebooks": ["09"]}}}
    assert list(plan(choice, everything)[3].topics) == ["09_x"]


def test_a_list_of_ones_own():
    about = {"homework": [["03"], ["01", "02"], ["01:augmentation"]], "question": {"2": {"title": "Mine", "points": 3}}}
    assert asked(about) == [
        ("Which classes are confused", None, ["03_confusion"], ()),
        ("Mine", 3, ["01_train_cnn", "02_dnn_baseline"], ()),
        (QUESTIONS["augmentation"][0], None, ["01_train_cnn"], ()),
    ]


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"homework": "hw3-202"}, 'no homework is called "hw3-202": did you mean "hw3-20'),
        ({"homework": [["O1"]]}, 'homework names a notebook "O1"'),
        ({"homework": [["01_train_cn"]]}, 'did you mean "01_train_cnn"'),
        ({"homework": [["01:augmentatoin"]]}, 'a topic "augmentatoin" of 01_train_cnn: did you mean "augmentation"'),
        ({"question": {"4": {"title": "x"}}}, 'no question 4: homework "all" has 3'),
        ({"homework": "hw4-2019", "question": {"4": {"notebooks": ["08"]}}}, r"question\.4\.notebooks names"),
    ],
)
def test_questions_that_cannot_be_are_one_line(about, said):
    with pytest.raises(UserError, match=said):
        plan(about, BOOKS)


# --- what a reader gets ---


def test_without_the_file_nothing_empty_is_printed(tmp_path):
    page = rendered(tmp_path, "")
    for unseen in (
        "author’s",
        'name="author"',
        "1 point",
        "Own words",
        "Leaderboard",
        "homework",
        "Not answered",
        "Worked",
    ):
        assert unseen not in page.partition("</style>")[2]


def test_whose_report_it_is_and_whose_words(tmp_path):
    page = rendered(tmp_path, FULL)
    head, text = page[: page.index("<style>")], words_of(page)
    assert '<meta name="author" content="Ada 陳 · R01">' in head
    assert "<title>Image classifier workbook: drawn faces · Ada 陳 · R01</title>" in head
    assert "Ada 陳 · R01 · 2026-01-31" in text
    assert "homework hw3-2020, 7.5 points" in text
    for line in (
        "shipped with the workbook, not trained by the author: dnn; "
        "shipped, too: the brief trainings that only compare; trained by these notebooks: cnn",
        "evaluated once by runs of this name, 4 times in this copy of the workbook",
        "1 notebook changed against release v1.0",
        "8 words of the author's",
        "Kaggle: public 0.68",
        "Worked on with B. Lin, C. Wang.",
    ):
        assert line in text
    first = page[page.index('id="question-1"') : page.index('id="question-2"')]
    computed, own = first.index("Computed by the workbook"), first.index("In the author’s words: Ada 陳")
    assert computed < own < first.index("<figure")
    assert "<strong>grows</strong>" in first[own:]
    assert 'aria-label="x^2"' in first[own:]
    assert "Lee, H. (2020). Lecture notes." in page[page.index('<ol class="references">') :]
    assert page.count("In the author’s words") == 1
    levels = [int(tag[1]) for tag, _ in Reader(page).tags if re.fullmatch("h[1-6]", tag)]
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))


def test_where_there_is_no_test_set_nobody_looked_at_it():
    tests = {"checkout": 0, "this_run": 0}
    assert summary._looks(tests, {"splits": {"train": 9, "validation": 1}}) == "there is none"
    assert summary._looks(tests, {"splits": {"train": 9, "test": 1}}).startswith("never evaluated")


def test_evidence_is_shown_once_and_linked_from_then_on(tmp_path):
    page = rendered(tmp_path, FULL)
    sections = re.split(r'<section class="(?=question|closing)', page)[1:]
    assert [section.partition('"')[0] for section in sections[:6]] == [
        *("question", "question", "question brief", "question brief", "question brief", "question")
    ]
    assert page.count("Loss and accuracy of the CNN against the epoch") == 1
    assert "Augmentation helps" in sections[4]
    assert "Augmentation helps" not in sections[0]  # that answer is on another topic
    assert 'stands with <a href="#question-1">question 1</a>' in sections[4]
    assert '<a href="#table-3">Table 3</a>' in sections[4]
    assert "2.5 points" in sections[5]
    names = [a["id"] for _, a in Reader(page).tags if "id" in a]
    assert len(names) == len(set(names))
    assert {a["href"][1:] for a in Reader(page).all("a") if a["href"].startswith("#")} <= set(names)


def test_page_1_shows_no_number_that_the_homework_does_not_ask_for(tmp_path):
    assert "DNN accuracy" in words_of(rendered(tmp_path, ""))
    assert "DNN accuracy" not in words_of(rendered(tmp_path, 'homework = [["01"], ["03"]]'))


def tagged(monkeypatch, **topics) -> None:
    """Give the headings of the first notebook their topics, by the heading's first word."""
    cells = copy.deepcopy(samples.first())
    for cell in cells:
        word = cell["source"].removeprefix("## ").partition(" ")[0].partition("\n")[0]
        cell["metadata"]["tags"] += [f"topic-{topic}" for topic in topics.get(word, ())]
    monkeypatch.setattr(samples, "first", lambda hostile="": cells)


def test_evidence_stands_with_the_question_on_its_topic(tmp_path, monkeypatch):
    tagged(monkeypatch, Training=["history"], Normalisation=["augmentation"])
    page = rendered(tmp_path, 'homework = ["01:cnn", "01:history", "01:augmentation", "01"]')
    sections = re.split(r'<section class="(?=question|closing)', page)[1:]
    for text, place in (
        ("The layers, their outputs", 0),
        ("Loss and accuracy of the CNN", 1),
        ("after equal epochs", 2),
    ):
        assert [text in section for section in sections[:4]] == [place == number for number in range(4)]
    assert "More evidence <span>1 figure and 1 table</span>" in sections[2]
    assert "stands with" not in "".join(sections[:3])
    assert re.findall(r'stands with <a href="#question-(\d)">', sections[3]) == ["1", "2", "3"]
    numbers = re.findall(r"<b>Table (\d)\.</b>", page)
    assert numbers == sorted(numbers)


def test_what_nobody_asks_for_is_further_evidence(tmp_path, monkeypatch):
    tagged(monkeypatch, Training=["history"], Normalisation=["augmentation", "history"])
    page = rendered(tmp_path, 'homework = ["01:cnn"]')
    first, _, more = page.partition('<details class="more">')
    assert "The layers, their outputs" in first
    assert "Loss and accuracy of the CNN" in more
    assert "<b>Table S2.</b> Images of each class" in more
    page = rendered(tmp_path, 'homework = ["01:cnn", "01:history"]')  # a part on two topics goes by the second as well
    second = page[page.index('id="question-2"') :]
    assert "after equal epochs" in second.partition('<details class="more">')[0]


def test_two_notebooks_in_one_question_stand_under_their_names(tmp_path):
    page = rendered(tmp_path, 'homework = "hw3-2019-spring"')
    first = page[page.index('id="question-1"') : page.index('id="question-2"')]
    assert re.findall(r"<h[34][^>]*>([^<]+)", first)[:3] == ["The convolutional network", "The data", "The network"]
    assert '<h3 class="part">A plain network of equal size</h3>' in first
    assert "<h4>Shuffled pixels</h4>" in first


def test_a_question_without_its_notebook_is_one_line(tmp_path):
    page = rendered(tmp_path, "homework = 'hw3-2019-fall'\n[question.6]\ntext = 'By hand: $n+1$.'")
    text = words_of(page)
    assert (
        "Not answered: questions 4 (Saliency maps, 1 point), 5 (Filters, 1 point), 7 (Batch normalisation, 1 point)"
        in text
    )
    assert "This workbook does not have notebooks 04, 05 and 11." in text
    assert 'id="question-4"' not in page
    sixth = page[page.index('id="question-6"') :].partition("</section>")[0]
    assert "it computes nothing for this question" in sixth
    assert 'aria-label="n+1"' in sixth
    assert "Computed by" not in sixth


def test_what_is_not_asked_for_is_no_dead_link(tmp_path):
    page = rendered(tmp_path, 'homework = ["03"]')
    assert "the training is in a figure of notebook 01_train_cnn (not part of this report)." in words_of(page)
    assert "Loss and accuracy" not in page
    assert "0.838" in words_of(page[: page.index('id="question-1"')])  # a key number, though nobody asks for 01
    assert 'class="examples"' in page


def test_a_failure_of_a_notebook_that_is_not_asked_for_is_said(tmp_path):
    page = rendered(tmp_path, 'homework = ["01"]', fails=True)
    top = words_of(page[: page.index('id="question-1"')])
    assert "Which classes are confused: This notebook failed: ValueError" in top
    assert 'id="question-2"' not in page


def test_hostile_words_come_out_as_text(tmp_path):
    bad = samples.HOSTILE + "\\'}</style>"
    toml = f"""
homework = 'hw3-2020'
leaderboard.name = {json.dumps(bad)}
[author]
name = {json.dumps(bad)}
student_id = {json.dumps(bad)}
department = {json.dumps(bad)}
date = {json.dumps(bad)}
[question.1]
title = {json.dumps(bad)}
text = {json.dumps(bad)}
collaborators = [{json.dumps(bad)}]
[[reference]]
key = {json.dumps(bad)}
text = {json.dumps(bad)}
"""
    page = rendered(tmp_path, toml)
    reader = Reader(page)
    assert not [
        tag for tag, attributes in reader.tags if tag == "script" or any(n.startswith("on") for n in attributes)
    ]
    assert all(image["src"].startswith("data:image/") for image in reader.all("img"))
    assert reader.text.count("<script>alert(1)</script>") >= 9
    assert page.count("</style>") == 1


@pytest.mark.skipif(not pdf.available(), reason="PlutoPrint has no package for this system")
def test_paper_carries_the_name(tmp_path):
    import pypdf

    from helpers.report.render import render

    bad = '"}</style>Eve'
    run, sources = samples.make_run(tmp_path)
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest["report_toml"] = read(tmp_path, FULL.replace("Ada 陳", f"Ada {bad}").replace('"Ada "}', '"Ada \\"}'))
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    render(run, sources)
    document = pypdf.PdfReader(io.BytesIO((run / "report.pdf").read_bytes()))
    assert document.metadata.title.endswith(f"· Ada {bad} · R01")
    for page in document.pages:
        assert f"Ada {bad} · R01" in " ".join(page.extract_text().split())
    assert "2 · Half the depth" in [item.title for item in document.outline]


# --- what it costs ---


class Executor:
    """Runs a notebook by copying it."""

    ran: list = []  # noqa: RUF012

    def __init__(self, folder, parameters, notebooks, private):
        self.folder, self.notebooks = folder, notebooks

    def __call__(self, notebook):
        self.ran.append(notebook.name)
        write_json(self.folder / "notebooks" / f"{notebook.name}.ipynb", notebook.document)
        write_json(self.folder / "ledger" / f"{notebook.name}.json", {})
        return SimpleNamespace(seconds=1.0, error=None, cell=None)


def test_an_edit_makes_the_pages_again_and_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(helpers.report, "Executor", Executor)
    monkeypatch.setattr(pdf, "available", lambda: False)
    monkeypatch.setattr(Executor, "ran", [])
    photos, lines = write_photos(tmp_path / "photos"), []
    write_notebook(tmp_path / "notebooks", "01_a", [])
    words = ["DATASET=image_folder", f"DATA={photos}", "RUN=toy"]

    def make(toml: str, *more: str) -> str:
        about = read(tmp_path, toml)
        Executor.ran.clear()
        lines.clear()
        places = {"notebooks": tmp_path / "notebooks", "reports": tmp_path / "reports"}
        knobs = parse([*words, *more], author.seed(about))
        assert helpers.report.report(knobs, about=about, say=lines.append, **places) == 0
        return (tmp_path / "reports" / "toy" / "report.html").read_text("utf-8")

    make("")
    assert Executor.ran == ["01_a"]
    assert "Ada" in make('[author]\nname = "Ada"')
    assert "Mine." in make('[author]\nname = "Ada"\n[question.1]\ntext = "Mine."')
    assert Executor.ran == []
    make('[author]\nname = "Ada"\n[question.1]\ntext = "Mine."')
    assert "Nothing changed" in lines[-1]
    make('[author]\nstudent_id = "r01"', "SEED=0")
    assert Executor.ran == []
    page = make('[author]\nstudent_id = "r01"')
    assert Executor.ran == ["01_a"]
    assert lines[0].startswith("SEED=956198240 follows from the student id in report.toml")
    assert "SEED changed from 0 to 956198240" in lines[1]
    assert "make report DATASET=image_folder DATA=photos SEED=956198240" in page
    with pytest.raises(UserError, match="no question 2"):
        make('[question.2]\ntitle = "x"')


def test_the_seed_that_was_given_goes_first():
    assert parse([], 7).seed == 7
    assert parse(["SEED=3"], 7).seed == 3
    assert parse(["SEED=0"], 7).command == "make report SEED=0"
