"""The request: read, validated and cross-checked (contract sections 0 to 4, 7 and 8).

``load_document`` reads a file, ``parse_request`` validates it, ``assemble`` joins it with sites and ground to the
:class:`~planner.problem.problem.Problem` that the mathematics and the check read.
"""
