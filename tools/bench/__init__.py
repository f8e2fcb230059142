"""Our explanations against the libraries that offer the same, timed in one run: ``make bench``."""
