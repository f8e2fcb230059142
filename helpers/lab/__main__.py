"""``make lab``: JupyterLab on copies of the notebooks in lab/, so that nothing that git keeps changes."""

import json
import platform
import subprocess
import sys
from pathlib import Path

from helpers import ROOT
from helpers.files import write_atomic, write_json

PAGE = Path(sys.prefix, "etc", "jupyter", "labconfig", "page_config.json")
QUIET = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


def prepare(root: Path = ROOT) -> Path:
    """Copy the notebooks of a checkout into its lab/, or bring the copies up to date; the folder.

    A copy stays as long as its original does. Of a changed original the copy is made anew; one that somebody edited is
    kept beside it as ``<name>_mine.ipynb``.
    """
    for original in sorted((root / "notebooks").glob("*.ipynb")):
        copy, before = root / "lab" / original.name, root / "lab" / ".originals" / original.name
        content = original.read_text("utf-8")
        if copy.exists() and before.exists() and before.read_text("utf-8") == content:
            continue
        if copy.exists() and not (before.exists() and _cells(copy) == _cells(before)):
            mine = copy.replace(copy.with_stem(f"{copy.stem}_mine"))
            print(f"{original.name} has changed: what you edited is kept as {mine.name}")
        write_atomic(before, content)
        write_atomic(copy, _as_opened(content))
    return root / "lab"


def _cells(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]


def _as_opened(content: str) -> str:
    """A notebook as JupyterLab has it once it is open, so that closing it asks nothing."""
    document = json.loads(content)
    document["metadata"].setdefault("language_info", {})["version"] = platform.python_version()
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    if not PAGE.exists():
        write_json(PAGE, QUIET)
    first = prepare() / "00_start_here.ipynb"
    lab = [sys.executable, "-m", "jupyterlab", first.relative_to(ROOT), *sys.argv[1:]]
    return subprocess.call(lab, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
