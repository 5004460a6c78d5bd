"""What is true: the request, the catalogue, the mathematics, the plan and its independent check."""
