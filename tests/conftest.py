"""What all tests share."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from helpers import wording
from helpers.kinds import ANSWERS

settings.register_profile("workbook", deadline=None)  # machines differ
settings.load_profile("workbook")


@pytest.fixture
def templates(tmp_path, monkeypatch):
    """A function that writes a template over a copy of the English ones."""
    shutil.copytree(ANSWERS / "en", tmp_path / "answers" / "en")
    monkeypatch.setattr(wording, "ANSWERS", tmp_path / "answers")
    return lambda name, text: (wording.ANSWERS / "en" / f"{name}.md.j2").write_text(text, "utf-8")


@pytest.fixture
def altered():
    """What changes a file, or takes it away, until the test is over."""
    before = {}

    def alter(path: Path, content: bytes | None) -> None:
        before.setdefault(path, path.read_bytes())
        path.write_bytes(content) if content else path.unlink()

    yield alter
    for path, content in before.items():
        path.write_bytes(content)
