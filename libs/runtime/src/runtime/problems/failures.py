"""Which refusal stands for what goes wrong underneath: HTTP errors and errors of the database."""

import asyncpg
from sqlalchemy import exc as sql
from starlette.exceptions import HTTPException
from starlette.types import Scope

from contracts.refusal import Refusal
from runtime.documentation import documented_methods
from runtime.problems.refusals import (
    BodyTooLarge,
    InternalError,
    MethodNotAllowed,
    Overloaded,
    RequestRejected,
    RouteUnknown,
    StorageFull,
    TemporarilyUnavailable,
    WrittenMeanwhile,
)

TAKEN = {"23505", "23P01"}
"""SQLSTATE: unique_violation, exclusion_violation."""

DISK_FULL = "53100"

PASSING = {"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25006", "58030"}
"""SQLSTATE: serialization failure, deadlock, lock not available, cancelled (timeout), shut down, starting up,
read-only (a standby that is being promoted), an error of the disk."""

PASSING_CLASSES = ("08", "53")
"""Classes of SQLSTATE: connection exception; insufficient resources (memory, connections)."""


def refusal_of(failure: BaseException) -> Refusal:
    """The refusal that tells the caller about a failure; `InternalError` for what nobody foresaw."""
    if isinstance(failure, Refusal):
        return failure
    state, constraint = _database_error(failure)
    if state in TAKEN:
        return WrittenMeanwhile(rule=constraint or "unique")
    if state == DISK_FULL:
        return StorageFull()
    if state in PASSING or (state or "").startswith(PASSING_CLASSES) or _unreachable(failure):
        return TemporarilyUnavailable()
    return InternalError()


def refusal_of_http(error: HTTPException, scope: Scope) -> Refusal:
    """The refusal for an error that the HTTP layer raised itself."""
    if error.status_code == 404:
        return RouteUnknown(path=scope["path"])
    if error.status_code == 405:
        known = (error.headers or {}).get("Allow", "see /openapi.json")
        # The framework names those of the first route that has the path, and each method is a route.
        return MethodNotAllowed(method=scope["method"], allowed=documented_methods(scope) or known)
    if error.status_code == 413:
        return BodyTooLarge()
    if error.status_code == 503:
        return Overloaded()
    return RequestRejected(reason=error.detail)


def _database_error(failure: BaseException) -> tuple[str | None, str | None]:
    """SQLSTATE and the constraint's name, through SQLAlchemy's and the driver adapter's wrapping."""
    error: BaseException | None = failure
    if isinstance(error, sql.DBAPIError):
        error = error.orig.__cause__ if error.orig is not None else None
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate, getattr(error, "constraint_name", None)
    return None, None


def _unreachable(failure: BaseException) -> bool:
    if isinstance(failure, sql.DBAPIError) and failure.connection_invalidated:
        return True
    # OSError: what connecting raises for a host that has several addresses, or none.
    return isinstance(failure, sql.TimeoutError | OSError | asyncpg.InterfaceError)
