"""Shipped data: hall-sized blocks with the basis of every figure; tables of price, carbon, land and grid.

Data files lie beside this module and carry no code: ``halls/*.yaml`` (blocks), ``prices/`` (electricity and land by US
state), ``grid/`` (which grid region a state belongs to) and ``carbon/`` (Electricity Maps data under its own licence).
``docs/data.md`` tells units, basis, credits and limits.
"""

from planner.catalogue.loader import CatalogueBlock, Figure, blocks, expand
from planner.catalogue.tables import FIELDS, Filled, lookup
from planner.errors import UnknownBlock

__all__ = ["CatalogueBlock", "Figure", "blocks", "expand", "UnknownBlock", "FIELDS", "Filled", "lookup"]
