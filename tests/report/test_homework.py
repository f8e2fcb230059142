"""The homework's questions: which, in which order, answered by what."""

import tomllib

import pytest

from helpers import ROOT
from helpers.errors import UserError
from helpers.kinds import ANSWERS, languages
from helpers.report.homework import HOMEWORKS, QUESTIONS, heading, plan
from helpers.report.links import Links
from helpers.report.references import PAPERS
from helpers.report.schedule import read_notebooks

BOOKS = [f"{number:02d}_x" for number in range(1, 13)]
THREE = ["01_train_cnn", "02_dnn_baseline", "03_confusion"]
WORDS = tomllib.loads((ANSWERS / "en" / "page.toml").read_text("utf-8"))
ORDERS = {
    "hw3-2017": [(1, "01"), (1, "02"), (1, "03"), (1, "04"), (1, "05")],
    "hw3-2018-spring": [(1, "01"), (1, "01"), (1, "03"), (1, "04"), (1, "05")],
    "hw3-2019-spring": [(2, "01", "02"), (1, "01", "02"), (1, "01"), (1, "03")],
    "hw3-2019-fall": [(1, n) for n in ("01", "01", "03", "04", "05", "11", "11", "11")],
    "hw4-2019": [(2, "04"), (3, "05"), (3, "06"), (2, "07")],
    "hw3-2020": [(1, n) for n in ("01", "02", "02", "02", "01", "03")],
    "hw5-2020": [(2, "04"), (3, "05"), (2, "06"), (3, "07")],
}


def asked(about: dict, books=THREE) -> list[tuple]:
    """Title, points, {notebook: topics} and what is missing, of every question."""
    found = plan(about, books, WORDS)
    return [(each.title, each.points, each.topics, each.missing) for each in found]


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_all_questions(language):
    words = tomllib.loads((ANSWERS / language / "page.toml").read_text("utf-8"))
    assert all(words["question"][name].keys() >= {"title", "text"} for name in QUESTIONS)
    assert set(words["question"]) == set(QUESTIONS)
    assert set(words["notebook"]) == {*read_notebooks(ROOT / "notebooks")}
    assert all(entry.keys() >= {"title", "question"} for entry in words["notebook"].values())
    assert set(words["homework"]) == {*HOMEWORKS, "all"}


def test_without_a_homework_every_notebook_is_a_question():
    titles = [WORDS["notebook"][name]["title"] for name in THREE]
    expected = [(title, None, {name: ()}, ()) for name, title in zip(THREE, titles, strict=True)]
    assert asked({}) == asked({"homework": "all"}) == expected
    assert asked({}, ["77_mine"]) == [("77_mine", None, {"77_mine": ()}, ())]


def test_homeworks_give_their_questions_in_order():
    def order(name):
        found = plan({"homework": name}, BOOKS, WORDS)
        return [(each.points, *(book[:2] for book in each.topics)) for each in found]

    assert {name: order(name) for name in HOMEWORKS} == ORDERS
    assert heading({"homework": "hw4-2019"}, WORDS) == "Homework 4: explaining a CNN"


def test_parts_of_notebooks_questions_of_ones_own_and_notebooks_that_are_not_there():
    cnn, _, confusion, saliency, _ = asked({"homework": "hw3-2017"})
    assert cnn == ("The CNN", 1, {"01_train_cnn": ("cnn", "history")}, ())
    assert confusion[2] == {"03_confusion": ()}
    assert saliency[2:] == ({}, ("04",))
    free = {"homework": "hw4-2019", "question": {"4": {"notebooks": ["08", "09"]}}}
    assert list(plan(free, BOOKS, WORDS)[3].topics) == ["08_x", "09_x"]
    mine = {"title": "T", "points": 2.5, "text": "Mine.", "collaborators": ["B"]}
    about = {"homework": [["01:augmentation"], ["02", "03"]], "question": {"2": mine}}
    first, second = plan(about, THREE, WORDS)
    assert first.title == "Normalisation and augmentation"
    assert first.topics == {"01_train_cnn": ("augmentation",)}
    assert (second.title, second.points, second.words) == ("T", 2.5, "Mine.")
    assert asked({"homework": [["02", "03"]]})[0][0] == "A DNN of equal size · Confused classes"


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"homework": "hw3-2021"}, r'no homework is called "hw3-2021": did you mean "hw3-20\d\d"'),
        ({"homework": [["13"]]}, 'homework names a notebook "13"'),
        ({"homework": [["01:batch_norm"]]}, "there is augmentation, cnn, history"),
        ({"homework": [["03:cnn"]]}, 'names a topic "cnn" of 03_confusion: it has none'),
        ({"question": {"4": {}}}, 'there is no question 4: homework "all" has 3'),
        ({"question": {"1": {"notebooks": ["1"]}}}, r"question\.1\.notebooks names a notebook"),
    ],
)
def test_questions_that_cannot_be_are_one_line(about, said):
    with pytest.raises(UserError, match=rf"^report\.toml: .*{said}"):
        plan(about, THREE, WORDS)


def test_references_come_in_the_order_of_citation_then_the_authors_own():
    own = [{"text": "A lecture"}, {"key": "mine", "text": "A book", "url": "https://example.org"}]
    links = Links({}, {}, own)
    for key in ("wilson1927", "mine", "wilson1927", "lime"):
        links.resolve(f"\ue002cite:{key}\ue003")
    links.resolve_more([], "fer2013")
    found = [(entry.text, entry.url) for entry in links.references()]
    assert found[1] == ("A book", "https://example.org")
    stored = [PAPERS[key]["text"] for key in ("wilson1927", "lime", "fer2013")]
    assert [text for text, _ in found] == [stored[0], "A book", *stored[1:], "A lecture"]
