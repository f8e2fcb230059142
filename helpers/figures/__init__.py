"""Figures: arrays in, a matplotlib Figure out; one module a topic, and each imported by itself."""
