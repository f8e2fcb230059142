"""report.toml: what is read, and what is refused in one line."""

import json
import re
import tomllib

import pytest

from helpers import ROOT
from helpers.errors import UserError
from helpers.kinds import ANSWERS
from helpers.options import parse
from helpers.report import author
from helpers.report.homework import plan

FULL = """
homework = "hw3-2020"
language = "EN"
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


def test_what_is_read(tmp_path):
    assert author.read(tmp_path / "report.toml") == {}
    about = read(tmp_path, FULL)
    assert about["author"] == {"name": "Ada 陳", "student_id": "R01", "date": "2026-01-31"}
    assert about["language"] == "en"
    assert about["question"]["1"]["text"].startswith("It **grows**")
    assert json.loads(json.dumps(about)) == about
    notepads = (
        b"\xef\xbb\xbf[author]\r\nname = 'Ada'\r\n[leaderboard]\r\n[question.1]\ntext=' '\r\n"
    )
    (tmp_path / "report.toml").write_bytes(notepads)
    assert author.read(tmp_path / "report.toml") == {"author": {"name": "Ada"}}
    (tmp_path / "report.toml").write_bytes('[author]\nname = "陳"'.encode("big5"))
    with pytest.raises(UserError, match="save it as UTF-8"):
        author.read(tmp_path / "report.toml")


def test_the_example_is_valid_with_and_without_its_marks(tmp_path, monkeypatch):
    monkeypatch.setattr(author, "languages", lambda: ["en", "zh-TW"])
    example = (ROOT / "report.toml.example").read_text("utf-8")
    assert read(tmp_path, example) == {}
    _, _, body = example.partition("\n\n")
    lines = [re.sub(r"^# ?(?!  )", "", line) for line in body.splitlines() if is_toml(line)]
    about = read(tmp_path, "\n".join(lines))
    assert set(about) == {"homework", "language", "author", "question", "leaderboard", "reference"}
    words = tomllib.loads((ANSWERS / "en" / "page.toml").read_text("utf-8"))
    assert plan(about, ["01_train_cnn", "02_dnn_baseline"], words)


def is_toml(line: str) -> bool:
    """Whether a line of the example is TOML, not an explanation."""
    prose = ("The homework", "  ", "or ", "(years", "The language", "Questions", "References of")
    return not line.startswith(tuple(f"# {start}" for start in prose))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[autor]", r'report\.toml has an unknown key "autor": did you mean "author"\?'),
        ('[author]\nnmae = "A"', r'\[author\] has an unknown key "nmae": did you mean "name"\?'),
        ("[author]\nstudent_id = 8922", r"author\.student_id must be text in quotes, not 8922"),
        ('author = "Ada"', r'author must be a table, \[author\], not "Ada"'),
        ("homework = 3", r'homework must be a name, "hw3-2020", or a list'),
        ('language = "fr"', 'there is no language "fr", only en'),
        ("[question.1]\npoints = nan", r"must be a number"),
        ("[question.one]", r'by its number, \[question\.1\], not "one"'),
        ('[question.1]\ntext = "{cite:wilson}"', r'text cites "wilson": did you mean "wilson1927'),
        ("[reference]", r"write \[\[reference\]\]"),
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


def test_the_seed_follows_from_the_student_id():
    assert author.seed({}) is None
    assert author.seed({"author": {"name": "A"}}) is None
    seeds = [author.seed({"author": {"student_id": student}}) for student in ("r01", "R01", "r02")]
    assert seeds == [956198240, 956198240, seeds[2]]
    assert 0 <= seeds[2] < 2**32
    assert seeds[2] != seeds[0]
    assert parse([], 7).seed == 7
    assert parse(["SEED=3"], 7).seed == 3
    assert parse(["SEED=0"], 7).command == "make report SEED=0"
