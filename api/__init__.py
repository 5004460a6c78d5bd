"""The doors: the use cases on one page, the command line, and the files a plan is handed over in."""

__version__ = "0.1.0"
"""The program's version, named in every plan (M8.4)."""
