"""The homework's questions: what the course asked (homework.toml), and what this report answers it with."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import UserError
from helpers.report.author import FILE, nearest

_STORED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
QUESTIONS, HOMEWORKS = _STORED["questions"], _STORED["homeworks"]
ALL, FREE = "all", "free"


@dataclass(frozen=True)
class Question:
    """A question of the report.

    Attributes:
        topics: by notebook, the topics that answer it, in order; none for the whole notebook.
        missing: numbers of the notebooks that it needs and this workbook does not have.
        words: the author's own, Markdown.
    """

    number: int
    title: str
    text: str
    topics: dict[str, tuple[str, ...]]
    missing: tuple[str, ...] = ()
    points: float | None = None
    collaborators: tuple[str, ...] = ()
    words: str = ""


def heading(about: dict, words: dict) -> str:
    """The report's title: that of the homework."""
    homework = about.get("homework", ALL)
    return words["homework"][homework if isinstance(homework, str) else ALL]["title"]


def plan(about: dict, books: Iterable[str], words: dict) -> list[Question]:
    """The report's questions, in order.

    Args:
        about: from ``author.read``.
        books: the names of the workbook's notebooks, in order.
        words: page.toml of the report's language: title and text of questions, title and question of notebooks.

    Raises:
        UserError: a homework, notebook, topic or question number that does not exist.
    """
    books, homework = list(books), about.get("homework", ALL)
    if homework == ALL:
        asked = [((name,), *_of_notebook(name, words), None) for name in books]
    elif isinstance(homework, str):
        if homework not in HOMEWORKS:
            near = nearest(homework, [*HOMEWORKS, ALL])
            raise UserError(f'{FILE}: no homework is called "{homework}"{near}')
        wanted = HOMEWORKS[homework].items()
        asked = [(tuple(QUESTIONS[name]), *_of_question(name, words), n) for name, n in wanted]
    else:
        asked = [_listed(_checked("homework", specs, books), books, words) for specs in homework]
    own = about.get("question", {})
    if beyond := [number for number in own if int(number) > len(asked)]:
        named = f'"{homework}"' if isinstance(homework, str) else "as listed"
        told = f"there is no question {beyond[0]}: homework {named} has {len(asked)}"
        raise UserError(f"{FILE}: {told}")
    return [_question(n, entry, own.get(str(n), {}), books) for n, entry in enumerate(asked, 1)]


def _question(number: int, entry: tuple, own: dict, books: list[str]) -> Question:
    specs, title, text, points = entry
    choice = list(specs) == QUESTIONS[FREE]
    if "notebooks" in own:
        specs, choice = _checked(f"question.{number}.notebooks", own["notebooks"], books), False
    found = [(_find(spec, books), *spec.partition(":")[::2]) for spec in specs]
    here = [(book, topic) for book, _, topic in found if book]
    missing = [name for book, name, _ in found if not book]
    if choice and here:
        here, missing = here[:1], []
    return Question(
        number,
        own.get("title", title),
        text,
        {book: tuple(topic for at, topic in here if at == book and topic) for book, _ in here},
        tuple(dict.fromkeys(missing)),
        own.get("points", points),
        tuple(own.get("collaborators", ())),
        own.get("text", ""),
    )


def _find(spec: str, books: list[str]) -> str | None:
    """The notebook that "01", "01_train_cnn" or "01:topic" means."""
    name = spec.partition(":")[0]
    return next((book for book in books if name in (book, book.partition("_")[0])), None)


def _checked(place: str, specs: list[str], books: list[str]) -> tuple[str, ...]:
    """Notebooks that the author names; both notebook and topic must be there."""
    known = {part for parts in QUESTIONS.values() for part in parts if ":" in part}
    for spec in specs:
        book, topic = _find(spec, books), spec.partition(":")[2]
        if book is None:
            raise UserError(f'{FILE}: {place} names a notebook "{spec}"{nearest(spec, books)}')
        topics = sorted(part.partition(":")[2] for part in known if _find(part, books) == book)
        if topic and topic not in topics:
            near = nearest(topic, topics) if topics else ": it has none"
            raise UserError(f'{FILE}: {place} names a topic "{topic}" of {book}{near}')
    return tuple(specs)


def _listed(specs: tuple[str, ...], books: list[str], words: dict) -> tuple:
    """A question of the author's making: the course's words if it asks just that, or else the notebooks' own."""
    for name, parts in QUESTIONS.items():
        if tuple(parts) == specs and ":" in specs[0]:
            return (specs, *_of_question(name, words), None)
    named = [_of_notebook(_find(spec, books), words) for spec in specs]
    return specs, " · ".join(dict.fromkeys(title for title, _ in named)), named[0][1], None


def _of_question(name: str, words: dict) -> tuple[str, str]:
    return words["question"][name]["title"], words["question"][name]["text"]


def _of_notebook(name: str, words: dict) -> tuple[str, str]:
    """Title and question of a notebook; one that the words do not know goes by its name."""
    entry = words["notebook"].get(name, {})
    return entry.get("title", name), entry.get("question", "")
