"""Clerks: child processes that do for the event loop what takes long or may crash: check requests, write result files.

A clerk that takes too long, eats too much memory or dies is replaced; the service goes on. JSON goes in and out, never a
pickle.
"""

from api.service.http.clerk.pool import ClerkDied, Clerks, ClerksBusy, ClerkTooSlow

__all__ = ["ClerkDied", "ClerkTooSlow", "Clerks", "ClerksBusy"]
