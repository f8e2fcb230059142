"""The sample in docs/: what is made with a browser, without one, and never above its size."""

import shutil

import pypdf
import pytest
import render_samples as samples
from PIL import Image

from helpers.errors import UserError
from helpers.report import sample as made
from helpers.report.render import render


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    pytest.importorskip("plutoprint", reason="PlutoPrint has no package for this system")
    run, sources = samples.make_run(tmp_path_factory.mktemp("sample"))
    render(run, sources)
    return run


def test_a_pdf_and_two_screenshots(run, tmp_path, capsys):
    if not any(map(shutil.which, made.BROWSERS)):
        pytest.skip("Chromium is not installed")
    made.sample(run, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "answer.png",
        "sample.pdf",
        "summary.png",
    ]
    whole, lighter = (
        pypdf.PdfReader(folder / name)
        for folder, name in ((run, "report.pdf"), (tmp_path, "sample.pdf"))
    )
    assert [page.extract_text() for page in lighter.pages] == [
        page.extract_text() for page in whole.pages
    ]
    assert lighter.metadata.title == whole.metadata.title
    assert all(i.image.width <= made.PICTURE for page in lighter.pages for i in page.images)
    pictures = [Image.open(tmp_path / name) for name in ("summary.png", "answer.png")]
    assert all(
        picture.width == made.WIDTH and 500 < picture.height <= made.HEIGHT for picture in pictures
    )
    assert pictures[0].tobytes() != pictures[1].tobytes()
    assert "MB" in capsys.readouterr().out


def test_without_a_browser_one_line_says_so(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    made.sample(run, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sample.pdf"]
    assert "no screenshots: Chromium" in capsys.readouterr().out


def test_too_large_or_half_a_sample_is_none(run, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(made, "LIMIT", 1000)
    with pytest.raises(UserError, match="2 MB are its limit"):
        made.sample(run, tmp_path / "docs")
    with pytest.raises(UserError, match=r"report\.html is missing"):
        made.sample(tmp_path, tmp_path / "docs")
    assert not (tmp_path / "docs").exists()
