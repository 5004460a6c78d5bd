"""OGC API - Features: every layer of every finished plan as a collection, so that a GIS connects to a plan by URL."""

from api.service.http.ogc.app import MOUNT, ogc_app

__all__ = ["MOUNT", "ogc_app"]
