"""The service: jobs behind an HTTP door."""
