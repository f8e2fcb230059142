"""More words of notebook 03: do the most confident mistakes hint at wrong labels?"""

from collections.abc import Mapping

from helpers.evaluation import MAJORITY, Shared
from helpers.words.common import p_value
from helpers.words.rivals import TITLES

OTHERS = ("cnn_half", "dnn", "cnn_judge")
NETWORKS = {**TITLES, "cnn_judge": "second CNN", MAJORITY: "at least two of the three"}
COUNT = 20  # of the most confident mistakes
CAPTION = (
    "How often other networks give the same wrong answer as the CNN, to its most confident mistakes and to the others. "
    "A wrong label makes for it {cite:northcutt2021}, and so does an ambiguous image: a hint, and no proof."
)
COLUMNS = ["network", "of the most confident mistakes", "of the other mistakes", "p (Fisher)"]


def shared_rows(found: Mapping[str, Shared]) -> list[list]:
    """Rows, one a network and one for the majority; columns are ``COLUMNS``."""
    return [[NETWORKS[name], str(s.top), str(s.rest), p_value(s.p)] for name, s in found.items()]


def labels_in_words(found: Mapping[str, Shared], drawn: bool) -> str:
    """What the shared mistakes hint at.

    Args:
        found: of ``evaluation.shared_mistakes``.
        drawn: whether all labels are right, because the images were drawn from them.
    """
    most = found[MAJORITY]
    if not most.top.n or not most.rest.n:
        return "There are too few mistakes to ask whether labels are wrong."
    p = p_value(most.p) if most.p < 0.001 else f"=\u00a0{p_value(most.p)}"
    shares = (
        f"at least two of three other networks give the same wrong answer to {most.top} of the {most.top.n} most "
        f"confident mistakes and to {most.rest} of the other mistakes (p\u00a0{p})"
    )
    if most.p >= 0.05 or most.top.value < most.rest.value:
        shown = "No difference is shown" if most.p >= 0.05 else "The confident ones are rather the CNN's own"
        return f"Do confident mistakes come from wrong labels? {shown}: {shares}."
    if drawn:
        return (
            "Do confident mistakes come from wrong labels? Here they cannot: drawn faces have the right ones. Yet "
            f"{shares}: ambiguous images, or a bias that the networks share."
        )
    return (
        f"Do confident mistakes come from wrong labels? {shares[0].upper()}{shares[1:]}. That hints at wrong labels or "
        "ambiguous images and proves neither: networks fitted to the same images can share a bias."
    )
