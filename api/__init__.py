"""The doors: the use cases on one page, the command line, and the files a plan is handed over in."""
