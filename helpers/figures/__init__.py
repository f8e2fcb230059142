"""Figures: arrays in, a matplotlib Figure out; one function a figure, one module a topic."""

from helpers.figures.base import shorten
from helpers.figures.math import kernel_places, softmax_twice
from helpers.figures.training import confusion, examples, gallery, histories, history, rates, recall_against_size

__all__ = [
    "confusion",
    "examples",
    "gallery",
    "histories",
    "history",
    "kernel_places",
    "rates",
    "recall_against_size",
    "shorten",
    "softmax_twice",
]
