"""Hectares and kilometres once more, by another method (M8.3, M3.9).

:mod:`sites.buildable` measures on the ellipsoid with geodesics and cuts in an equal-area projection. Here areas are
spherical excesses on the authalic sphere, shapes are cut in a transverse Mercator projection, setbacks are taken off as
a grown outline, and distances are Vincenty's. Reading and checking of the files is shared.
"""

from sites.verify.ground import ground
from sites.verify.recheck import recheck

__all__ = ["ground", "recheck"]
