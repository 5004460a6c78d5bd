"""Several requests may be searched side by side in one process, but Pyomo builds one model at a time."""

from __future__ import annotations

import threading

BUILDING = threading.Lock()
"""Held while a model is built and compiled."""
