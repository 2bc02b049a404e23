"""An import that cannot begin says why, before anything is asked of a service."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from attain.cli import app
from attain.client import Services
from attain.imports.mapping import MappingError
from attain.imports.start import import_file

MAP = 'source = "crm"\n[fields]\ncode = { column = "who" }\n'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text("who\nAnna\n", encoding="utf-8")
    (tmp_path / "people.toml").write_text(MAP, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "file", "rejected", "said"),
    [
        ("banana", "people.csv", "r.csv", "'banana' cannot be imported; choose from people, accounts,"),
        ("people", "other.csv", "r.csv", "There is no file"),
        ("people", "people.csv", "nowhere/r.csv", "There is no folder"),
        ("people", "people.csv", "r.csv", "There is no instance in"),
    ],
)
def test_what_stands_in_the_way_is_said_in_a_sentence(
    files: Path, kind: str, file: str, rejected: str, said: str
) -> None:
    arguments = ["import", kind, str(files / file), "--map", str(files / "people.toml")]
    options = ["--rejected", str(files / rejected), "--home", str(files / "home")]
    result = CliRunner().invoke(app, [*arguments, *options])
    assert (result.exit_code, result.output.startswith(said)) == (1, True), result.output


async def test_a_mapping_of_people_without_their_code_is_refused(files: Path) -> None:
    (files / "people.toml").write_text(MAP.replace("code", "display_name"), encoding="utf-8")
    with pytest.raises(MappingError, match="needs the field `code`"):
        await import_file(
            "people",
            files / "people.csv",
            files / "people.toml",
            Services({}, "no token"),
            folder=files / "imports",
            rejected=files / "rejected.csv",
        )
