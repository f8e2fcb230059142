"""What page 1 and the last page say about a report: key numbers, what is whose, and the facts of the run."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from helpers.report.author import seed
from helpers.report.doubts import listed
from helpers.report.presets import PRESETS

if TYPE_CHECKING:
    from helpers.report.merge import Report

KEYS = 4
LEADING = ("01", "02", "03", "10")  # their key numbers go first: accuracies, confusion, faithfulness
MARKUP = re.compile(r"\$\$.*?\$\$|\$[^$\n]*\$|\{(?:ref|cite):[^}]*\}", re.DOTALL)
WORD = re.compile(r"[一-鿿㐀-䶿]|[^\W_]+(?:['’-]\w+)*")


def keys(report: "Report") -> list[dict]:
    """The answers whose numbers are shown in large type: one a notebook, then what else there is.

    Only those of this report's questions, and the CNN's in any case: all else is about it.
    """
    books = sorted(report.books, key=lambda book: book.name[:2] not in LEADING)
    given = [answer for section in report.sections for answer in section.answers]
    keyed = [
        [answer for answer in book.answers if answer.get("key") and (answer in given or book.name[:2] == LEADING[0])]
        for book in books
    ]
    first = [answers[0] for answers in keyed if answers]
    return (first + [answer for answers in keyed for answer in answers[1:]])[:KEYS]


def homework(report: "Report") -> str:
    """Which homework is answered, of how many points; nothing if none was chosen."""
    name = report.about.get("homework")
    if not isinstance(name, str) or name not in PRESETS:
        return ""
    total = sum(section.asked.points or 0 for section in report.sections)
    total += sum(asked.points or 0 for asked in report.unanswered)
    return f"{name}, {points(total)}"


def points(number: float) -> str:
    """Like ``1 point``, ``1.5 points``."""
    return f"{number:g} point{'s' * (number != 1)}"


def unanswered(report: "Report") -> str:
    """One line on the questions whose notebooks this workbook does not have."""
    asked = [
        f"{each.number} ({each.title}, {points(each.points)})" if each.points else f"{each.number} ({each.title})"
        for each in report.unanswered
    ]
    missing = sorted({number for each in report.unanswered for number in each.missing})
    if not asked:
        return ""
    notebooks = "notebook" if len(missing) == 1 else "notebooks"
    return (
        f"Not answered: question{'s' * (len(asked) > 1)} {listed(asked)}. "
        f"This workbook does not have {notebooks} {listed(missing)}."
    )


def whose(report: "Report") -> list[tuple[str, str]]:
    """What is whose: networks, looks at the test set, changes against the release, the author's own words."""
    get = report.manifest.get
    given = (get("elsewhere") or {}).get("model")
    # What is saved as cnn is the author's network, if there is one.
    own = [name for name in _models(get("outputs")) if not (given and name == "cnn")]
    kept = {Path(name).stem.removeprefix("shipped_") for name in get("outputs") or {} if "/shipped_" in name}
    networks = (
        _author_s(given),
        _named("shipped with the workbook, not trained by the author", [name for name in own if name in kept]),
        any(name.startswith("brief_") for name in kept) and "shipped, too: the brief trainings that only compare",
        _named("trained by these notebooks", [name for name in own if name not in kept]),
    )
    tests, words = get("test_evaluations") or {}, written(report)
    own_words = words and f"{words:,} word{'s' * (words > 1)} of the author's, marked; all else is the workbook's"
    rows = [
        ("Networks", Markup("; ").join(filter(None, networks))),
        ("Test set", tests and _looks(tests, get("data") or {})),
        ("Changed", changed(get("changed"))),
        ("Own words", own_words),
        ("Leaderboard", _leaderboard(report.about.get("leaderboard", {}))),
    ]
    return [(name, value) for name, value in rows if value]


def _named(where: str, networks: list[str]) -> Markup | str:
    """Where some networks come from; empty for none."""
    names = Markup(", ").join(Markup("<code>{}</code>").format(name) for name in networks)
    return names and Markup("{}: {}").format(where, names)


def _models(outputs: dict | None) -> dict[str, str]:
    """The SHA-256 of each network that the run saved, by name."""
    return {Path(name).stem: digest for name, digest in (outputs or {}).items() if name.endswith(".keras")}


def _author_s(given: dict | None) -> Markup | str:
    """The network that was trained elsewhere, if there is one."""
    if not given:
        return ""
    file, digest = given["file"], given["sha256"][:12]
    return Markup("<code>cnn</code>: the author's file {} ({}…), trained elsewhere").format(file, digest)


def written(report: "Report") -> int:
    """How many words the author wrote; a Chinese character counts as one."""
    texts = (question.get("text", "") for question in report.about.get("question", {}).values())
    return sum(len(WORD.findall(MARKUP.sub(" ", text))) for text in texts)


def changed(since: dict | None) -> str:
    """What was changed against the release, by number of files."""
    if not since:
        return ""
    counts = [(len(since[kind]), kind[:-1]) for kind in ("notebooks", "helpers") if since[kind]]
    files = " and ".join(
        f"{count} {kind if kind == 'notebook' else 'helper file'}{'s' * (count > 1)}" for count, kind in counts
    )
    what = f"release {since['release']}" if since["release"] else f"commit {since['commit'][:7]}"
    return f"{files} changed against {what}" if files else f"no notebook and no helper against {what}"


def provenance(report: "Report") -> list[tuple[str, str]]:
    """The facts of the run, as names and texts; what the manifest does not say is left out."""
    get = report.manifest.get
    data, tests, since = get("data") or {}, get("test_evaluations") or {}, get("changed") or {}
    modified = " with uncommitted changes" if get("modified") else ""
    total = sum(entry.get("seconds") or 0 for entry in get("notebooks"))
    rows = [
        ("Command", get("command")),
        ("Commit", get("commit") and get("commit") + modified),
        ("Changed files", ", ".join([*since.get("notebooks", ()), *since.get("helpers", ())])),
        ("Started", (get("started") or "").replace("T", " ").replace("+00:00", " UTC").replace("Z", " UTC")),
        ("Notebooks took", duration(total)),
        ("Seed", f"{get('seed')}{', from the student id' * (seed(report.about) == get('seed'))}"),
        ("Data", " · ".join(str(data[key]) for key in ("title", "path") if data.get(key))),
        ("SHA-256 of the data", data.get("checksum")),
        ("SHA-256 of the networks", ", ".join(f"{n} {digest[:12]}…" for n, digest in _models(get("outputs")).items())),
        ("Notes on the data", " ".join(data.get("notes") or ())),
        ("Test set", tests and _looks(tests, get("data") or {})),
        ("Other seeds", (get("seeds") or {}).get("left_out")),
        ("Machine", ", ".join(str(get(key)) for key in ("processor", "platform") if get(key))),
        ("Python", get("python") and f"{get('python')}, {get('threads')} threads"),
    ]
    return [(name, value) for name, value in rows if value not in (None, "", {})]


def duration(seconds: float | None) -> str:
    """Seconds as a person says them."""
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _looks(tests: dict, data: dict) -> str:
    """How often the test set was looked at, if there is one."""
    if "test" not in data.get("splits", {"test": 0}):
        return "there is none"

    def times(count: int) -> str:
        return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")

    if not tests["checkout"]:
        return "never evaluated in this copy of the workbook"
    here, everywhere = times(tests["this_run"]), times(tests["checkout"])
    return f"evaluated {here} by runs of this name, {everywhere} in this copy of the workbook; it chose nothing"


def _leaderboard(scores: dict) -> Markup | str:
    parts = [f"{kind} {scores[kind]}" for kind in ("public", "private") if kind in scores]
    name = scores.get("name")
    return escape(f"{name}: " if name and parts else name or "") + ", ".join(parts)
