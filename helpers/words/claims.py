"""Claims about explanations, those of notebooks 04 to 08 and popular ones, with a verdict computed from the numbers."""

from collections.abc import Mapping, Sequence

from helpers.errors import UserError
from helpers.evaluation import holm
from helpers.explain import METHODS, ranking
from helpers.explain.faithfulness import Mean
from helpers.explain.ranking import BEATS, WORSE, Measured, Row, verdict
from helpers.words.common import p_words, plain
from helpers.words.faithfulness import FAILS, HOLDS, UNKNOWN, forgets, short
from helpers.words.truths import FINDS, finds, mark_rates, proved, spokesman

NOTEBOOKS = ("04", "05", "06", "07", "08")
CAPTION = (
    "Claims and what the numbers say: “holds” and “does not hold” need an interval on one side (p < .05), and all else "
    "cannot be told. Those of this notebook compare two methods on the same images, by Holm {cite:holm1979}."
)
COLUMNS = ["notebook", "claim", "verdict", "numbers"]


def recorded(run) -> list[dict]:
    """The claims that notebooks 04 to 08 recorded in this run, each with its ``notebook``, as far as they did."""
    found = []
    for number in NOTEBOOKS:
        try:
            kept = run.read(f"claims_{number}")
        except UserError:
            continue
        found += [{"notebook": number, **claim} for claim in kept["claims"]]
    return found


def judged(differences: Mapping[str, Mean]) -> list[dict]:
    """Claims that something is better, with their verdicts from the paired differences, by Holm over all of them."""
    adjusted = holm([each.p for each in differences.values()])
    return [_claim(claim, each, float(p)) for (claim, each), p in zip(differences.items(), adjusted, strict=True)]


def _claim(claim: str, difference: Mean, p: float) -> dict:
    outcome = {BEATS: HOLDS, WORSE: FAILS}.get(verdict(difference, p), UNKNOWN)
    numbers = f"{short(difference)}, {p_words(p)} (Holm), n = {difference.n}"
    return {"notebook": "10", "claim": claim, "verdict": outcome, "numbers": numbers}


def popular(methods: Mapping[str, Measured], controls: Mapping[str, Measured], mean_of: str) -> list[dict]:
    """What is often said of the methods, judged by insertion minus deletion on the same images.

    Args:
        mean_of: the method of which the control ``class_mean`` is the mean.
    """
    pictures = {name: found for name, found in controls.items() if name != "class_mean"}
    plainest = next(row for row in ranking.rank(methods, pictures) if row.name == "gradient")
    pairs = {
        "smoothgrad_squared": "SmoothGrad (squared) is truer than the plain gradient",
        "gradient_x_input": "Multiplying the gradient by the input makes it truer",
        "grad_cam": "Grad-CAM is truer than the plain gradient",
        "integrated_gradients": "Integrated gradients are truer than the plain gradient",
        "occlusion": "Occlusion is truer than the plain gradient",
        "lime": "LIME is truer than the plain gradient",
    }
    # By the ranking's own test, so that the two agree where no control but a picture is best.
    blind = _claim("The plain gradient shows more than a picture that knows no network", plainest.over, plainest.p)
    own = f"A map of {METHODS[mean_of].title} is truer of its image than the mean map of the same answer"
    found = {
        claim: ranking.difference(methods[name], methods["gradient"])
        for name, claim in pairs.items()
        if name in methods
    }
    return [blind, *judged(found | {own: ranking.difference(methods[mean_of], controls["class_mean"])})]


def forgotten(alike: Mapping[str, Mapping]) -> list[dict]:
    """For each method: what the network learnt matters more to its maps than which image it is."""
    found = []
    for name, (outcome, difference, p) in forgets(alike).items():
        numbers = f"two images − random weights {short(difference)}, {p_words(p)} (Holm), n = {difference.n}"
        claim = f"What the network learnt matters more to the maps of {METHODS[name].title} than the image does"
        found.append({"notebook": "10", "claim": claim, "verdict": outcome, "numbers": numbers})
    return found


def regions(rows: Sequence[Row] | None) -> list[dict]:
    """Some method says which part of the face matters, better than the best control does."""
    if rows is None:
        return []
    first = spokesman(rows)
    found = {BEATS: HOLDS, WORSE: FAILS}.get(first.verdict, UNKNOWN)
    numbers = f"{short(first.score)}; over the best control {short(first.over)}, {p_words(first.p)}"
    claim = f"Maps ({METHODS[first.name].title}) say which part of the face matters"
    return [{"notebook": "10", "claim": claim, "verdict": found, "numbers": numbers}]


def shortcuts(found: Mapping[str, Mapping], proofs: Mapping) -> list[dict]:
    """For each method: it finds a shortcut that the network uses, and only there."""
    used, unused = mark_rates(found).values()
    claims = []
    for name in used:
        if name not in METHODS:
            continue
        outcome = finds(used[name], unused[name]) if proved(proofs) else UNKNOWN
        said = HOLDS if outcome == FINDS else UNKNOWN if outcome == UNKNOWN else FAILS
        numbers = f"points at it in {used[name]} where it is used, {unused[name]} where not, n = {used[name].n}"
        claim = f"{METHODS[name].title} finds a shortcut that the network uses"
        claims.append({"notebook": "10", "claim": claim, "verdict": said, "numbers": numbers})
    return claims


def rows(claims: Sequence[Mapping]) -> list[list]:
    """Rows for ``COLUMNS``."""
    return [[claim["notebook"], claim["claim"], claim["verdict"], claim["numbers"]] for claim in claims]


def in_words(claims: Sequence[Mapping], named: Sequence[Mapping], most: int = 2) -> str:
    """How many claims hold, and which of the ``named`` do not."""
    count = {v: sum(claim["verdict"] == v for claim in claims) for v in (HOLDS, FAILS, UNKNOWN)}
    failed = [f"“{plain(claim['claim'])}”" for claim in named if claim["verdict"] == FAILS]
    left = count[FAILS] - len(failed[:most])
    more = f" and {left} more" if left else ""
    tail = f" Among those that do not: {'; '.join(failed[:most])}{more}." if failed else ""
    return (
        f"Of {len(claims)} claims, of these notebooks and popular ones, {count[HOLDS]} "
        f"hold{'s' * (count[HOLDS] == 1)}, {count[FAILS]} {'does' if count[FAILS] == 1 else 'do'} not, and of "
        f"{count[UNKNOWN]} it cannot be told ({{ref:claims}}).{tail}"
    )
