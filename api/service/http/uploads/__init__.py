"""Files that callers bring: taken apart in a sandboxed child, kept as plain GeoJSON, referred to as ``dataset:ID``."""

from api.service.http.uploads.datasets import REFERENCE, Dataset, Datasets

__all__ = ["REFERENCE", "Dataset", "Datasets"]
