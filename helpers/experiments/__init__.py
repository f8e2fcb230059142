"""Trainings of a run: its networks (``trainings``), and those that only compare (``ablations``, ``shortcut``)."""
