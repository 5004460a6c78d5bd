"""The mathematics: the only folder of this package that writes Pyomo.

``data`` (arrays) -> ``decisions`` (variables) -> ``constraints`` (families) -> ``objectives`` -> ``build``; ``read`` turns
solved values back into whole decisions.
"""
