"""Sentences and table rows that the notebooks compute: one module a notebook, and what they share.

Every sentence that draws a conclusion is chosen from the outcome of a test; "no difference shown" is an outcome.
"""
