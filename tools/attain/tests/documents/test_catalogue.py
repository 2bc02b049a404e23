"""The catalogue holds exactly what marked tests prove."""

from pathlib import Path

import pytest

from attain.documents.catalogue import CatalogueFault, catalogue, find_proofs

WORDS = """
["Attainment"]
S37 = { en = "Shows each person's attainment", zh = "实时达成率" }
"""
TEST = """
import pytest

@pytest.mark.capability("S37")
def test_a_person_sees_the_own_attainment(): ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "docs" / "catalogue.toml").write_text(WORDS)
    (tmp_path / "tests" / "test_it.py").write_text(TEST)
    return tmp_path


def test_a_capability_stands_with_its_words_and_the_test_that_holds_it(project: Path) -> None:
    page = catalogue(project)
    assert "| S37 | Shows each person's attainment | 实时达成率 |" in page
    assert "[a person sees the own attainment](../tests/test_it.py)" in page


def test_a_test_that_marks_a_number_without_words_is_a_fault(project: Path) -> None:
    (project / "tests" / "test_more.py").write_text(TEST.replace("S37", "S999"))
    with pytest.raises(CatalogueFault, match=r"S999 is marked by tests/test_more\.py and has no words"):
        catalogue(project)


def test_words_without_a_test_are_a_fault(project: Path) -> None:
    (project / "tests" / "test_it.py").write_text("def test_nothing(): ...")
    with pytest.raises(CatalogueFault, match=r"S37 has words in .* and no test"):
        catalogue(project)


def test_a_module_can_be_marked_as_a_whole(project: Path) -> None:
    (project / "tests" / "test_whole.py").write_text(
        'pytestmark = [pytest.mark.capability("S38", "F1")]\n'
        "async def test_one(): ...\n"
        "def test_two(): ...\n"
        "def aid(): ...\n"
    )
    proofs = find_proofs(project)
    assert [proof.name for proof in proofs["F1"]] == ["test_one", "test_two"]


def test_a_class_of_tests_can_be_marked(project: Path) -> None:
    (project / "tests" / "test_class.py").write_text(
        '@pytest.mark.capability("S212")\nclass TestIt:\n'
        "    def test_one(self): ...\n"
        "    async def test_two(self): ...\n"
    )
    assert [proof.name for proof in find_proofs(project)["S212"]] == ["test_one", "test_two"]


@pytest.mark.parametrize(
    "planted",
    [
        "@pytest.mark.capability(NUMBER)\ndef test_one(): ...",
        '@pytest.mark.capability("37")\ndef test_one(): ...',
        'CASES = [pytest.param(1, marks=pytest.mark.capability("S37"))]',
    ],
)
def test_a_mark_that_would_be_overlooked_is_a_fault(project: Path, planted: str) -> None:
    (project / "tests" / "test_planted.py").write_text(planted)
    with pytest.raises(CatalogueFault, match=r"tests/test_planted\.py"):
        find_proofs(project)
