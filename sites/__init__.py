"""What is there: parcels read from any vector file, checked, measured on the ellipsoid, cut by setbacks and exclusions.

``prepare(request, base_dir)`` is the way in; ``outlines()`` gives states and countries for maps; :mod:`sites.verify`
derives the same hectares and kilometres by another method.
"""

from sites.places import Outlines, outlines
from sites.prepare import Prepared, prepare

__all__ = ["Outlines", "Prepared", "outlines", "prepare"]
