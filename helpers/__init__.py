"""The workbook's helpers: data sets, networks, training, evaluation, figures and the report."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: the folder that holds notebooks/, data/ and reports/."""
