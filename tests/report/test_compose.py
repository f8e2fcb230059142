"""From results and templates to a document: order, numbers, links, and what went wrong."""

import re
import time

import pytest
from sample_document import draw

from helpers import ROOT, records
from helpers.files import read_json
from helpers.report import html
from helpers.report.compose import compose
from helpers.report.document import Figure, Table
from helpers.report.render import render

ONLY_03 = {"homework": [["03"]]}
FACTS = read_json(ROOT / "tests" / "facts" / "faces.json")
FIGURES = {"confusion": "wide", "worst-pair": "text", "mistakes": "wide"}
BOOKS = ("01_train_cnn", "02_dnn_baseline", "03_confusion")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run's folder as notebook 03 leaves it."""
    folder = tmp_path_factory.mktemp("run")
    for name, width in FIGURES.items():
        draw(folder, name, width)
    for name in ("confusion", "transfer"):
        records.write(folder / "metrics" / f"{name}.json", FACTS["metrics"][name])
    for name in ("pairs", "classes", "mistake-names"):
        records.write(folder / "tables" / f"{name}.json", FACTS["tables"][name])
    return folder


def manifest(**states) -> dict:
    """The manifest of a run; ``states``: what happened to a notebook, by its number as ``n03``."""
    books = [{"name": name, **states.get(f"n{name[:2]}", {"state": "ran"})} for name in BOOKS]
    here = {"python": "3.11", "platform": "Linux", "processor": "a processor", "threads": 2}
    code = {"command": "make report", "commit": None, "modified": False, "changed": None}
    made = {"run": "made", "seed": 0, "quick": False, "started": "2026-01-31T12:00:00"}
    looks = {"elsewhere": {}, "outputs": {}, "test_evaluations": {"this_run": 0, "checkout": 0}}
    more = {"packages": {"keras": "3.15"}, "notebooks": books, "data": FACTS["data"]}
    return {**here, **code, **made, **looks, **more}


def made(run, about=ONLY_03, **states):
    return compose(run, manifest(**states), about, "en")


def placed(document, kind=Figure) -> list[str]:
    parts = [part for each in document.sections for part in (*each.answer, *each.parts, *each.more)]
    return [f"{part.number} {part.name}" for part in parts if isinstance(part, kind)]


def test_everything_is_numbered_and_the_folded_apart(run):
    document = made(run)
    assert document.warnings == []
    assert placed(document) == ["1 confusion", "2 worst-pair", "3 mistakes"]
    assert placed(document, Table) == ["1 pairs", "2 classes", "S1 mistake-names"]
    (section,) = document.sections
    assert section.thumbnail.name == "confusion"
    assert section.state == "done" and document.notices(section) == []
    text = " ".join(filter(None, document.markdown()))
    assert "[Table\u00a01](#table-1)" in text
    # The last page, which is told first, cites the data's paper last.
    assert re.findall(r"\[\[(\d)\]\]", text)[:2] == ["4", "1"]
    assert not re.search("[\ue000-\ue003]", text)
    assert [entry.number for entry in document.references] == [*range(1, len(document.references) + 1)]  # fmt: skip
    assert {term for term, _, _ in document.glossary} >= {"recall", "F1"}


def test_a_homework_gives_its_questions_and_a_topic_its_block(run, templates):
    templates("02_dnn_baseline", "{% block short %}x{% endblock %}")
    templates(
        "01_train_cnn",
        "{% block short %}All.{% endblock %}{% block short_cnn %}Built.{% endblock %}"
        "{% block short_history %}Trained.{% endblock %}{% block evidence %}Whole.{% endblock %}"
        "{% block cnn %}Boxes.{% endblock %}{% block history %}Curves.{% endblock %}"
        "{% block augmentation %}Turned.{% endblock %}",
    )
    document = made(run, {"homework": "hw3-2018-spring", "author": {"name": "Ada", "date": "2026-02-01"}})  # fmt: skip
    assert document.title == "Homework 3: classifying images"
    assert document.by_line() == ["Ada", "2026-02-01"]
    assert [(s.title, s.points, s.short, s.parts) for s in document.sections[:2]] == [
        ("The CNN", 1, "Built. Trained.", ["Boxes.", "Curves."]),
        ("Normalisation and augmentation", 1, "", ["Turned."]),
    ]
    assert [section.number for section in document.sections] == ["1", "2", "3"]
    assert "Saliency maps and Filters" in document.missing


def test_a_figure_that_stands_twice_is_named_the_second_time(run, templates):
    both = '{{ figure("worst-pair", caption="**X.**", alt="x") }}'
    templates("01_train_cnn", f"{{% block more %}}{both}{{% endblock %}}")
    templates("02_dnn_baseline", "{% block short %}x{% endblock %}")
    document = made(run, {})
    assert placed(document).count("2 worst-pair") == 1  # where a reader of the PDF sees it
    assert document.sections[0].more == ["See [Figure\u00a02](#figure-2)."]


def test_a_template_that_fails_is_a_red_box_and_no_end(run, templates):
    lost = "{{ ref('nowhere') }} {{ cite('nobody') }} {{ term('nothing') }}"
    templates("01_train_cnn", f"{{% block short %}}{lost}{{% endblock %}}")
    fails = "{% block answer %}{{ nothing.here }}{% endblock %}"
    templates("02_dnn_baseline", f"{{% block short %}}Fine.{{% endblock %}}{fails}")
    document = made(run, {})
    first, second, third = document.sections
    assert [section.state for section in document.sections] == ["done", "failed", "done"]
    assert "(nowhere) (nobody) nothing" in first.short
    assert second.short == ""  # an answer stands whole or not at all
    assert document.notices(second)[0] == document.words["failed"]
    assert "nothing" in document.notices(second)[1]
    assert len(third.parts) > 5
    assert len(document.warnings) == 4
    assert [document.alarms()[-1][-3:], document.waiting()] == [" 2.", ""]


def test_states_are_told_as_they_are(run):
    document = made(
        run,
        {},
        n01={"state": "failed", "error": "ValueError: <b> [x](y)"},
        n02={"state": "skipped", "reason": "01_train_cnn failed"},
        n03={"state": "waiting", "reason": "is new"},
    )
    states = ["failed", "skipped", "running"]
    assert [section.state for section in document.sections] == states
    told = [document.notices(section) for section in document.sections]
    assert [first for first, *_ in told] == [document.words[state] for state in states]
    assert told[0][1] == r"`01_train_cnn`: ValueError: \<b\> \[x\](y)"
    assert told[2][1:] == []
    assert document.alarms() == [document.words["incomplete"].format(numbers="1, 2")]
    assert document.waiting().endswith(" 3.")
    page = html.page(document)
    assert page.count('class="alarm"') == 3  # page 1 and two questions
    assert page.count('class="pending"') == 2


def test_the_authors_own_words_point_to_what_there_is(run):
    text = "Mine <b> {{ 7*7 }} {ref:pairs} {ref:nowhere} {cite:wilson1927}"
    own = {"text": text, "collaborators": ["B. Lin"]}
    document = made(run, {**ONLY_03, "author": {"name": "Ada 陳"}, "question": {"1": own}})
    assert document.warnings == ["no figure or table of this report is called 'nowhere'"]
    (section,) = document.sections
    assert section.own.startswith("Mine <b> {{ 7*7 }} [Table\u00a01](#table-1) (nowhere) [[1]](#")
    assert document.by(section).endswith("Ada 陳 · Worked on with B. Lin.")


def test_pages_are_made_again_within_seconds(run):
    compose(run, manifest(), ONLY_03, "en")  # imports, fonts
    started = time.process_time()
    assert render(run, manifest(), ONLY_03, "en") == []
    assert time.process_time() - started < 4
    assert {"report.html", "report.pdf"} <= {path.name for path in run.iterdir()}
