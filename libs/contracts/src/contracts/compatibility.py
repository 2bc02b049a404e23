"""Whether two schemas of one event type can live side by side: each one's reader reads the other's writer.

Writers are closed, readers are open: a reader passes over a field that it does not know. So a field that is
not required may be added or dropped; anything else that one side could write and the other refuse is a break,
and asks for a new version of the type beside the old one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from contracts.schemas import Schema, shape

IDENTITY = ("x-topic", "x-root", "x-subject")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "x-ge", "x-gt")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "x-le", "x-lt")
STRUCTURE = ("type", "properties", "required", "additionalProperties", "items", "enum", "const")


type Rule = Literal["identity", "required", "type", "enum", "bound", "format", "pattern", "keyword"]

_OWN_RULE: dict[str, Rule] = {"format": "format", "pattern": "pattern"}


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that a writer may write and a reader refuses; `path` is the JSON Pointer inside `data`."""

    rule: Rule
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.rule}: {self.detail}"


def breaks(one: Schema, other: Schema) -> list[Break]:
    """Every break between two schemas of one event type, checked both ways; empty: they are compatible."""
    one, other = shape(one), shape(other)
    found = [*_identity(one, other), *_unreadable(one, other, ""), *_unreadable(other, one, "")]
    return list(dict.fromkeys(found))


def _identity(one: Schema, other: Schema) -> Iterator[Break]:
    for keyword in IDENTITY:
        if one.get(keyword) != other.get(keyword):
            yield Break("identity", "", f"{keyword} is {one.get(keyword)} and {other.get(keyword)}")


def _unreadable(writer: Schema, reader: Schema, path: str) -> Iterator[Break]:
    """What the writer may write and the reader refuses: each alternative written needs one that reads it."""
    for written in _alternatives(writer):
        tries = [list(_alternative(written, read, path)) for read in _alternatives(reader)]
        if all(tries):
            yield from min(tries, key=len)


def _alternatives(schema: Schema) -> list[Schema]:
    alternatives: list[Schema] | None = schema.get("anyOf") or schema.get("oneOf")
    return alternatives or [schema]


def _alternative(writer: Schema, reader: Schema, path: str) -> Iterator[Break]:
    if _kind(writer) != _kind(reader):
        yield Break("type", path, f"{_kind(writer)} is written where {_kind(reader)} is read")
        return
    yield from _values(writer, reader, path)
    yield from _bounds(writer, reader, path)
    yield from _keywords(writer, reader, path)
    yield from _fields(writer, reader, path)
    if "items" in reader:
        yield from _unreadable(writer.get("items", {}), reader["items"], f"{path}/*")
    if _kind(reader) == "map":
        yield from _unreadable(_mapped(writer), _mapped(reader), f"{path}/*")


def _kind(schema: Schema) -> str:
    """The JSON type, with the two kinds of object told apart: a record has fields, a map has any keys."""
    if schema.get("additionalProperties", False) is not False:
        return "map"
    return str(schema.get("type", "any"))


def _mapped(schema: Schema) -> Schema:
    """The schema of a map's values: any, where it only says that it takes further keys."""
    values = schema["additionalProperties"]
    return values if isinstance(values, dict) else {}


def _values(writer: Schema, reader: Schema, path: str) -> Iterator[Break]:
    allowed = _enumerated(reader)
    if allowed is None:
        return
    written = _enumerated(writer)
    if written is None:
        yield Break("enum", path, f"anything is written where only {sorted(allowed)} are read")
    elif written - allowed:
        yield Break("enum", path, f"{sorted(written - allowed)} may be written and are not read")


def _enumerated(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {str(schema["const"])}
    return {str(value) for value in schema["enum"]} if "enum" in schema else None


def _bounds(writer: Schema, reader: Schema, path: str) -> Iterator[Break]:
    for keyword in (*LOWER, *UPPER):
        if keyword not in reader:
            continue
        read, written = Decimal(reader[keyword]), writer.get(keyword)
        wider = written is None or (Decimal(written) < read if keyword in LOWER else Decimal(written) > read)
        if wider:
            yield Break("bound", path, f"{keyword} is {written} where it is written and {read} where read")


def _keywords(writer: Schema, reader: Schema, path: str) -> Iterator[Break]:
    """`format`, `pattern` and any keyword that has no rule of its own: what is not understood must be equal."""
    for keyword in reader.keys() - {*STRUCTURE, *LOWER, *UPPER, *IDENTITY}:
        if writer.get(keyword) != reader[keyword]:
            said = f"{keyword} is {writer.get(keyword)} written, {reader[keyword]} read"
            yield Break(_OWN_RULE.get(keyword, "keyword"), path, said)


def _fields(writer: Schema, reader: Schema, path: str) -> Iterator[Break]:
    written, read = writer.get("properties", {}), reader.get("properties", {})
    always = writer.get("required", [])
    for name in sorted(set(reader.get("required", [])) - set(always)):
        yield Break("required", f"{path}/{name}", "a reader requires it and a writer may leave it out")
    for name in sorted(written.keys() & read.keys()):
        yield from _unreadable(written[name], read[name], f"{path}/{name}")
