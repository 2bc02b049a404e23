"""How a process starts and how it is asked: the frame around every service."""

# isort: off
from runtime import lean  # noqa: F401  # before anything imports structlog
# isort: on

from runtime.app import create_app
from runtime.batch import Batch, BatchAnswer, Done, RowResult, ValidateOnly, run_batch, stamp_batch
from runtime.command import run, start
from runtime.csv_export import AnswerFormat, csv_answer
from runtime.cursors import decode_cursor, encode_cursor
from runtime.database import Database, discard
from runtime.documentation import open_routes
from runtime.etags import IfMatch, OptionalIfMatch, Precondition, set_etag
from runtime.migrations import migrate
from runtime.pages import OrderedPageQuery, Page, PageQuery, PageRequest, list_scope, matches, page, sort_keys
from runtime.principal import CurrentPrincipal, requires
from runtime.problems import FieldProblem, Problem, broken_rule, problem
from runtime.records import TOKEN_HEADER, HistoryItem, View, history_page, stamp, stamp_token
from runtime.rounds import Rounds
from runtime.routes import Router
from runtime.service import Service, Watched, Worker
from runtime.settings import Settings
from runtime.tables import create_tables
from runtime.tokens import Issuer, Principal
from runtime.transaction import CurrentDatabase, Reading, ReadingConnection, Snapshot, Transaction

__all__ = [
    "TOKEN_HEADER",
    "AnswerFormat",
    "Batch",
    "BatchAnswer",
    "CurrentDatabase",
    "CurrentPrincipal",
    "Database",
    "Done",
    "FieldProblem",
    "HistoryItem",
    "IfMatch",
    "Issuer",
    "OptionalIfMatch",
    "OrderedPageQuery",
    "Page",
    "PageQuery",
    "PageRequest",
    "Precondition",
    "Principal",
    "Problem",
    "Reading",
    "ReadingConnection",
    "Rounds",
    "Router",
    "RowResult",
    "Service",
    "Settings",
    "Snapshot",
    "Transaction",
    "ValidateOnly",
    "View",
    "Watched",
    "Worker",
    "broken_rule",
    "create_app",
    "create_tables",
    "csv_answer",
    "decode_cursor",
    "discard",
    "encode_cursor",
    "history_page",
    "list_scope",
    "matches",
    "migrate",
    "open_routes",
    "page",
    "problem",
    "requires",
    "run",
    "run_batch",
    "set_etag",
    "sort_keys",
    "stamp",
    "stamp_batch",
    "stamp_token",
    "start",
]
