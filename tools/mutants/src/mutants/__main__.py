"""`mutants`: plants each bug in a copy of the tree, runs the tests, and counts the bugs that are caught."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from mutants.copies import copied
from mutants.planting import DoesNotApply, Mutant, planted
from mutants.trial import Outcome, outcome, tried

console = Console(highlight=False, soft_wrap=True)

Numbers = Annotated[list[int] | None, typer.Argument(help="Some of them; all unless given.")]
Seconds = Annotated[float, typer.Option(help="Most seconds that the tests of a mutant may take.")]
All = Annotated[bool, typer.Option("--all", help="Name every test that catches, not only the first.")]


def run(numbers: Numbers = None, seconds: Seconds = 240.0, all_tests: All = False) -> None:
    """Plant bugs in copies of the tree, one at a time, and see which test notices."""
    mutants = planted()
    if numbers:
        if unknown := set(numbers) - {mutant.number for mutant in mutants}:
            raise typer.BadParameter(f"no mutant {', '.join(map(str, sorted(unknown)))}")
        mutants = [mutant for mutant in mutants if mutant.number in numbers]
    _pass_without(mutants, seconds)
    caught = sum(_tell(mutant, _tried(mutant, seconds, all_tests)) for mutant in mutants)
    console.print(f"{caught} of {len(mutants)} caught")
    sys.exit(caught < len(mutants))


def _pass_without(mutants: list[Mutant], seconds: float) -> None:
    """A test that fails anyway catches nothing."""
    tests = list(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    with console.status(f"without a bug: {len(tests)} tests and files"), copied() as copy:
        found = outcome(copy, tests, seconds * len(mutants))
    if found.caught or found.trouble:
        console.print("[red]The tests do not pass without a bug:[/]", *found.caught, found.trouble or "")
        sys.exit(2)
    console.print("All tests pass without a bug.")


def _tried(mutant: Mutant, seconds: float, all_tests: bool) -> Outcome:
    try:
        with console.status(f"{mutant.number} {mutant.title}"):
            return tried(mutant, seconds, all_tests=all_tests)
    except DoesNotApply as error:
        return Outcome(trouble=f"does not apply: {error}")


def _tell(mutant: Mutant, found: Outcome) -> bool:
    word = "caught" if found.caught else "[red]TROUBLE[/]" if found.trouble else "[red]SURVIVED[/]"
    console.print(f"{mutant.number:>2} {word}: {mutant.title}")
    for test in found.caught:
        console.print(f"     by {test}", markup=False)
    if found.trouble:
        console.print(found.trouble, markup=False)
    return bool(found.caught)


def main() -> None:
    """The command."""
    typer.run(run)


if __name__ == "__main__":
    main()
