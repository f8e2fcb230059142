"""Words about explanations: turn a number of the run round, and the sentence must turn."""

import json

import pytest
from rendering import DOWN, FACES, OPEN, UP, cases_of, check

from helpers.explain import class_evidence, regions
from helpers.stats import NOTHING, Estimate, rate


def put(start, **changes):
    """Changes below one place; ``__`` stands for a dot."""
    return {f"{start}.{name.replace('__', '.')}": value for name, value in changes.items()}


def wants(kind="arcs", apart=6.0, lie=30):
    lines = {"lie": rate(lie, 64), "stand": rate(5, 64)}
    return {"kind": kind, "share": 0.9, "apart": apart, **lines}


def filters(first=None, last=None, **changes):
    """Changes of the first and the last of three layers, and of the record."""
    made = put("filters.layers.0", wants=wants(apart=2.4), **(first or {}))
    made |= put("filters.layers.2", **{"wants": wants(), **(last or {})})
    return made | put("filters", **changes)


def each_layer(record, name, values):
    """One change of each layer of a record."""
    return {f"{record}.layers.{at}.{name}": value for at, value in enumerate(values)}


HOLDS, OPEN_ = "holds", "undecided"
DEAD = {"tried": 0, "purity": None, "parts": {"nose": 0}, "active": None}
DEAD["wants"] = {"kind": "smooth", "share": 0, "apart": None, "lie": NOTHING, "stand": NOTHING}
ONE = {"number": 21, "class": "sad", "images": 8, "kind": "arcs"}
FILTERS = [
    (
        filters(last={"wants": wants(lie=50)}),
        "short: Early filters want fine lines, late ones horizontal arcs",
        "answer: as brows and mouths are",
    ),
    (filters(last={"wants": wants("stripes")}), "short: late ones stripes", "short! horizontal"),
    (filters(last={"wants": wants(lie=50)}, how="ninths"), "answer! brows"),
    (filters({"regulariser": "fourier"}), "answer: deeper filters see more"),
    (filters({"regulariser": "none"}), "answer: partly by method"),
    (filters(last={"wants": wants(apart=2.0)}), "answer: no coarser"),
    (
        filters({"regulariser": "fourier"}, {"parts": {"mouth": 20}}, centre="mouth"),
        "evidence: middle of the picture",
        "short: late ones arcs, 2.5 times as coarse",
    ),
    (filters(last={"parts": {"mouth": 20}}), "evidence: 20 of the 64 last filters"),
    (filters(last={"parts": {"nose": 0}}), "evidence! last filters answer"),
    (
        each_layer("filters", "purity.verdict", [HOLDS] * 3),
        "answer: by construction",
        "evidence: In the first and the middle layer it need not be so",
    ),
    (
        each_layer("filters", "purity.verdict", [OPEN_] * 3),
        "answer: the images do not show",
        "evidence! it need not be so",
    ),
    ({"filter_example": {"found": ONE}}, "evidence: it wants arcs, and 8 of the nine"),
    (
        each_layer("filters", "patterned", [HOLDS] * 3),
        "evidence: in every layer, so the pattern counts",
    ),
    (
        each_layer("filters", "patterned", [OPEN_, HOLDS, HOLDS]),
        "evidence: in the middle and the last layer; for the first that stays undecided",
    ),
    (each_layer("filters", "patterned", [OPEN_] * 3), "evidence: so contrast alone may do"),
    (
        each_layer("filters", "contrast", [True, False, False]),
        "evidence: Yet in the first layer it still beats every real image",
    ),
    (each_layer("filters", "dead", [0, 0, 0]), "evidence! of the 112 filters"),
    (each_layer("filters", "dead", [3, 0, 0]), "evidence: 3 of the 112 filters"),
    (filters(last=DEAD), "short: No filter of the last layer is ever active"),
    (
        filters(last={**DEAD, "tried": 64}),
        "short: gets away from noise",
        "answer: nothing to climb",
    ),
]


def place(name, shown=True):
    return regions.Place(name, Estimate(3.1, 2.0, 4.2, 12, 0.001), shown)


def row(name, hits, train, rival=None, region=None):
    mistaken, recall = rate(30, 100) if rival else None, rate(hits, 100)
    return class_evidence.ClassEvidence(name, recall, train, rival, mistaken, region)


ANGRY = row("angry", 80, 400, "happy", place("brows"))
DISGUST = row("disgust", 20, 100, "angry", place("brows"))
UNSEEN = class_evidence.ClassEvidence("angry", NOTHING, 0, None, None, None)
HAPPY = row("happy", 95, 900, "angry", place("mouth"))


def classes(*rows, used=UP, **changes):
    loss = dict.fromkeys((each.name for each in rows), used)
    return put("lime", classes=list(rows), used=loss, missing={}, **changes)


def three(best=HAPPY, **changes):
    return classes(ANGRY, DISGUST, best, **changes)


def happy(train=900, region=None):
    return row("happy", 95, train, "angry", region or place("mouth"))


LIME = [
    (
        three(),
        "short: Why happy leads is not shown; its evidence is densest on the mouth",
        "short: Disgust is worst, most often taken for angry",
        "answer: has the most training images.",
        "answer: The mouth is its own region",
        "evidence: The network uses that region: hiding it costs 5.0 points more",
        "evidence: for happy it counts",
    ),
    (classes(row("angry", 25, 400), DISGUST, HAPPY), "short: Disgust is among the worst"),
    (three(happy(train=50)), "answer: does not have the most training images"),
    (three(happy(region=place("brows"))), "answer: Its region, the brows, serves other"),
    (three(happy(region=place("mouth", False))), "answer: No region stands", "short! densest"),
    (three(used=DOWN), "evidence: 5.0 points less"),
    (three(used=OPEN), "evidence: for happy that stays undecided", "evidence: may be chance"),
    ({"lime_check.stability.verdict": "fails"}, "answer: by less than 0.9"),
    ({"lime_check.stability.verdict": HOLDS}, "answer: rank LIME's segments alike"),
    ({"lime_check.stability.verdict": OPEN_}, "answer: stays undecided"),
    (
        put("lime_check.verdicts", random=HOLDS, centre=HOLDS),
        "placed: matters to the network",
        "evidence! than the middle",
    ),
    (
        put("lime_check.verdicts", random="fails", centre="fails"),
        "placed: matters less than other cells",
        "evidence: finds less than the middle",
    ),
    (
        put("lime_check.verdicts", random=OPEN_, centre=OPEN_),
        "placed: do not both show",
        "evidence: more than the middle is not shown with both fills",
    ),
    (classes(UNSEEN, DISGUST, HAPPY), "short: Disgust is worst"),
    (
        classes(*[row(name, 100, 10, None, place("mouth")) for name in ("sad", "happy")]),
        "short: recognised equally well",
    ),
]


def judged(kind="partly", first=HOLDS, second=HOLDS, **changes):
    judges = "class_images.judgement.judges."
    verdicts = {f"{judges}cnn_judge.verdict": first, f"{judges}cnn_half.verdict": second}
    return verdicts | put("class_images", judgement__kind=kind, **changes)


def alike(made):
    return {"made": Estimate(made, made - 0.1, made + 0.1, 7, 0.001), "real": UP}


ANGRIEST = {"judges": 0.1, "most": 0.4, "rival": "disgust", "confused": "disgust"}
SHORT = {"n": 3, "reached": 1, "most": 2000, "size": 12.9, "largest": 21.2}
NONE = {"n": 0, "reached": 0, "most": 2000, "size": None, "largest": None}
SCATTERED = {"kind": "spots", "counts": {"spots": 7}, "places": {"brows": 1, "nose": 1, "eyes": 1}}
CLASS_IMAGES = [
    (judged("convincing"), "short: both give them more than one half"),
    (judged(), "short: not both are shown to give them more than one half"),
    (judged("one", OPEN_), "short: ones; for the transfer network this is undecided"),
    (
        judged("one", second="fails"),
        "short: ones; for the CNN of half the depth it is not so",
        "evidence: The CNN of half the depth gives them no more",
    ),
    (judged("adversarial", "fails", "fails"), "short: adversarial rather than examples"),
    (
        judged("undecided", OPEN_, OPEN_),
        "short: is undecided",
        "evidence: is not shown to give them more",
    ),
    (judged("unfit", OPEN_, OPEN_), "short: do not believe real images either"),
    (judged("failed", OPEN_, OPEN_), "short: not even the CNN itself"),
    ({}, "evidence: more than one half; for 1 of 7 the other does not"),
    (judged(alike=alike(-0.5)), "evidence: do not resemble the mean"),
    (judged(alike=alike(0.5)), "evidence! do not resemble"),
    (judged(pattern=SCATTERED), "answer: at no fixed part", "placed! spots, densest"),
    (
        put("class_images.why.0", **ANGRIEST),
        "evidence: Angry convinces nobody: the judges lean to disgust, for which the CNN also",
    ),
    (put("class_images.why.0", **{**ANGRIEST, "confused": "sad"}), "evidence! for which the CNN"),
    (judged(adversarial=SHORT), "evidence: by 12.9 grey levels", "evidence: For 2 of the 3"),
    (judged("unjudged", adversarial=NONE), "short: no adversarial image", "evidence! (of 255)"),
]


def dream(verdict=OPEN_, steady="fails", control="centre", **changes):
    """The last layer's verdict, LIME's stability, and changes of the last layer."""
    layer = "deep_dream.layers.2"
    made = put(layer, overlap__verdict=verdict, overlap__control=control, **changes)
    return made | {"lime_check.stability.verdict": steady}


FLIPS = each_layer("deep_dream", "flips", [rate(0, 14)] * 3)
DREAMS = [
    (dream(HOLDS, HOLDS), "short: LIME finds the network's evidence there", "answer! weak"),
    (dream(HOLDS), "short: but LIME itself is unstable"),
    (dream(HOLDS, OPEN_), "short: but whether LIME is stable is undecided"),
    (dream("fails"), "short: it changes the middle more than the parts LIME marks"),
    (
        dream(OPEN_, HOLDS),
        "short: whether LIME's parts change more than the middle is undecided",
        "evidence: stable enough to be",
    ),
    (dream(), "answer: The comparison with LIME is weak", "evidence: no strong claim"),
    (dream(steady=OPEN_), "answer: it is undecided", "evidence: no strong claim"),
    (dream(lying=rate(14, 14)), "short: mostly horizontal lines"),
    (dream(lying=rate(0, 14)), "short: mostly vertical lines"),
    (dream(lying=rate(8, 14)), "short: dreams curved lines"),
    (dream(place__shown=False), "short! densely"),
    (dream(wants__frequency=5.0), "evidence: the larger its patterns"),
    (dream(wants__frequency=99.0), "evidence: the finer patterns"),
    (dream(wants__frequency=38.0), "evidence: about equally fine"),
    (
        each_layer("deep_dream", "overlap.verdict", [HOLDS, "fails", OPEN_]),
        "evidence: Dreams of stem_relu1 change LIME's fifth more",
        "evidence: Dreams of block2_relu1 change",
        "evidence: For the rest the comparison with the best control is undecided",
        "placed: Some dreams follow",
    ),
    ({"deep_dream.layers.2.flips": rate(9, 14)}, "answer: for at most 9 of 14 images"),
    (FLIPS, "answer: No dream changes the CNN's answer"),
    ({"deep_dream.subject.right": False}, "placed: none is recognised"),
]


def claims(**verdict_of):
    """All claims with the verdict ``rest``, but those of the keys given."""
    metrics, changes = json.loads(FACES)["metrics"], {}
    for name in filter(lambda name: "claims_" in name, metrics):
        for at, each in enumerate(metrics[name]["claims"]):
            found = verdict_of.get(each["key"], verdict_of["rest"])
            changes[f"{name}.claims.{at}.verdict"] = found
    return changes


def finders(number):
    """So many of the nine methods find the mark; controls, which come after them, do not."""
    said = ["finds"] * number + ["misses"] * (9 - number)
    return {f"shortcut.marks.{at}.said": each for at, each in enumerate(said)}


CLAIMS = [
    (claims(rest="fails"), "evidence: LIME’s rank correlation is 0.9 or more;"),
    (claims(rest=HOLDS, stable="fails"), "answer: 1 is refuted; the last lines name it"),
    (claims(rest=OPEN_), "answer: No expectation", "evidence: None is refuted."),
    (finders(9), "evidence: All 9 methods point at the mark"),
    (finders(8), "evidence: 8 of 9 methods point"),
    (finders(0), "evidence: No method points at the mark"),
    ({}, "placed: two trainings", "evidence: No method passes more than 2 of 4 tests"),
    (
        {"shortcut.proved": False},
        "evidence: the test is void",
        "evidence: One more test is void",
        "placed: Test void",
        "evidence! planted mark |",
    ),
    ({"cnn.external": {"file": "mine.keras"}}, "placed: the workbook's own CNN"),
]
EVERY = {"05": FILTERS, "06": LIME, "07": CLASS_IMAGES, "08": DREAMS, "10": CLAIMS}


@pytest.mark.parametrize(("number", "case"), cases_of(EVERY))
def test_words_turn_with_numbers(number, case):
    check(number, *case)
