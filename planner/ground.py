"""Ground: the numbers that geometry hands to mathematics."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from planner.problem.base import Frozen


class LandStep(Frozen):
    """Hectares that one layer took from a parcel, in the order given (M3.8)."""

    layer: str
    ha: float


class SiteGround(Frozen):
    """One site's land: the whole parcel, what took how much of it, and what is left to build on. Hectares."""

    site: str
    lon: float
    lat: float
    parcel_ha: Annotated[float, Field(ge=0)]
    buildable_ha: Annotated[float, Field(ge=0)]
    steps: tuple[LandStep, ...] = ()
    overridden: bool = False


class Distance(Frozen):
    """Geodesic kilometres between a site and another site or a market."""

    a: str
    b: str
    km: float


class Ground(Frozen):
    """Hectares and kilometres of all sites, in the order of the problem's sites."""

    sites: tuple[SiteGround, ...]
    markets: tuple[Distance, ...] = ()
    """Site (a) to market (b), for markets with a location."""
    close_pairs: tuple[Distance, ...] = ()
    """Pairs of sites nearer to each other than the largest ``separation`` asked for."""

    def site(self, id: str) -> SiteGround:
        """The ground of one site."""
        return self._by_id[id]

    @property
    def _by_id(self) -> dict[str, SiteGround]:
        cached = self.__dict__.get("_index")
        if cached is None:
            cached = {s.site: s for s in self.sites}
            object.__setattr__(self, "_index", cached)
        return cached
