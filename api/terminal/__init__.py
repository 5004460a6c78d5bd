"""What people see in a terminal: errors, progress and summaries. In a pipe the same words without colour or motion."""
