"""Benchmarks: how long building, hand-over and search take, beside a plain textbook model of the same request."""
