"""Words about trainings: turn a number of the run round, and the sentence must turn."""

import pytest
from rendering import DOWN, OPEN, UP, cases_of, check

from helpers.explain.watching import ANOTHER, START
from helpers.math_checks import Check
from helpers.stats import Estimate, rate

NO_TEST = {
    "accuracy.final": {"set": "validation", "rate": rate(880, 1000), "new": False},
    "accuracy.looked": False,
    "data.splits": {"train": 8000, "validation": 1000},
}
COPIES = {"accuracy.copies": {"exact": 280, "near": 263}}
COPIES["accuracy.final"] = {"set": "validation", "rate": rate(880, 1000), "new": True}
KINDS = [
    {"kind": "channels", "given": 1, "wanted": 3},
    {"kind": "size", "given": [48, 48], "wanted": [64, 64]},
    {"kind": "class_order", "order": [1, 0], "stated": False},
    {"kind": "keras2", "version": "2.9"},
    {"kind": "operators", "names": ["Add"]},
    {"kind": "layout", "wanted": [2304]},
    {"kind": "copies", "names": ["relu"]},
    {"kind": "one_output"},
    {"kind": "no_convolution"},
    {"kind": "class_maps", "layer": "last"},
]
ELSEWHERE = {"file": "US$ *a*.keras", "pixel_range": "0..1", "adaptations": KINDS}
ELSEWHERE |= {"sha256": "0", "tried": 1000, "rates": {}, "history_file": None}
EXTERNAL = {"cnn.external": ELSEWHERE, "cnn.history": [], "cnn_training.course": None}


def effects(norm, aug):
    at = "augmentation.effects."
    return {at + "norm_augmented.difference": norm, at + "aug_normalised.difference": aug}


def luck_of(difference):
    """What two trainings of the DNN differ by."""
    return {"shuffled.tests.dnn.difference": difference} | effects(OPEN, OPEN)


def fitted(gap, gap_test, split=OPEN):
    return {"accuracy.gap": gap, "accuracy.gap_test": gap_test, "accuracy.split": split}


TRAINED = [
    (fitted(UP, UP), "answer: It overfits"),
    (fitted(UP, None), "answer: It overfits"),
    (fitted(OPEN, OPEN), "answer: No overfitting shows"),
    (
        fitted(UP, OPEN),
        "cnn: overfitting stays undecided",
        "answer: Whether it overfits stays open",
    ),
    (fitted(UP, OPEN, DOWN), "cnn: Validation images are harder"),
    (fitted(DOWN, DOWN), "cnn: even better"),
    (
        {"cnn_training.course.learning": True, "cnn_training.course.gain": 0.021},
        "answer: may be under-trained",
        "history: 2.1 points",
    ),
    (
        {"cnn_training.course.learning": False},
        "answer! under-trained",
        "short_history: not for too long",
    ),
    (
        {"cnn_training.course.overfits": True, "cnn_training.course.lowest": 5},
        "short_history: From epoch 5 on",
    ),
    (effects(OPEN, OPEN), "augmentation: Neither input normalisation nor augmentation shows"),
    (effects(DOWN, OPEN), "augmentation: With augmentation, the normalised training came out 5.0"),
    (
        effects(OPEN, UP),
        "augmentation: with normalisation, the augmented one came out 5.0 points high",
    ),
    (effects(UP, DOWN), "augmentation: points higher; with normalisation, the augmented one came"),
    (effects(UP, DOWN), "short_augmentation: cannot tell", "augmentation: can prove nothing"),
    (luck_of(DOWN), "augmentation: two trainings of one and the same DNN differ by 5.0 points"),
    (luck_of(OPEN), "augmentation: another random start", "augmentation! of one and the same"),
    (NO_TEST, "short_cnn: 88 % of the validation images", "placed: There is no test set"),
    (
        COPIES,
        "short_cnn: new validation images",
        "cnn: 280 stand in",
        "cnn: 263 more pass for the same",
    ),
    (
        EXTERNAL,
        r"short_cnn: US\$ \*a\*",
        "cnn: repeated in front",
        "cnn: 64 × 64 pixels",
        "cnn: alphabetical order",
        "cnn: raw pixels into the range",
        "short_history: not known",
        "answer! overfit",
    ),
]


def learning(*names):
    return {f"networks.courses.{n}.learning": n in names for n in ("cnn", "cnn_half", "dnn")}


def against(dnn=UP, half=UP):
    return {"networks.tests.cnn_dnn.difference": dnn, "networks.tests.cnn_half.difference": half}


def shuffled(verdict, lost=UP, luck=OPEN):
    tests = {"shuffled.tests.cnn.difference": lost, "shuffled.tests.dnn.difference": luck}
    return {"shuffled.verdict": verdict, **tests}


LARGER = Estimate(0.06, 0.03, 0.09, 1000, 0.001)
OTHERS = {"networks.external": "<b>.keras", "networks.equal": {"cnn_half": False, "dnn": False}}
RIVALS = [
    (against(UP), "short_dnn: fewer than the CNN", "dnn: The CNN is better"),
    (against(DOWN), "short_dnn: more than the CNN", "dnn: The DNN is better"),
    (against(OPEN), "short_dnn: about as many", "dnn: do not tell the two apart"),
    (learning(), "short_dnn! still learning", "history! under-trained"),
    (learning("dnn"), "short_dnn: still learning", "history: The DNN may be under-trained"),
    (learning("cnn", "dnn"), "short_history: The CNN and the DNN"),
    (learning("cnn", "cnn_half", "dnn"), "short_history: All three"),
    (against() | shuffled("holds", luck=LARGER), "half_depth: proves nothing about depth"),
    (against(half=LARGER) | shuffled("holds", luck=UP), "half_depth: One training each cannot"),
    (shuffled("holds"), "short_comparison: relies on which pixels are neighbours"),
    (shuffled("undecided", UP, LARGER), "short_comparison: hardly more than chance"),
    (shuffled("undecided", OPEN), "short_comparison: do not show", "placed: do not show"),
    (shuffled("undecided", DOWN), "short_comparison: do not hurt"),
    ({"confusion.counts": [[3, 1], [1, 1]]}, "placed: always naming the commonest class, 67 %"),
    ({"networks.copies": 40}, "placed: all 1,040 images, copies included"),
    (
        OTHERS | {"networks.courses.cnn": None},
        "short_dnn: of another size",
        r"dnn: \<b\>.keras, trained elsewhere",
    ),
]


def resembles(*verdicts, value=0.6, start=UP):
    likeness = Estimate(value, value - 0.1, value + 0.1, 56, 0.001)
    same = {"likeness": likeness, "over": {START: start, ANOTHER: UP}}
    moments = zip((1, 2, 5, 8), verdicts, strict=True)
    rows = [{"epoch": epoch, "verdict": verdict, **same} for epoch, verdict in moments]
    return {"watching.resemblances": rows}


GONE = {"true": "angry", "predicted": "disgust", "images": 300, "taken": [100, 60, 45, 30, 20]}
GONE |= {"below": 5, "gone": True, "p": 0.001}
STAYS = {**GONE, "predicted": "happy", "taken": [50] * 5, "below": None, "gone": False, "p": 1.0}
THIRD = {**STAYS, "true": "happy", "predicted": "disgust"}


def departures(*rows):
    gone = [row for row in rows if row["gone"]]
    return {"watching.departures": list(rows), "watching.gone_last": gone}


WATCHED = [
    (resembles(*["holds"] * 4), "short: After the first epoch the maps resemble"),
    (resembles(*["holds"] * 4, value=0.3), "short: a little like the final ones"),
    (
        resembles("undecided", "undecided", "holds", "holds", start=OPEN),
        "short: From epoch 5 on",
        "evidence: it is the picture",
    ),
    (resembles(*["undecided"] * 4), "short: more than chance", "evidence: At no kept epoch"),
    (
        departures(GONE, STAYS),
        "short: angry taken for disgust",
        "evidence: 1 of them is halved for good",
        "evidence: between epoch 2 and epoch 5",
        "answer: not shown to be halved: angry taken for happy",
    ),
    (departures({**GONE, "below": "final"}), "evidence: only in the final"),
    (departures(GONE), "answer! not shown"),
    (departures(GONE, STAYS, THIRD), "evidence: Not shown to be halved: angry taken for happy"),
    (
        departures(STAYS),
        "short: No early confusion is halved for good",
        "evidence: None of them is halved",
    ),
    (
        departures(GONE, GONE),
        "short: Among the last early confusions",
        "evidence: their order is not known",
    ),
    (departures(), "evidence: no confusion to follow"),
    ({"watching.paired.difference": UP}, "evidence: The average is better"),
    ({"watching.paired.difference": DOWN}, "evidence: That single epoch is better"),
    ({"watching.paired.difference": OPEN}, "evidence: decide nothing"),
    ({"watching.kernels.verdict": "holds"}, "answer: still resemble"),
    ({}, "evidence: surprise falls from 91 % to 48 % on the way"),
    ({"watching.recalls": [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]] * 7}, "evidence! on the way"),
    ({"watching.kernels.verdict": "fails"}, "answer: turn away"),
    ({"watching.kernels.verdict": "undecided"}, "answer: is undecided"),
    (
        {"watching.epochs": [], "cnn.external": {"file": "my_*net*.keras"}},
        "short: cannot be watched",
        "short! *net*",
        "evidence! maps",
    ),
]


OFF = Check(0.31, 0, False)


def weaker(hits, n=300):
    return {"math.pull.weaker": rate(hits, n), "math.pull.wrong": n}


FORMULAS = [
    ({}, "short: All 11 derived formulas agree", "short: only for the true class"),
    ({}, "softmax: A slip in the exercise", "convolution! disagrees", "batch_norm! disagrees"),
    ({"math.checks.x": OFF}, "short: a derivation is wrong", "batch_norm: 0.31 | **disagrees**"),
    (
        {"math.checks.loss": Check(None, None, False)},
        "short_softmax: derivation is wrong",
        "softmax: no number | **disagrees**",
    ),
    ({"math.checks.printed_other": Check(0.0, None, True)}, "softmax: do not settle"),
    ({"math.checks.printed_true": OFF}, "softmax: do not settle", "short! true class"),
    (weaker(250), "experiment: it weakens"),
    (weaker(20), "experiment: does not weaken"),
    (weaker(150), "experiment: is undecided"),
    (weaker(0, 0), "placed: makes no mistake", "experiment! mean length"),
    ({"math.paired.difference": UP}, "experiment: 51 % with two and 55 % with one"),
    ({"math.paired.difference": DOWN}, "experiment: another random start may change that"),
    ({"math.paired.difference": OPEN}, "experiment: which may be chance"),
]


def claim(key="cnn_dnn", single="first", over=UP, verdict="holds"):
    return {"key": key, "single": single, "over": over, "ahead": 5, "verdict": verdict}


def seeds(*claims, numbers=8, images=0.01, pair="<b>"):
    names = ("cnn", "cnn_half", "dnn")
    spread = Estimate(0.02, 0.013, 0.041, 8)
    record = {"many": numbers > 1, "numbers": list(range(numbers)), "enough": 7, "own": 0}
    record |= {"claims": list(claims), "accuracies": dict.fromkeys(names, UP), "epochs": 8}
    record |= {"spreads": dict.fromkeys(names, spread), "lowest": 0.87, "highest": 0.93}
    pair = {"true": pair, "predicted": "angry"}
    return {"seeds": {**record, "over_images": images, "pair": pair}}


LOST = claim(over=OPEN, verdict="undecided")
ONCE = {"whole": True, "against": {"difference": Estimate(0.002, -0.014, 0.018, 1000, 0.9)}}
SEEDS = [
    (
        seeds(claim()),
        "short: All comparisons survive",
        "evidence: It survives that the CNN is more accurate than the DNN",
    ),
    (seeds(LOST), "short: No comparison is shown to survive", "evidence! survives"),
    (
        seeds(claim(over=DOWN, verdict="fails")),
        "evidence: the opposite is shown",
        "answer: DNN is more accurate than the CNN",
    ),
    (seeds({**LOST, "single": "neither"}), "evidence! claimed"),
    (seeds(claim(single="neither")), "evidence: Not claimed by a single training, but shown"),
    (seeds(LOST, numbers=2), "short: cannot show which comparison survives", "answer! survive"),
    (seeds(claim(), images=0.01), "evidence: matters more"),
    (seeds(claim(), images=0.05), "evidence: matters less"),
    (seeds(claim(), images=0.02), "evidence: cannot tell"),
    (seeds(claim("direction")), r"evidence: \<b\> is taken for"),
    (seeds(numbers=1) | {"transfer": ONCE}, "short: the transfer network, differs by 0.2 points"),
    (
        seeds(numbers=1) | {"transfer": {**ONCE, "whole": False}},
        "short: trained with one seed",
        "answer: repeats nothing",
        "doubt: one training of each",
    ),
    (seeds(numbers=1) | {"cnn.external": {"file": "<b>.keras"}}, "short: elsewhere"),
]
EVERY = {"01": TRAINED, "02": RIVALS, "09": WATCHED, "11": FORMULAS, "12": SEEDS}


@pytest.mark.parametrize(("number", "case"), cases_of(EVERY))
def test_words_turn_with_numbers(number, case):
    check(number, *case)
