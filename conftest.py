"""The order of the test files: what takes long comes first, so that the workers of `make test` end together."""

import pytest

# Of the first four each of two workers takes two: the faults of chaos and the import of
# a real export are long and heavy, and run one after the other.
_LONG = (
    "tools/chaos/tests/test_brief.py",
    "tests/line/test_documented_commands.py",
    "tests/real/test_real_export.py",
    "tests/line/test_the_line.py",
    "tests/line/test_silence.py",
    "tests/line/test_made_up_company.py",
    "tests/line/test_demo.py",
    "services/reporting/tests/test_proof_walks.py",
    "services/reporting/tests/test_projection_law.py",
    "tests/line/test_import.py",
    "tests/line/test_a_lead.py",
    "tests/test_generated_documents.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the long files first; all else stays as it was collected."""
    place = {config.rootpath / name: number for number, name in enumerate(_LONG)}
    items.sort(key=lambda item: place.get(item.path, len(place)))
