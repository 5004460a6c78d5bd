"""A request as a workbook: one sheet per table, to be edited in a spreadsheet and sent back.

==============  ======================================================================================================
settings        ``setting, value``: everything that stands alone, dotted (``horizon.start``, ``solver.time_limit_s``)
objectives      ``maximize, minimize, tolerance``: one row a stage
budget          ``from, per_year_musd``: one row without ``from`` for an amount that never changes
blocks          one row a block; ``use`` names a shipped one
basis           where blocks' figures come from: ``block, figure, value, ...``
sites           one row a site; ``lon, lat`` for points
parcels         corners of drawn sites: ``site, part, ring, lon, lat``; ring 1 is the edge, others are holes
existing        units in place: ``site, block, units, online_from, unpaid``
schedules       steps of any other field: ``table, id, field, from, value``
deals           one row a deal, its lists in ``tranches`` (``deal, at, ...``) and ``commitments`` (``deal, by, at, ...``)
others          ``supply_pools``, ``demand``, ``markets``, ``policies``, ``exclusions``: one row an entry
==============  ======================================================================================================

A cell may hold JSON where nothing simpler fits (``payments``). Lists are written with commas. Sheets called ``help`` or
``notes`` are not read. Formulas are never evaluated: what the spreadsheet saved as their value is read.
"""

from __future__ import annotations

from api.records.request_xlsx.book import Book
from api.records.request_xlsx.loading import SUFFIXES, load
from api.records.request_xlsx.reading import read_request
from api.records.request_xlsx.writing import write_request

__all__ = ["SUFFIXES", "Book", "load", "read_request", "write_request"]
