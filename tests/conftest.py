"""What all tests share."""

from hypothesis import settings

settings.register_profile("workbook", deadline=None)  # machines differ
settings.load_profile("workbook")
