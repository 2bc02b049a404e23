"""Kafka starts from the classes that it has learnt, where there are any."""

from pathlib import Path

import pytest

from attain.parts import cache
from attain.parts.kafka import Kafka, learnt_classes


@pytest.fixture
def jars(tmp_path: Path) -> list[Path]:
    """A class path; none of it exists."""
    return [tmp_path / "kafka.jar"]


def options(jars: list[Path]) -> str:
    return " ".join(Kafka(jars, jars[0].parent / "data", 1, 2).command().argv)


def test_a_start_takes_the_learnt_classes(jars: list[Path]) -> None:
    assert "AOTCache" not in options(jars)
    learnt_classes(jars).write_bytes(b"classes")
    assert f"-XX:AOTCache={learnt_classes(jars)}" in options(jars)


def test_what_could_not_be_learnt_is_not_tried_again_and_hinders_no_start(
    jars: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Path] = []

    def learn(_kafka: Kafka, classes: Path) -> bool:
        tries.append(classes)
        classes.write_bytes(b"half")
        return False

    monkeypatch.setattr(Kafka, "learn_to_start", learn)
    for _ in range(2):
        cache._learn(jars)
    assert len(tries) == 1
    assert "AOTCache" not in options(jars)
