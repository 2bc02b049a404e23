"""How files lie: pytest finds every test of the whole suite."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_test_folder_is_a_package() -> None:
    """Two packages named `tests` would be one, and pytest would collect only the first."""
    assert [*ROOT.glob("tests/**/__init__.py"), *ROOT.glob("*/*/tests/__init__.py")] == []
