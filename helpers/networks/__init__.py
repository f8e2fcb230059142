"""Networks: how they are built, trained, kept, shipped, and taken from elsewhere."""
