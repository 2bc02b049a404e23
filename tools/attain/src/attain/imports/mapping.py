"""A mapping: how the columns of an export become the fields of an import. Pure; read from TOML.

```toml
source = "crm-export"            # whose external ids these are
date_format = "%m/%d/%Y"         # of every date column that names no other

[fields]
external_id  = { column = "opportunity_id" }
product_line = { column = "product", aliases = { GTXPro = "GTX Pro" } }   # others pass unchanged
state        = { column = "deal_stage", values = { Won = "won" } }        # others are errors
opened_at    = { column = "engage_date", type = "date", default = "2016-10-01" }
closed_at    = { column = "closed", type = "instant", date_format = "%Y-%m-%d %H:%M" }   # in `time_zone`
outcome      = { column = "closed", present = "won" }                     # wherever the cell is not empty
currency     = { constant = "USD" }
```
"""

import re
import tomllib
from collections.abc import Mapping as Row
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from attain.problems import LocalProblem

_NUMBER = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
"""A comma only groups three digits: as a decimal point it would be wrong by powers of ten."""

DEFAULT_ZONE = "Asia/Shanghai"
"""In which an instant is read that names no zone, unless the mapping names another."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, KeyError, ValueError):
        raise ValueError(f"there is no time zone {name!r}; a name is like {DEFAULT_ZONE!r}") from None
    return name


class MappingError(LocalProblem):
    """The mapping itself cannot be used; the message says where and why."""


class CellError(ValueError):
    """A cell does not fit its field: the column, and what would fit."""

    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(f"{column}: {reason}")


class FieldMapping(BaseModel):
    """Where a field's value comes from."""

    model_config = ConfigDict(extra="forbid")

    column: str | None = None
    constant: str | None = None
    type: Literal["text", "date", "instant", "number"] = "text"
    date_format: str | None = None
    time_zone: str | None = None
    present: str | None = None
    aliases: dict[str, str] = {}
    values: dict[str, str] | None = None
    default: str | None = None
    required: bool = False

    @model_validator(mode="after")
    def _has_one_origin(self) -> "FieldMapping":
        if (self.column is None) == (self.constant is None):
            raise ValueError("needs either `column` or `constant`")
        return self

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str | None) -> str | None:
        return name and _zone(name)

    def read(self, row: Row[str, str], date_format: str) -> str | None:
        """The field's value in a row: text, an ISO date or instant, or a plain decimal; None where the cell is empty.

        Raises `CellError` naming the column.
        """
        if self.column is None:
            return self.constant
        cell = (row.get(self.column) or "").strip()
        if self.values is not None and cell:
            if cell not in self.values:
                raise CellError(self.column, f"{cell!r} is not one of {', '.join(map(repr, self.values))}")
            cell = self.values[cell]
        cell = self.aliases.get(cell, cell)
        if not cell:
            if self.default is None and self.required:
                raise CellError(self.column, "is empty, a value is required")
            return self.default
        return self.present or self._typed(cell, self.column, self.date_format or date_format)

    def _typed(self, cell: str, column: str, date_format: str) -> str:
        if self.type in ("date", "instant"):
            try:
                moment = datetime.strptime(cell, date_format)  # noqa: DTZ007 (the zone is added below)
            except ValueError:
                raise CellError(column, f"{cell!r} is no {self.type} of the form {date_format}") from None
            if self.type == "date":
                return moment.date().isoformat()
            zone = moment.tzinfo or ZoneInfo(self.time_zone or DEFAULT_ZONE)
            return moment.replace(tzinfo=zone).isoformat()
        if self.type == "number":
            if not _NUMBER.fullmatch(cell):
                raise CellError(column, f"{cell!r} is no number of the form 1234.50 or 1,234.50")
            return cell.replace(",", "")
        return cell


class UnitLevel(BaseModel):
    """A level of units above the people, from the top down."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    name: FieldMapping
    manager: FieldMapping | None = None
    region: FieldMapping | None = None


class Mapping(BaseModel):
    """A whole mapping."""

    model_config = ConfigDict(extra="forbid")

    source: str
    date_format: str = "%Y-%m-%d"
    time_zone: str = DEFAULT_ZONE
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    fields: dict[str, FieldMapping]
    units: list[UnitLevel] = []
    constants: dict[str, str] = {}

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, name: str) -> str:
        try:
            "".encode(name)
        except LookupError as error:
            raise ValueError(str(error)) from None
        return name

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        return _zone(name)

    @model_validator(mode="after")
    def _reads_instants_in_its_zone(self) -> "Mapping":
        for field in [*self.fields.values(), *self._levels()]:
            field.time_zone = field.time_zone or self.time_zone
        return self

    @classmethod
    def load(cls, path: Path) -> "Mapping":
        """Reads a mapping; raises `MappingError` with each wrong place on a line of its own."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as error:
            raise MappingError(f"{path}: {error}") from error
        except ValidationError as error:
            places = (f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise MappingError("\n".join(places)) from error

    def check_columns(self, header: list[str], path: Path) -> None:
        """Refuses a file that lacks a column that the mapping reads."""
        if not header:
            raise MappingError(f"{path}: the file has no header line.")
        missing = [column for column in self._columns() if column not in header]
        if missing:
            raise MappingError(
                f"{path}: the mapping reads the column(s) {', '.join(map(repr, missing))}; the file has "
                f"{', '.join(map(repr, header))}"
            )

    def read(self, row: Row[str, str]) -> tuple[dict[str, Any], list[CellError]]:
        """A row's fields, empty ones left out, and everything that is wrong with it."""
        fields: dict[str, Any] = {}
        errors: list[CellError] = []
        for name, field in self.fields.items():
            try:
                value = field.read(row, self.date_format)
            except CellError as error:
                errors.append(error)
                continue
            if value is not None:
                fields[name] = value
        return fields, [*errors, *self._faults_of_units(row, {error.column for error in errors})]

    def _faults_of_units(self, row: Row[str, str], known: set[str]) -> list[CellError]:
        """What is wrong with the cells that name the row's units, but for columns whose fault is known."""
        faults: dict[str, CellError] = {}
        for field in self._levels():
            try:
                field.read(row, self.date_format)
            except CellError as error:
                faults.setdefault(error.column, error)
        return [error for column, error in faults.items() if column not in known]

    def rest(self, row: Row[str, str]) -> dict[str, str]:
        """The cells of the columns that the mapping does not read, empty ones left out."""
        read = set(self._columns())
        return {column: cell for column, cell in row.items() if column not in read and cell.strip()}

    def column_of(self, field: str) -> str:
        """The column behind a field, to name it when a service refuses the value."""
        mapping = self.fields.get(field)
        return mapping.column if mapping and mapping.column else field

    def _columns(self) -> list[str]:
        return list(dict.fromkeys(f.column for f in [*self.fields.values(), *self._levels()] if f.column))

    def _levels(self) -> list[FieldMapping]:
        return [part for level in self.units for part in (level.name, level.manager, level.region) if part]
