"""The planted bugs still fit the code, and the frame takes nothing for caught that is not."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from mutants.copies import ROOT
from mutants.planting import Change, DoesNotApply, Mutant, planted


def test_there_are_twenty_mutants() -> None:
    assert [mutant.number for mutant in planted()] == list(range(1, 21))


@pytest.mark.parametrize("mutant", planted(), ids=lambda mutant: str(mutant.number))
def test_a_mutant_applies_to_the_code_as_it_is_and_stays_python(mutant: Mutant, tmp_path: Path) -> None:
    for file in {change.file for change in mutant.changes}:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    mutant.plant(tmp_path)
    for file in {change.file for change in mutant.changes}:
        ast.parse((tmp_path / file).read_text())
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert not name or re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE), (
            test
        )
        assert "/src/" not in file


@pytest.mark.parametrize("code", ["", "a = 1\na = 1\n"])
def test_a_change_of_what_is_not_there_exactly_once_is_refused(tmp_path: Path, code: str) -> None:
    (tmp_path / "code.py").write_text(code)
    with pytest.raises(DoesNotApply, match=r"code\.py has \d times"):
        Mutant(1, "", "", [], [Change("code.py", "a = 1", "a = 2")]).plant(tmp_path)
