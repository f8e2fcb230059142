"""Explanations: one file a method, the registry in ``methods``, then what judges them."""
