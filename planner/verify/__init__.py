"""Re-checks a plan from the request alone (M8.3). Imports nothing of the model, its formulas or its calendar."""

from planner.verify.check import verify

__all__ = ["verify"]
