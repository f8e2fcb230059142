"""Claims about explanations with a verdict computed from the numbers: what notebooks 04 to 10 record for the list."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers import stats
from helpers.explain import faithfulness, ranking, truths
from helpers.explain.methods import METHODS
from helpers.stats import Claim, Estimate

PLAINEST = "gradient"


def popular(values: Mapping[str, np.ndarray], mean_of: str) -> list[Claim]:
    """What is often said of the methods, judged by one number an image (such as ``faithfulness.gains``).

    ``more_than_pictures`` (the plain gradient, against the best picture that knows no network, by the ranking's own
    test), ``truer_than_gradient`` (each better known method), ``truer_than_class_mean`` (``mean_of``); the last two
    kinds together by Holm.
    """
    pictures = {name: each for name, each in values.items() if name != "class_mean"}
    rows = ranking.rank(pictures, faithfulness.CONTROLS)
    over = next(row.over for row in rows if row.name == PLAINEST)
    left_out = ("smoothgrad", "smoothgrad_absolute", PLAINEST)
    rivals = {name: PLAINEST for name in METHODS if name in values and name not in left_out}
    pairs = {("truer_than_gradient", name): (name, rival) for name, rival in rivals.items()}
    pairs["truer_than_class_mean", mean_of] = mean_of, "class_mean"
    found = stats.means({key: values[a] - values[b] for key, (a, b) in pairs.items()})
    first = Claim("more_than_pictures", PLAINEST, over.verdict, over)
    return [first, *(Claim(*key, each.verdict, each) for key, each in found.items())]


def known_truths(
    outcomes: Mapping[str, Estimate], truth: truths.RegionTruth | None, marks: Sequence[truths.Mark]
) -> list[Claim]:
    """What random weights (``randomisation.verdicts``), redrawn regions and the planted mark say of each method."""
    found = [Claim("weights_matter", name, each.verdict, each) for name, each in outcomes.items()]
    if truth:
        row = truth.spokesman
        found.append(Claim("says_which_region", row.name, row.over.verdict, row.over))
    methods = [mark for mark in marks if mark.name in METHODS]
    return found + [Claim("finds_mark", mark.name, mark.verdict, mark.used) for mark in methods]
