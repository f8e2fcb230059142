"""From a run's results and the templates to one document: answers in the homework's order, everything numbered."""

from pathlib import Path

import jinja2

from helpers.files import read_json
from helpers.formats import plain
from helpers.report import homework
from helpers.report.document import Document, Figure, Note, Part, Section, Table
from helpers.report.front import derived, front
from helpers.report.homework import Question
from helpers.report.links import Links
from helpers.wording import PLACE, Blocks, Placed, Wording

BLOCKS = ("short", "answer", "evidence", "more", "settings", "doubt")
STATES = ("failed", "skipped", "running", "done")  # of several notebooks the first of these counts
STRIP = 9  # images in a line of the page: as many as ``figures.gallery.strip`` shows
UNSEEN = {"explore", "injected-parameters", "papermill-error-cell-tag"}


def compose(folder: Path, manifest: dict, about: dict, language: str) -> Document:
    """The document of a run.

    A template that fails gives a red box in its question, and a warning.

    Args:
        folder: the run's, with figures/, tables/ and metrics/.
        manifest: of the run; its notebooks' states decide what can be said.
        about: the content of report.toml.
        language: of the templates.
    """
    return _Composer(folder, manifest, about, language).document()


class _Composer:
    def __init__(self, folder: Path, manifest: dict, about: dict, language: str):
        self.folder, self.manifest, self.about = folder, manifest, about
        self.wording = Wording(language, [folder])
        self.words = self.wording.page["words"]
        self.states = {book["name"]: book for book in manifest["notebooks"]}
        for name, book in self.states.items():  # claims of an earlier run are not counted
            if book["state"] not in ("ran", "reused"):
                self.wording.results.pop(f"claims_{name[:2]}", None)
        self.links = Links(self.words, self.wording.glossary, about.get("reference", ()))
        self.variables = {
            "data": manifest["data"],
            "run": {key: manifest[key] for key in ("seed", "quick")} | {"name": manifest["run"]},
            "manifest": {**manifest, **derived(manifest, about)},
            "about": about,
        }

    def document(self) -> Document:
        asked = homework.plan(self.about, list(self.states), self.wording.page)
        here = [question for question in asked if question.topics or question.words]
        missing = [question for question in asked if question not in here]
        sections = self._sections(here)
        for section in sections:
            self.links.resolve_section(section)
        given = front(self.wording, self.links, self.variables, sections, missing)
        self.links.resolve_more(sections, self.manifest["data"]["name"])
        author = self.about.get("author", {})
        return Document(
            title=homework.heading(self.about, self.wording.page),
            language=self.wording.language,
            subtitle=self.wording.numbers.cls(self.manifest["data"]["title"]),
            author={"name": "", **{key: author[key] for key in author if key != "date"}},
            date=str(author.get("date") or self.manifest["started"][:10]),
            strip=self._strip(),
            sections=sections,
            words=self.words,
            whole=[name.partition("（")[0] for name in self.wording.numbers.classes.values()],
            quick=bool(self.manifest["quick"]),
            code={name: self._cells(name) for name in self.states},
            glossary=self.links.terms(),
            references=self.links.references(),
            warnings=self.links.warnings,
            **given,
        )

    def _sections(self, questions: list[Question]) -> list[Section]:
        """The questions with numbered figures and tables; what all can see comes before what is folded."""
        found = [(question, *self._rendered(question)) for question in questions]
        sections = [self._section(*each) for each in found]
        for section in sections:
            parts = [*section.answer, *section.parts]
            self.links.number(parts)
            section.thumbnail = next((part for part in parts if isinstance(part, Figure)), None)
        for section, (_, texts, _, _) in zip(sections, found, strict=True):
            section.more = self._parts(texts["more"])
            self.links.number(section.more, more=True)
        return sections

    def _rendered(self, question: Question) -> tuple[dict[str, list], list[str], str]:
        """The question's texts by kind, each with its template; what went wrong, as Markdown; and its state."""
        found: dict[str, list] = {name: [] for name in BLOCKS}
        notices, states = [], ["done"]
        for name, topics in question.topics.items():
            book = self.states[name]
            if book["state"] not in ("ran", "reused"):
                states.append(book["state"] if book["state"] in STATES else "running")
                reason = book.get("error") or book.get("reason")
                if reason and states[-1] != "running":
                    notices.append(f"`{name}`: {plain(reason)}")
                continue
            try:
                blocks = self.wording.blocks(name, **self.variables)
                wanted = _wanted(blocks, topics)
                texts = [(kind, blocks.render(block)) for kind, block in wanted]  # all or none
                for kind, text in texts:
                    found[kind] += [(text, blocks)] if text else []
            except jinja2.TemplateError as fault:
                states.append("failed")
                where = f"{self.wording.language}/{name}.md.j2: {fault}"
                self.links.warnings.append(where)
                notices.append(plain(where))
        return found, notices, min(states, key=STATES.index)

    def _section(self, question: Question, found: dict, notices: list[str], state: str) -> Section:
        def joined(kind: str) -> str:
            return ("\n" if kind == "settings" else " ").join(text for text, _ in found[kind])

        return Section(
            number=str(question.number),
            title=question.title,
            anchor=f"question-{question.number}",
            question=question.text,
            points=question.points,
            short=joined("short"),
            own=question.words,
            collaborators=", ".join(question.collaborators),
            notices=notices,
            answer=self._parts(found["answer"]),
            parts=self._parts(found["evidence"]),
            settings=joined("settings"),
            doubt=joined("doubt"),
            notebooks=list(question.topics),
            state=state,
        )

    def _parts(self, rendered: list[tuple[str, Blocks]]) -> list[Part]:
        """Texts and what stands between them."""
        parts: list[Part] = []
        for text, blocks in rendered:
            for index, piece in enumerate(PLACE.split(text)):
                if index % 2 == 0:
                    parts += [piece.strip()] if piece.strip() else []
                elif part := self._place(blocks.placed[int(piece)]):
                    parts.append(part)
        return parts

    def _place(self, placed: Placed) -> Part | None:
        """What stands at a mark; a figure or table that stands earlier already is named there."""
        if placed.kind == "note":
            return Note(placed.text)
        if placed.name in self.links.placed:
            return self.words["again"].format(place=f"\ue002ref:{placed.name}\ue003")
        part = self._figure(placed) if placed.kind == "figure" else self._table(placed)
        if part is not None:
            self.links.placed[placed.name] = part
        return part

    def _figure(self, placed: Placed) -> Figure | None:
        path = self.wording.picture(placed.name)
        return path and Figure(placed.name, path, placed.text, placed.alt, placed.width)

    def _table(self, placed: Placed) -> Table | None:
        table = self.wording.table(placed.name)
        if table is None:
            return None
        cell, rows = self.wording.numbers.cell, []
        for row in table.rows:
            pairs = zip(row, placed.formats, strict=True)
            rows.append([cell(value, form) for value, form in pairs])
        words = ("text", "class")
        right = [form not in words and not isinstance(form, dict) for form in placed.formats]
        raw = [[getattr(value, "value", value) for value in row] for row in table.rows]
        heads = list(placed.heads)
        return Table(placed.name, heads, rows, right, raw, list(table.columns), placed.text)

    def _strip(self) -> Figure | None:
        path = self.wording.picture("strip")
        numbers, classes = self.wording.numbers, self.manifest["data"]["classes"][:STRIP]
        named = numbers.style["comma"].join(map(numbers.cls, classes))
        alt = self.words["strip"].format(classes=named)
        return path and Figure("strip", path, alt=alt, width="wide")

    def _cells(self, name: str) -> list[dict]:
        """The cells of an executed notebook, for who wants to read on; none if there is no such notebook."""
        cells = read_json(self.folder / "notebooks" / f"{name}.ipynb").get("cells", [])
        return [cell for cell in cells if not UNSEEN.intersection(cell["metadata"].get("tags", ()))]


def _wanted(blocks: Blocks, topics: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which block says what: those of the topics asked for, or else the whole notebook's."""
    names = [topic for topic in topics if topic in blocks]
    if not names:
        return [(kind, kind) for kind in BLOCKS]
    found = []
    for topic in names:
        found += [("short", f"short_{topic}"), ("evidence", topic), ("more", f"more_{topic}")]
    return [*found, ("settings", "settings"), ("doubt", "doubt")]
