"""A grader's one command: what it calls identical, and what it names."""

import json
import shutil
from pathlib import Path

import pytest
from workbooks import Workbook, write_notebook, write_photos

from helpers.errors import UserError
from helpers.files import read_json, sha256, write_atomic, write_json
from helpers.report.verify import main, verify

pytestmark = pytest.mark.slow  # whole reports
DRAW = """from matplotlib.figure import Figure
figure = Figure(figsize=(2, 1))
figure.subplots().plot([1, 3, 2])
run.figure("line", figure)"""
COUNT = """run.record("a", classes=len(run.dataset.class_names))
run.table("count", ["n"], [[run.read("a")["classes"]]])"""


class Book(Workbook):
    def verify(self, data="given"):
        lines = []
        paths = {"DATA": str(self.photos) if data == "given" else data} if data else {}
        status = verify("toy", paths, say=lines.append, **self.where)
        return status, [line for line in lines if " runs  " not in line and " ran  " not in line]

    def snapshot(self):
        return {path: sha256(path) for path in self.reports.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A report of one toy notebook, with pages that cost nothing."""
    book = Book(tmp_path_factory.mktemp("verify"))
    write_photos(book.photos)
    write_notebook(book.notebooks, "01_a", [COUNT, DRAW])
    with pytest.MonkeyPatch.context() as patch:
        write = lambda folder, *_, **__: write_atomic(folder / "report.html", "page") and []  # noqa: E731
        patch.setattr("helpers.report.render.render", write)
        assert book.report("SEED=3")[0] == 0
    return book


def one_byte(content: bytes) -> bytes:
    return content[:-2] + bytes([content[-2] ^ 1]) + content[-1:]


def test_an_untouched_run_is_identical_and_stays_untouched(book):
    before = book.snapshot()
    status, lines = book.verify()
    assert (status, lines[-1]) == (0, "identical: 3 results of 1 notebook")
    assert len(lines) == 2  # and what it is doing
    assert book.snapshot() == before


def test_files_altered_by_one_byte_are_named_before_anything_runs(book, altered):
    line = book.folder / "figures" / "line.svg"
    altered(line, one_byte(line.read_bytes()))
    altered(book.folder / "report.html", b"a better page")
    status, lines = book.verify()
    assert status == 1
    names = ("figures/line.svg", "report.html")
    assert lines[:2] == [f"{name}: altered since the run" for name in names]
    assert lines[-1] == "altered: 2 files; the second run gave all 3 results of the manifest"


def test_results_and_tables_made_up_by_hand_are_named_with_what_else_differs(book, altered):
    better, forged = book.folder / "metrics" / "a.json", book.manifest()
    altered(better, json.dumps({**read_json(better), "classes": 99}).encode())
    forged["outputs"] |= {"metrics/a.json": sha256(better), "figures/extra.png": "0" * 64}
    forged["packages"]["numpy"] = "1.0"
    altered(book.folder / "manifest.json", json.dumps(forged).encode())
    status, lines = book.verify()
    assert status == 1
    assert lines[0] == "figures/extra.png: missing since the run"
    assert "metrics/a.json: another result now" in lines
    assert "figures/extra.png: not made now" in lines
    assert any("package numpy is" in line and "was 1.0" in line for line in lines)
    assert not any("package scipy" in line for line in lines)
    verdict, _, scratch = lines[-1].partition("; the second run stands in ")
    assert verdict == "different: 2 results of 4"
    assert (Path(scratch) / "toy" / "metrics" / "a.json").is_file()
    shutil.rmtree(scratch)


def test_other_data_and_absent_data_are_said_at_once(book, tmp_path):
    with pytest.raises(UserError, match="DATA was called photos: say where it is, make verify"):
        book.verify(data=None)
    other = write_photos(tmp_path / "other", images=5)
    status, lines = book.verify(str(other))
    assert status == 1
    assert lines[0].startswith("the data: other images or labels than in the run")


def test_wrong_requests_are_one_sentence(book, tmp_path, capsys):
    write_json(tmp_path / "toy" / "manifest.json", {"run": "toy"})
    with pytest.raises(UserError, match="is missing or damaged: make report RUN=toy"):
        verify("toy", reports=tmp_path)
    for words, said in (
        (["RUN=../faces"], "is a name, not a path"),
        (["SEED=1"], "SEED stands in the manifest already"),
        (["RNU=faces"], "did you mean RUN?"),
    ):
        assert main(words) == 2
        assert said in capsys.readouterr().err
