"""Reports are asked by queries with named parameters."""

from runtime.query import Query

__all__ = ["Query"]
