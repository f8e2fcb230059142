"""The words of notebook 02: three networks of equal size, and what shuffled pixels cost."""

from helpers import models
from helpers.evaluation import Rate
from helpers.words.common import outcome

TITLES = {"cnn": "CNN", "cnn_half": "CNN of half depth", "dnn": "DNN"}


def size_rows(networks: dict, rates: dict[str, Rate]) -> list[list]:
    """Rows: network, parameters, difference from the CNN, multiply-adds, validation accuracy, interval."""
    base = networks["cnn"].count_params()
    rows = []
    for name, network in networks.items():
        count, rate = network.count_params(), rates[name]
        low, high = (100 * end for end in rate.interval)
        cost = f"{models.multiply_adds(network) / 1e6:.1f} M"
        share = f"{100 * (count - base) / base:+.2f} %"
        rows.append([TITLES[name], count, share, cost, f"{100 * rate.value:.1f} %", f"{low:.1f} to {high:.1f}"])
    return rows


def rivals_in_one_sentence(rates: dict[str, Rate], tests: list[list]) -> str:
    """The answer to question 2 in a sentence; ``tests`` begins with CNN − DNN."""
    verdict = {
        "higher": "the CNN beats a DNN of equal size",
        "lower": "a DNN of equal size beats the CNN",
        "no difference shown": "no difference between the CNN and a DNN of equal size is shown",
    }[tests[0][-1]]
    return (
        f"On the same validation images {verdict}: {100 * rates['cnn'].value:.1f} % against "
        f"{100 * rates['dnn'].value:.1f} %, {outcome(tests[0])}."
    )


def depth_in_words(rates: dict[str, Rate], tests: list[list]) -> str:
    """What half the depth does; ``tests`` has CNN − half depth second and half depth − DNN third."""
    return (
        f"The CNN of half the depth reaches {100 * rates['cnn_half'].value:.1f} %: the full depth changes that by "
        f"{outcome(tests[1])}, and half the depth differs from the DNN by {outcome(tests[2])}. One seed a network."
    )


def shuffle_in_words(falls: list[list]) -> str:
    """Whether the experiment with shuffled pixels supports the explanation by neighbourhood."""
    cnn, dnn = falls
    falls_cnn, same_dnn = cnn[-1] == "higher", dnn[-1] == "no difference shown"
    if falls_cnn and same_dnn:
        verdict = "This supports the explanation: the CNN lives from pixels being neighbours, the DNN does not care"
    elif falls_cnn and abs(float(cnn[1])) > 2 * abs(float(dnn[1])):
        verdict = (
            "This supports the explanation in the main: the CNN loses far more than the DNN, which is not quite "
            "indifferent (augmentation moves neighbouring pixels together before they are shuffled)"
        )
    else:
        verdict = "This does not support the explanation that the CNN lives from pixels being neighbours"
    return (
        f"Both trained again briefly with their pixels shuffled, pixels in place are worth {outcome(cnn)} to the CNN "
        f"and {outcome(dnn)} to the DNN ({{ref:shuffled}}). {verdict}."
    )
