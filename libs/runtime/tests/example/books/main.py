"""Routes as a service writes them, without a word about keys, tokens or problems."""

import asyncio
import os
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field as Column
from sqlmodel import SQLModel, col

import runtime
from contracts.refusal import NotFound, Refusal
from contracts.roles import Role
from runtime import (
    AnswerFormat,
    Batch,
    BatchAnswer,
    CurrentPrincipal,
    Done,
    IfMatch,
    Page,
    PageQuery,
    Reading,
    Router,
    Snapshot,
    Transaction,
    ValidateOnly,
    broken_rule,
    csv_answer,
    matches,
    requires,
    set_etag,
    sort_keys,
)


class TooManyPages(Refusal):
    code = "too_many_pages"
    en, zh = "The book is too thick", "书太厚了"
    en_detail, zh_detail = "{pages} pages; at most 1000 are allowed.", "共 {pages} 页;最多允许 1000 页。"


class Book(SQLModel, table=True):
    id: UUID = Column(default_factory=uuid4, primary_key=True)
    code: str
    title: str
    pages: int | None = None
    printed_on: date | None = None
    price: Decimal | None = None
    author_id: UUID | None = None
    version: int = 1


class NewBook(BaseModel, extra="forbid"):
    code: str = Field(min_length=1, max_length=20)
    title: str
    pages: int | None = Field(None, ge=1)
    printed_on: date | None = None
    price: Decimal | None = Field(None, decimal_places=2)
    author_id: UUID | None = None

    @model_validator(mode="after")
    def _known(self) -> "NewBook":
        if self.title == self.code:
            raise broken_rule("title_is_code", en="the title only repeats the code", zh="书名不能与编码相同")
        return self


class Pages(BaseModel, extra="forbid"):
    pages: int | None


class Filters(BaseModel):
    text: str | None = None
    thicker_than: int | None = None


class BookView(BaseModel):
    id: UUID
    code: str
    title: str
    pages: int | None
    version: int


def view(book: Book) -> BookView:
    return BookView(**book.model_dump(include=set(BookView.model_fields)))


def add(session: AsyncSession, new: NewBook) -> Book:
    if (new.pages or 0) > 1000:
        raise TooManyPages(pointer="/pages", pages=new.pages)
    book = Book(**new.model_dump())
    session.add(book)
    return book


router = Router(prefix="/v1/books", tags=["books"])


@router.get("")
async def list_books(
    session: Reading, query: PageQuery, filters: Annotated[Filters, Query()]
) -> Page[BookView]:
    statement = select(Book).where(matches(filters.text, Book.code, Book.title))
    if filters.thicker_than is not None:
        statement = statement.where(col(Book.pages) > filters.thicker_than)
    sortable = {"code": Book.code, "pages": Book.pages, "printed_on": Book.printed_on, "price": Book.price}
    keys = sort_keys(query.sort, sortable, default="code", unique=Book.id)
    return await runtime.page(session, statement, keys=keys, query=query, view=view, filters=filters)


@router.post("", status_code=201)
async def create_book(new: NewBook, session: Transaction, response: Response) -> BookView:
    book = add(session, new)
    set_etag(response, book.version)
    response.headers["X-Shelf"] = "7"
    response.headers["Location"] = f"/v1/books/{book.id}"
    return view(book)


@router.get("/report", response_model=None)
async def report_books(connection: Snapshot, wanted: AnswerFormat) -> Response | list[dict[str, Any]]:
    rows = [dict(row) for row in await connection.fetch("select code, title, pages from book order by code")]
    if wanted == "json":
        return rows
    columns = {
        "code": lambda row: row["code"],
        "书名": lambda row: row["title"],
        "pages": lambda row: row["pages"],
    }
    return csv_answer(rows, columns, filename="books.csv")


@router.get("/{book_id}")
async def read_book(book_id: UUID, session: Reading, response: Response) -> BookView:
    book = await session.get(Book, book_id)
    if book is None:
        raise NotFound(what="book", id=book_id)
    set_etag(response, book.version)
    return view(book)


@router.patch("/{book_id}")
async def change_pages(book_id: UUID, change: Pages, session: Transaction, if_match: IfMatch) -> BookView:
    book = await session.get(Book, book_id, with_for_update=True)
    if book is None:
        raise NotFound(what="book", id=book_id)
    if_match.check(book.version)
    book.pages, book.version = change.pages, book.version + 1
    return view(book)


@router.post(":batch", status_code=207)
async def create_books(
    batch: Batch[NewBook], session: Transaction, validate_only: ValidateOnly = False
) -> BatchAnswer:
    def act(new: NewBook) -> Done:
        book = add(session, new)
        return Done(status=201, id=book.id, version=book.version)

    return await runtime.run_batch(session, batch.items, act, validate_only=validate_only)


@router.post(":burn", dependencies=[Depends(requires(Role.operations, Role.director))])
async def burn_books(session: Transaction) -> None:
    raise LookupError("张三 owns a match")


@router.post(":slow")
async def write_slowly(new: NewBook, session: Transaction, principal: CurrentPrincipal) -> BookView:
    book = add(session, new)
    await session.flush()
    SLOW.entered.set()
    await SLOW.leave.wait()
    return view(book)


class Slow:
    """Where `write_slowly` waits, for tests that need a request in the middle."""

    def __init__(self) -> None:
        self.entered, self.leave = asyncio.Event(), asyncio.Event()


SLOW = Slow()


class Reader:
    """A worker that works until it is stopped, or dies or hangs as the environment says."""

    name = "reader"

    async def run(self, stop: asyncio.Event) -> None:
        if os.environ.get("BOOKS_READER") == "dies":
            raise RuntimeError("the reader fell asleep")
        await stop.wait()

    def stalled(self) -> str | None:
        return "page 7 for 60 s" if os.environ.get("BOOKS_READER") == "hangs" else None


def workers(_settings: runtime.Settings, _database: runtime.Database) -> Sequence[runtime.Worker]:
    return [Reader()]


async def setup(session: AsyncSession, _settings: runtime.Settings) -> None:
    if await session.scalar(select(Book).where(col(Book.code) == "seed")) is None:
        session.add(Book(code="seed", title="The first book"))


service = runtime.Service(
    name="books",
    title="Books",
    routers=[router],
    workers=workers,
    migrations="books.versions",
    setup=setup,
)
