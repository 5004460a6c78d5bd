"""Many programs for one question."""
