"""Batches: many rows in one request and one transaction, with a result for each row (HTTP 207)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.refusal import Refusal
from runtime.database import discard
from runtime.problems.fields import field_problems
from runtime.problems.model import Problem, problem
from runtime.problems.refusals import RequestInvalid
from runtime.records import stamp_token

LARGEST_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that its model refuses: kept beside the good ones, so that they need not wait for it."""

    problem: Problem


def _row_or_malformed(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        refusal = RequestInvalid(count=len(errors))
        return Malformed(problem(refusal, errors=field_problems(errors, place="body")))


class Batch[Row](BaseModel):
    """The body of a `:batch`: 1 to 1,000 rows."""

    items: list[Annotated[Row, WrapValidator(_row_or_malformed)]] = Field(
        min_length=1, max_length=LARGEST_BATCH
    )

    @property
    def valid(self) -> list[Row]:
        """The rows that their model accepts, to look up in one query what they name."""
        return [row for row in self.items if not isinstance(row, Malformed)]


class BatchOfVerbs[Row](Batch[Row]):
    """The body of a `:batch` whose rows are of several kinds, told apart by their `verb`; done in their order."""

    @field_validator("items", mode="after")
    @classmethod
    def _point_into_the_row(cls, items: list[Row | Malformed]) -> list[Row | Malformed]:
        """pydantic puts the verb before the field where it says which value of a union is wrong."""
        for row in items:
            if isinstance(row, Malformed):
                for error in row.problem.errors or []:
                    _, _, field = error.pointer.removeprefix("/").partition("/")
                    error.pointer = f"/{field}" if field else ""
        return items


class Done(BaseModel):
    """What became of an accepted row: what the same request on its own would have answered."""

    status: int = Field(200, description="201 created, 200 changed or as it was")
    id: UUID | str | None = None
    version: int | None = Field(None, description="version of the record after the row")
    token: str | None = Field(None, description="consistency token: reports can wait for it")
    warnings: list[Problem] = Field(
        default_factory=list, description="what was taken otherwise than the row says, and why"
    )


class RowResult(Done):
    """The result of one row."""

    index: int = Field(description="place of the row in the request, from 0")
    problem: Problem | None = None


class BatchAnswer(BaseModel):
    """A result for each row, in their order."""

    items: list[RowResult]
    succeeded: int
    failed: int
    token: str | None = Field(
        None, description="consistency token of all rows; null where nothing changed, or was to be kept"
    )


ValidateOnly = Annotated[bool, Query(description="try everything, keep nothing")]


async def run_batch[Row](
    session: AsyncSession,
    rows: Sequence[Row],
    act: Callable[[Row], Done],
    *,
    validate_only: bool = False,
) -> BatchAnswer:
    """Applies `act` to each row; a refused row does not stop the others.

    `act` asks its rules before it changes anything, so that a refusal leaves nothing behind; it reads from what
    was looked up for all rows before, not from the database. `validate_only` lets the database check the rows
    too and then rolls the request's transaction back.
    """
    results = [_result(row, act) for row in rows]
    await session.flush()
    if validate_only:
        discard(session)
        for result in results:
            result["token"] = None
    failed = sum("problem" in result for result in results)
    # Validated as one: to make a model of each takes several times as long.
    items: Any = [{"index": index, **result} for index, result in enumerate(results)]
    return BatchAnswer(items=items, succeeded=len(results) - failed, failed=failed)


def stamp_batch(
    response: Response, answer: BatchAnswer, together: Callable[[Iterable[str | None]], str | None]
) -> BatchAnswer:
    """Tells the caller one consistency token for all rows; `together` makes it from theirs."""
    answer.token = together(row.token for row in answer.items)
    stamp_token(response, answer.token)
    return answer


def _result[Row](row: Row, act: Callable[[Row], Done]) -> dict[str, Any]:
    """The fields of a row's result."""
    try:
        if isinstance(row, Malformed):
            return {"status": row.problem.status, "problem": row.problem}
        return {**vars(act(row))}
    except Refusal as refusal:
        return {"status": refusal.status, "problem": problem(refusal)}
