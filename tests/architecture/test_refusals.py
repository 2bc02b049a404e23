"""Every code of the published list speaks both languages and can really be answered: its refusal is made somewhere."""

import ast
import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from string import Formatter

from attain.instance.ports import SERVICES
from contracts import Refusal

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[一-鿿]")


def made(sources: Iterable[str]) -> set[str]:
    """The names that are called, raised or handed over; an import or the class itself does not count."""
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    bases = {id(base) for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases}
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in nodes
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in bases
    }


def product_refusals() -> list[type[Refusal]]:
    """The refusals of the packages, without those that tests declare."""
    for service in SERVICES:
        import_module(f"{service}.main")
    packages = {"contracts", "runtime", "messaging", "directory", "feed", *SERVICES}
    return [each for each in Refusal.all() if each.__module__.split(".")[0] in packages]


def parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_refusal_speaks_both_languages_with_the_same_parameters() -> None:
    for each in product_refusals():
        assert not CHINESE.search(each.en + each.en_detail), each
        assert CHINESE.search(each.zh), each
        assert CHINESE.search(each.zh_detail), each
        assert parameters(each.en_detail) == parameters(each.zh_detail), each


def test_every_code_can_be_answered() -> None:
    sources = (
        file.read_text() for part in ("libs", "services") for file in ROOT.glob(f"{part}/*/src/**/*.py")
    )
    assert len(product_refusals()) > 30
    assert {each.__name__ for each in product_refusals()} - made(sources) == set()


def test_a_planted_refusal_that_nobody_makes_is_found() -> None:
    planted = (
        "from contracts import Refusal\nclass NeverSaid(Refusal): ...\nclass Said(Refusal): ...\nraise Said()"
    )
    assert {"NeverSaid", "Said"} - made([planted]) == {"NeverSaid"}
