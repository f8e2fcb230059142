"""The report for keyboards, screen readers and weak eyes, judged by axe-core in headless Chromium."""

import html
import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import render_samples as samples

from helpers.report.render import render

AXE = "axe-core@4.14.1"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
LOOKS = {"light": (1200, 1), "dark": (1200, 0), "phone": (400, 1)}  # width, and Chromium's name for light or dark
FRAME = '<iframe style="width: {width}px; height: 900px" srcdoc="{page}"></iframe>'
# Everything unfolded, since axe does not look into what is folded.
SCRIPT = """
for (const one of document.querySelectorAll("details")) one.open = true;
const why = node => node.target.join(" ") + ": " + (node.any[0] || node.all[0] || node.none[0]).message;
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const line = document.createElement("pre");
  line.id = "axe";
  line.textContent = JSON.stringify({
    told: found.violations.map(rule => ({rule: rule.id, help: rule.help, nodes: rule.nodes.map(why)})),
    rules: found.passes.length,
    cues: [...document.querySelectorAll("figure")].map(figure => {
      const box = figure.querySelector(".scroll"), cue = figure.querySelector(".cue");
      return [figure.className == "table", box.scrollWidth > box.clientWidth, cue.clientHeight > 0];
    }),
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    wide: document.documentElement.scrollWidth,
    width: innerWidth,
  });
  parent.document.body.append(line);
});
"""


@pytest.fixture(scope="module")
def axe(request) -> str:
    """axe-core's source, fetched from the npm registry once and kept in pytest's cache."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    if shutil.which("npm") is None:
        pytest.skip("npm, which fetches axe-core, is not installed")
    folder = Path(request.config.cache.mkdir("axe"))
    archive = folder / f"{AXE.replace('@', '-')}.tgz"
    if not archive.is_file():
        command = ["npm", "pack", AXE, "--silent", "--pack-destination", str(folder)]
        fetched = subprocess.run(command, capture_output=True, text=True, timeout=50)
        if fetched.returncode or not archive.is_file():
            pytest.skip(f"axe-core could not be fetched from the npm registry: {fetched.stderr.strip()[:200]}")
    with tarfile.open(archive) as package:
        return package.extractfile("package/axe.min.js").read().decode()


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    """A report of every component: answers, figures, tables, formulas, code, a failure."""
    run, sources = samples.make_run(tmp_path_factory.mktemp("axe"), fails=True, quick=True)
    render(run, sources)
    return (run / "report.html").read_text("utf-8")


def judge(page: str, axe: str, folder: Path, look: str) -> dict:
    """What axe says of a page."""
    path = folder / "page.html"
    page = page.replace("</body>", f"<script>{axe}</script><script>{SCRIPT}</script></body>")
    width, scheme = LOOKS[look]
    # In a frame, since Chromium opens no window narrower than 500 pixels.
    path.write_text(f"<body>{FRAME.format(width=width, page=html.escape(page))}</body>", "utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1300,1000"]
    command += [f"--blink-settings=preferredColorScheme={scheme}"]
    command += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=20000", "--dump-dom", path.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = re.search(r'<pre id="axe">(.*?)</pre>', shown.stdout, re.DOTALL)
    assert found, f"axe gave no result: {shown.stderr[-500:]}"
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_to_mend(look, page, axe, tmp_path):
    found = judge(page, axe, tmp_path, look)
    assert found["dark"] == (look == "dark")
    assert found["rules"] > 20
    assert found["wide"] <= found["width"] == LOOKS[look][0]  # nothing to scroll sideways
    assert len(found["cues"]) > 10
    for table, cut, told in found["cues"]:
        assert told or not cut  # what goes on beyond its box says so
        assert cut or not told or table  # of tables the width is a guess
    assert any(cut for _, cut, _ in found["cues"]) == (look == "phone")
    told = [f"{rule['rule']}: {rule['help']}\n  " + "\n  ".join(rule["nodes"][:4]) for rule in found["told"]]
    assert not told, "\n".join(told)


def test_axe_would_find_what_is_wrong(page, axe, tmp_path):
    spoilt = page.replace('<html lang="en"', "<html").replace("--soft: #575f69", "--soft: #a0a0a0")
    spoilt = spoilt.replace("</h1>", "</h1><h5>x</h5>", 1)
    rules = {rule["rule"] for rule in judge(spoilt, axe, tmp_path, "light")["told"]}
    assert {"html-has-lang", "color-contrast", "heading-order"} <= rules
