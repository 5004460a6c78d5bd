"""Cross-checks of a request, one concern a file; :mod:`planner.problem.crosschecks` lists them in order."""
