"""The pull feed over HTTP: `GET /v1/events` of a service over its own ledger."""

from feed.api import router

__all__ = ["router"]
