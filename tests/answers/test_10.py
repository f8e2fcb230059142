"""Notebook 10's words from the facts of a run: claims that fail are named, and methods counted."""

import copy
import json
from pathlib import Path

from rendering import rendered

NAME = "10_faithfulness"
FACES = json.loads((Path(__file__).parent.parent / "facts" / "faces.json").read_text("utf-8"))


def facts(verdict=None):
    """The records of the run on faces; with a verdict for all of its claims but one of LIME, which fails."""
    made = copy.deepcopy(FACES["metrics"])
    claims = [claim for name, each in made.items() if "claims_" in name for claim in each["claims"]]
    for claim in claims if verdict else []:
        claim["verdict"] = "fails" if claim["key"] == "stable" and verdict == "holds" else verdict
    counted = made["faithfulness_settings"]["counted"]
    counted |= {each: sum(c["verdict"] == each for c in claims) for each in counted}
    return made


def said(made):
    return rendered(NAME, made, data=FACES["data"])


def test_claims_that_fail_are_named_one_by_one():
    found = said(facts())["evidence"]
    assert "- other seeds rank LIME’s segments alike;" in found
    assert "higher than the plain gradient (2 times: gradient × input, Grad-CAM)" in found
    one = said(facts("holds"))
    assert "1 is refuted; the last lines name it" in one["answer"] and "alike." in one["evidence"]
    none = said(facts("undecided"))
    assert "No expectation" in none["answer"] and "None is refuted." in none["evidence"]


def test_finders_of_the_mark_are_counted_or_named():
    made = facts()
    marks = [each for each in made["shortcut"]["marks"] if each["said"] == "finds"]
    assert f"All {len(marks)} methods point at the mark" in said(made)["evidence"]
    marks[0]["said"] = "misses"
    assert f"{len(marks) - 1} of {len(marks)} methods point" in said(made)["evidence"]
    for each in marks[2:]:
        each["said"] = "misses"
    assert "Gradient × input points at the mark" in said(made)["evidence"]
    marks[1]["said"] = "misses"
    assert "No method points at the mark" in said(made)["evidence"]


def test_a_network_from_elsewhere_has_no_second_training():
    made = facts()
    assert "two trainings" in said(made)["placed"]
    made["cnn"] |= {"external": {"file": "mine.keras"}}
    assert "the workbook's own CNN" in said(made)["placed"]


def test_a_method_is_trusted_only_where_it_passes_every_test():
    made = facts()
    assert "No method passes all 4 tests" in said(made)["evidence"]
    made["faithfulness"]["truth"] = None
    name = made["faithfulness"]["ranking"][0]["name"]
    made["faithfulness"]["randomised"][name]["difference"] |= {"low": 0.1, "value": 0.2, "p": 0.01}
    assert "Integrated gradients passes all 3 tests." in said(made)["evidence"]


def test_a_mark_of_unproved_use_makes_the_test_void():
    made = facts()
    made["shortcut"]["proved"] = False
    found = said(made)
    assert "the test is void" in found["evidence"] and "Test void" in found["placed"]
    assert (
        "planted mark |" not in found["evidence"] and "point at the mark" not in found["evidence"]
    )
