"""Load and faults of the service: what is accepted is never lost and never doubled."""
