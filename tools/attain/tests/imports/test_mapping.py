"""A mapping turns the cells of an export into fields, or says what is wrong with them."""

from pathlib import Path

import pytest

from attain.imports.mapping import Mapping, MappingError

EXAMPLES = Path(__file__).parents[4] / "examples"


def mapping(**fields: object) -> Mapping:
    return Mapping.model_validate({"source": "crm", "date_format": "%m/%d/%Y", "fields": fields})


def test_a_date_of_the_export_becomes_an_iso_date() -> None:
    fields, errors = mapping(opened_at={"column": "day", "type": "date"}).read({"day": "10/20/2016"})
    assert (fields, errors) == ({"opened_at": "2016-10-20"}, [])


def test_a_wrong_date_names_its_column_and_the_form_that_would_fit() -> None:
    _, errors = mapping(opened_at={"column": "day", "type": "date"}).read({"day": "20/13/2016"})
    assert [str(error) for error in errors] == ["day: '20/13/2016' is no date of the form %m/%d/%Y"]


@pytest.mark.parametrize(
    ("zone", "form", "cell", "instant"),
    [
        (None, "%Y-%m-%d %H:%M", "2026-07-01 10:30", "2026-07-01T10:30:00+08:00"),
        ("Europe/Berlin", "%Y-%m-%d %H:%M", "2026-07-01 10:30", "2026-07-01T10:30:00+02:00"),
        ("Europe/Berlin", "%Y-%m-%dT%H:%M:%S%z", "2026-07-01T10:30:00Z", "2026-07-01T10:30:00+00:00"),
    ],
)
def test_an_instant_is_read_in_the_zone_of_the_mapping_unless_it_names_its_own(
    zone: str | None, form: str, cell: str, instant: str
) -> None:
    field = {"column": "when", "type": "instant", "date_format": form}
    whole = {"source": "crm", "fields": {"captured_at": field}, **({"time_zone": zone} if zone else {})}
    assert Mapping.model_validate(whole).read({"when": cell}) == ({"captured_at": instant}, [])


def test_a_day_without_a_time_is_no_instant() -> None:
    field = {"column": "when", "type": "instant", "date_format": "%Y-%m-%d %H:%M"}
    _, errors = mapping(captured_at=field).read({"when": "2026-07-01"})
    assert [error.reason for error in errors] == ["'2026-07-01' is no instant of the form %Y-%m-%d %H:%M"]


def test_a_time_zone_that_does_not_exist_is_a_fault_of_the_mapping() -> None:
    with pytest.raises(ValueError, match="there is no time zone 'Mars/Base'"):
        Mapping.model_validate({"source": "crm", "time_zone": "Mars/Base", "fields": {}})


def test_a_cell_that_is_there_may_stand_for_a_value_whatever_it_says() -> None:
    outcome = mapping(outcome={"column": "won_date", "present": "won"})
    assert outcome.read({"won_date": "2026-07-01"})[0] == {"outcome": "won"}
    assert outcome.read({"won_date": " "})[0] == {}


def test_the_cells_of_columns_that_no_field_reads_are_the_rest() -> None:
    named = mapping(company={"column": "name"}, currency={"constant": "CNY"})
    assert named.rest({"name": "ACME", "segment": "toys", "size": " "}) == {"segment": "toys"}


def test_an_alias_corrects_one_spelling_and_lets_others_pass() -> None:
    product = mapping(product_line={"column": "product", "aliases": {"GTXPro": "GTX Pro"}})
    assert product.read({"product": "GTXPro"})[0] == {"product_line": "GTX Pro"}
    assert product.read({"product": "MG Special"})[0] == {"product_line": "MG Special"}


def test_a_value_outside_a_value_map_is_an_error_that_lists_what_is_known() -> None:
    _, errors = mapping(state={"column": "stage", "values": {"Won": "won"}}).read({"stage": "Gone"})
    assert [error.reason for error in errors] == ["'Gone' is not one of 'Won'"]


def test_an_empty_cell_takes_the_default_or_is_left_out() -> None:
    both = mapping(a={"column": "x", "default": "2016-10-20", "type": "date"}, b={"column": "x"})
    assert both.read({"x": " "})[0] == {"a": "2016-10-20"}


def test_an_empty_required_cell_is_an_error() -> None:
    _, errors = mapping(code={"column": "x", "required": True}).read({"x": ""})
    assert [str(error) for error in errors] == ["x: is empty, a value is required"]


def test_numbers_lose_their_thousands_separators_and_text_is_refused() -> None:
    number = mapping(amount={"column": "x", "type": "number"})
    assert number.read({"x": "1,200.50"})[0] == {"amount": "1200.50"}
    assert [error.reason for error in number.read({"x": "much"})[1]] == [
        "'much' is no number of the form 1234.50 or 1,234.50"
    ]


@pytest.mark.parametrize(
    "cell", ["1.200,50", "12,5", "1,20,000", "1e9", "NaN", "Infinity", "1,200,", "１,200"]
)
def test_a_number_that_could_be_read_two_ways_is_refused_rather_than_guessed(cell: str) -> None:
    fields, errors = mapping(amount={"column": "x", "type": "number"}).read({"x": cell})
    assert fields == {}
    assert [error.reason for error in errors] == [f"{cell!r} is no number of the form 1234.50 or 1,234.50"]


def test_every_error_of_a_row_is_reported_at_once() -> None:
    _, errors = mapping(a={"column": "x", "required": True}, b={"column": "y", "type": "number"}).read(
        {"x": "", "y": "?"}
    )
    assert [error.column for error in errors] == ["x", "y"]


def test_a_row_whose_unit_cannot_be_read_is_wrong_at_every_level() -> None:
    name = {"column": "region", "required": True}
    units = [{"kind": "region", "name": name, "region": name}, {"kind": "team", "name": {"column": "team"}}]
    people = Mapping.model_validate({"source": "crm", "units": units, "fields": {"code": {"column": "who"}}})
    fields, errors = people.read({"who": "Anna", "region": "", "team": "one"})
    assert [str(error) for error in errors] == ["region: is empty, a value is required"]
    assert fields == {"code": "Anna"}


def test_a_missing_column_is_refused_before_the_first_row() -> None:
    with pytest.raises(MappingError, match="reads the column\\(s\\) 'day'; the file has 'date'"):
        mapping(a={"column": "day"}).check_columns(["date"], Path("deals.csv"))


@pytest.mark.parametrize("text", ["fields = 3", "source = 'x'\n[fields]\na = {}", "not toml"])
def test_a_mapping_that_cannot_be_used_says_where(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(MappingError, match=r"map\.toml"):
        Mapping.load(path)


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.toml")), ids=lambda path: path.stem)
def test_the_example_mappings_load(path: Path) -> None:
    assert Mapping.load(path).fields
