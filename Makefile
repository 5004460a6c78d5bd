# The same words as ./run, for those who type make. ./run needs only Python; this file needs nothing that ./run does not.
.PHONY: help plan test lint bench lock install clean

help:
	@./run --help

plan test lint bench lock install:
	@./run $@ $(ARGS)

clean:
	rm -rf .venv .run.lock out dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
