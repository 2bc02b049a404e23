"""What keeps a command from an instance is said in a sentence."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from attain.cli import app
from attain.instance.keys import ensure_keys
from attain.instance.layout import Configuration, Instance, write_private
from attain.instance.ports import Ports


@pytest.fixture
def stopped(tmp_path: Path) -> Instance:
    """An instance that was brought up once and does not run."""
    instance = Instance(tmp_path / "home")
    ensure_keys(instance)
    chosen = Configuration(ports=Ports.choose(instance.home))
    write_private(instance.configuration_file, chosen.model_dump_json())
    return instance


def said(instance: Instance, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--home", str(instance.home)])
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    "command",
    [
        ["events", "kafka", "targets"],
        ["events", "tail", "targets"],
        ["events", "replay", "targets"],
        ["replay", "targets"],
        ["ledger", "lost", "targets"],
        ["ledger", "adopt", "targets"],
        ["rebuild"],
        ["parked", "list"],
        ["parked", "retry"],
        ["parked", "show", "x"],
        ["parked", "drop", "x"],
        ["reread", "targets"],
    ],
    ids=" ".join,
)
def test_an_instance_that_does_not_run_is_named_with_what_starts_it(
    stopped: Instance, command: list[str]
) -> None:
    assert f"PostgreSQL of {stopped.home} does not answer: run `attain up`." in said(stopped, *command)


@pytest.mark.parametrize(
    "command",
    [
        ["events", "tail", "x"],
        ["events", "kafka", "x"],
        ["replay", "x"],
        ["ledger", "adopt", "x"],
        ["reread", "x"],
        ["rebuild", "x"],
        ["parked", "list", "--service", "x"],
    ],
)
def test_an_unknown_service_is_answered_with_those_that_there_are(
    stopped: Instance, command: list[str]
) -> None:
    there_are = "There is no service 'x'; choose from leads, opportunities, targets, alerts, reporting."
    assert there_are in said(stopped, *command)


@pytest.mark.parametrize("command", [["token"], ["env"], ["import", "accounts", "a.csv", "--map", "a.toml"]])
def test_no_token_is_issued_under_a_production_setting(
    stopped: Instance, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTAIN_ENVIRONMENT", "production")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("id\n")
    (tmp_path / "a.toml").write_text('source = "x"\n[fields]\nexternal_id = { column = "id" }\n')
    assert "refused in production: ATTAIN_TOKEN_ISSUER is the development issuer" in said(stopped, *command)
    monkeypatch.setenv("ATTAIN_TOKEN_ISSUER", "https://identity.example.org")
    monkeypatch.setenv("ATTAIN_JWKS", "https://identity.example.org/keys")
    monkeypatch.setenv("ATTAIN_DATABASE_URL", "postgresql+asyncpg://u:p@db.example.org/attain")
    assert "signs nothing in production" in said(stopped, *command)


def test_a_setting_that_cannot_be_read_is_named_by_its_variable(
    stopped: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTAIN_HTTP_PORT", "eighty")
    assert said(stopped, "token").startswith("ATTAIN_HTTP_PORT: Input should be a valid integer")


def test_a_folder_without_the_export_is_named_with_what_is_missing_there(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").touch()
    shown = said(Instance(tmp_path / "home"), "real", str(tmp_path))
    assert shown.startswith(
        f"The folder {tmp_path} does not hold the export: sales_teams.csv, sales_pipeline.csv"
    )
    assert "make real DATA=<folder>" in shown
    assert not (tmp_path / "home").exists()
    assert "ATTAIN_REPORTING_CURRENCY" not in os.environ, "what is for the instance alone stays with it"
