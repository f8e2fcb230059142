"""Figures: arrays in, a matplotlib Figure out; one function a figure, one module a topic."""

from helpers.figures.base import shorten
from helpers.figures.filters import climbs, filter_outputs, filter_pairs
from helpers.figures.math import kernel_places, softmax_twice
from helpers.figures.robustness import reliability, withstood
from helpers.figures.training import confusion, examples, gallery, histories, history, rates, recall_against_size

__all__ = [
    "climbs",
    "confusion",
    "examples",
    "filter_outputs",
    "filter_pairs",
    "gallery",
    "histories",
    "history",
    "kernel_places",
    "rates",
    "recall_against_size",
    "reliability",
    "shorten",
    "softmax_twice",
    "withstood",
]
