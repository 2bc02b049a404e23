"""Only a test that fails by itself catches a bug."""

from pathlib import Path

import pytest

from mutants.trial import outcome


@pytest.mark.parametrize(
    ("code", "caught", "trouble"),
    [
        ("def test_one():\n    assert False", ["test_it.py::test_one"], None),
        ("def test_one(there_is_no_such_server): ...", (), "broken: test_it.py::test_one"),
        ("import threading\ndef test_one():\n    threading.Event().wait()", (), "not done after 3 s"),
    ],
)
def test_what_a_run_says_of_a_bug(tmp_path: Path, code: str, caught: object, trouble: str | None) -> None:
    (tmp_path / "test_it.py").write_text(code)
    (tmp_path / "pytest.ini").write_text("[pytest]")
    found = outcome(tmp_path, ["test_it.py"], seconds=3 if trouble and "3 s" in trouble else 60)
    assert found.caught == caught
    assert (found.trouble or "").startswith(trouble or "")
    assert (found.trouble is None) is (trouble is None)
