"""The homework's questions: which the course asked, in which order and for how many points, and what answers them."""

from dataclasses import dataclass

from helpers.errors import UserError
from helpers.report.author import FILE, nearest

# A question by its short name: title, question, and the notebooks that answer it, "01" or "01:topic". The topic is
# that of `run.answer`; a notebook whose answers carry no topic answers with all of them.
QUESTIONS = {
    "cnn": (
        "The CNN",
        "How is the CNN built, how was it trained, and how accurate is it?",
        ("01:cnn", "01:history"),
    ),
    "architecture": ("The CNN's architecture", "Which layers does the CNN have, and of which sizes?", ("01:cnn",)),
    "history": ("The training", "How did loss and accuracy develop during the training?", ("01:history",)),
    "augmentation": (
        "Normalisation and augmentation",
        "What do normalising and augmenting the data do to the accuracy?",
        ("01:augmentation",),
    ),
    "dnn": ("The DNN", "What does a plain DNN of about the same size reach, and how does it compare?", ("02:dnn",)),
    "half-depth": ("Half the depth", "What does a CNN of half the depth and the same size reach?", ("02:half_depth",)),
    "comparison": (
        "Depth and shape compared",
        "What do the three networks show about depth and convolution?",
        ("02:comparison",),
    ),
    "cnn-and-dnn": (
        "CNN and DNN",
        "How are a CNN and a DNN of the same size built, and how accurate is each?",
        ("01:cnn", "02:dnn"),
    ),
    "both-histories": (
        "Both trainings",
        "How did the trainings of the CNN and of the DNN go?",
        ("01:history", "02:history"),
    ),
    "confusion": ("Confused classes", "Which classes does the CNN take for one another?", ("03",)),
    "saliency": ("Saliency maps", "On which parts of an image does the CNN look?", ("04",)),
    "filters": ("Filters", "Which images excite a layer's filters most, and what do they show of an image?", ("05",)),
    "lime": ("LIME", "Which parts of an image does LIME hold responsible, class by class?", ("06",)),
    "free": ("Free choice", "What else explains the CNN?", ("07", "08", "09")),
    "convolution": ("Convolution", "Which shape and how many parameters does a convolution have?", ("11:convolution",)),
    "batch-norm": (
        "Batch normalisation",
        "How does the gradient go through a batch normalisation?",
        ("11:batch_norm",),
    ),
    "softmax": ("Softmax", "What is the gradient of the cross-entropy through softmax?", ("11:softmax",)),
}

FREE = QUESTIONS["free"]  # one of its notebooks is enough: the author picks, or else the first that there is

# Short names and points, in the course's order.
PRESETS = {
    "hw3-2017": {"cnn": 1, "dnn": 1, "confusion": 1, "saliency": 1, "filters": 1},
    "hw3-2018-spring": {"cnn": 1, "augmentation": 1, "confusion": 1, "saliency": 1, "filters": 1},
    "hw3-2019-spring": {"cnn-and-dnn": 2, "both-histories": 1, "augmentation": 1, "confusion": 1},
    "hw3-2019-fall": {
        "architecture": 1,
        "history": 1,
        "confusion": 1,
        "saliency": 1,
        "filters": 1,
        "convolution": 1,
        "batch-norm": 1,
        "softmax": 1,
    },
    "hw4-2019": {"saliency": 2, "filters": 3, "lime": 3, "free": 2},
    "hw3-2020": {"cnn": 1, "half-depth": 1, "dnn": 1, "comparison": 1, "augmentation": 1, "confusion": 1},
    "hw5-2020": {"saliency": 2, "filters": 3, "lime": 2, "free": 3},
}
ALL = "all"


@dataclass(frozen=True)
class Question:
    """A question of the report.

    Attributes:
        topics: by notebook, the topics that answer it; an empty set stands for all answers.
        missing: numbers of the notebooks that it needs and this workbook does not have.
        words: the author's own, Markdown.
    """

    number: int
    title: str
    text: str
    topics: dict[str, frozenset[str]]
    missing: tuple[str, ...] = ()
    points: float | None = None
    collaborators: tuple[str, ...] = ()
    words: str = ""

    @property
    def anchor(self) -> str:
        return f"question-{self.number}"


def plan(about: dict, books: dict[str, tuple[str, str]]) -> list[Question]:
    """The report's questions, in order.

    Args:
        about: from ``author.read``.
        books: the workbook's notebooks in order: name -> title and question.

    Raises:
        UserError: a homework, notebook, topic or question number that does not exist.
    """
    homework = about.get("homework", ALL)
    if homework == ALL:
        asked = [(title, question, (name,), None) for name, (title, question) in books.items()]
    elif isinstance(homework, str):
        if homework not in PRESETS:
            raise UserError(f'{FILE}: no homework is called "{homework}"{nearest(homework, [*PRESETS, ALL])}')
        asked = [(*QUESTIONS[name], points) for name, points in PRESETS[homework].items()]
    else:
        asked = [(*_titled(_checked("homework", specs, books), books), None) for specs in homework]
    own = about.get("question", {})
    if beyond := [number for number in own if int(number) > len(asked)]:
        raise UserError(f"{FILE}: there is no question {beyond[0]}: homework {_said(homework)} has {len(asked)}")
    return [_question(number, entry, own.get(str(number), {}), books) for number, entry in enumerate(asked, 1)]


def _question(number: int, entry: tuple, own: dict, books: dict) -> Question:
    title, text, specs, points = entry
    choice = specs == FREE[2]
    if "notebooks" in own:
        specs, choice = _checked(f"question.{number}.notebooks", own["notebooks"], books), False
    found = [(_find(spec, books), spec) for spec in specs]
    here = [(name, spec.partition(":")[2]) for name, spec in found if name]
    missing = [spec.partition(":")[0] for name, spec in found if not name]
    if choice and here:
        here, missing = here[:1], []
    return Question(
        number,
        own.get("title", title),
        text,
        {name: frozenset(topic for at, topic in here if at == name and topic) for name, _ in here},
        tuple(dict.fromkeys(missing)),
        own.get("points", points),
        tuple(own.get("collaborators", ())),
        own.get("text", ""),
    )


def _find(spec: str, books: dict) -> str | None:
    """The notebook that "01", "01_train_cnn" or "01:topic" means."""
    name = spec.partition(":")[0]
    return next((book for book in books if name in (book, book.partition("_")[0])), None)


def _checked(place: str, specs: list[str], books: dict) -> tuple[str, ...]:
    """Notebooks that the author names; both notebook and topic must be there."""
    known = {spec for _, _, parts in QUESTIONS.values() for spec in parts}
    for spec in specs:
        book = _find(spec, books)
        if book is None:
            raise UserError(f'{FILE}: {place} names a notebook "{spec}"{nearest(spec, books)}')
        topics = [part.partition(":")[2] for part in sorted(known) if ":" in part and _find(part, books) == book]
        topic = spec.partition(":")[2]
        if topic and topic not in topics:
            raise UserError(f'{FILE}: {place} names a topic "{topic}" of {book}{nearest(topic, topics or ["none"])}')
    return tuple(specs)


def _titled(specs: tuple[str, ...], books: dict) -> tuple[str, str, tuple[str, ...]]:
    """Title and question of a list of notebooks: the course's if it asks just that, or else the first notebook's."""
    for title, text, parts in QUESTIONS.values():
        if parts == specs and ":" in specs[0]:
            return title, text, specs
    titles = [books[_find(spec, books)] for spec in specs]
    return " · ".join(dict.fromkeys(title for title, _ in titles)), titles[0][1], specs


def _said(homework) -> str:
    return f'"{homework}"' if isinstance(homework, str) else "as listed"
