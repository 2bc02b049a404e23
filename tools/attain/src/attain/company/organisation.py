"""The made-up company's people and units, with a leaver and a mover among them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from attain.company import names

COMPANY = "changfeng"
TEAMS_PER_REGION = 2


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    kind: str
    parent: str | None
    region: str | None
    manager: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """A person; `moves_to` and `moved_on` for the one who changes teams, `left_on` for the one who leaves."""

    code: str
    name: str
    role: str
    hired_on: date
    unit: str
    left_on: date | None = None
    moves_to: str | None = None
    moved_on: date | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    first_day: date
    units: list[Unit]
    people: list[Person]
    _sellers: dict[date, list[Person]] = field(default_factory=dict, compare=False, repr=False)

    def sellers_on(self, day: date) -> list[Person]:
        """The representatives who are with the company on a day."""
        if day not in self._sellers:
            self._sellers[day] = [
                person
                for person in self.people
                if person.role == "representative"
                and person.hired_on <= day
                and (person.left_on is None or day < person.left_on)
            ]
        return self._sellers[day]

    @property
    def watched_team(self) -> str:
        """The team whose weeks are looked at one by one: the last, which nobody joins or leaves."""
        return self.units[-1].code

    def sellers_of(self, unit: str) -> list[Person]:
        """The representatives who are in a unit from the first day to the last."""
        return [
            person
            for person in self.people
            if person.unit == unit
            and person.role == "representative"
            and person.hired_on == self.first_day
            and person.left_on is None
            and person.moves_to is None
        ]

    def heir_of(self, leaver: Person) -> Person:
        """The first colleague of the same team who stays."""
        return next(
            person
            for person in self.people
            if person.unit == leaver.unit and person.role == "representative" and person.left_on is None
        )

    @property
    def mover(self) -> Person:
        return next(person for person in self.people if person.moves_to)

    @property
    def leaver(self) -> Person:
        return next(person for person in self.people if person.left_on)


def make_organisation(random: Random, headcount: int, first_day: date, last_day: date) -> Organisation:
    """Company → three regions → two teams each; the rest of the headcount are representatives."""
    hire = _Hiring(random, first_day)
    director = hire.person("director", COMPANY)
    hire.person("operations", COMPANY)
    hire.person("administrator", COMPANY)
    units = [Unit(COMPANY, "长风科技 Changfeng Technology", "company", None, None, director)]
    teams: list[str] = []
    for region, name in names.REGIONS:
        units.append(Unit(region, name, "region", COMPANY, region, hire.person("regional_manager", region)))
        for number in range(1, TEAMS_PER_REGION + 1):
            team = f"{region}-{number}"
            teams.append(team)
            title = f"{name.split()[0]}{'一二三四'[number - 1]}组 {name.split()[1]} {number}"
            units.append(Unit(team, title, "team", region, region, hire.person("supervisor", team)))
    sellers = max(headcount - len(hire.people), 2 * len(teams))
    for number in range(sellers):
        hire.person("representative", teams[number % len(teams)], _career(number, teams, last_day))
    return Organisation(first_day, units, hire.people)


@dataclass(frozen=True, slots=True)
class _Career:
    left_on: date | None = None
    moves_to: str | None = None
    moved_on: date | None = None
    hired_on: date | None = None


def _career(number: int, teams: list[str], last_day: date) -> _Career:
    """The second seller leaves, the third moves to the next region, the last few are new hires."""
    if number == 1:
        return _Career(left_on=last_day - timedelta(days=75))
    if number == 2:
        return _Career(
            moves_to=teams[(2 + TEAMS_PER_REGION) % len(teams)], moved_on=last_day - timedelta(days=120)
        )
    if number % 11 == 10:
        return _Career(hired_on=last_day - timedelta(days=150))
    return _Career()


class _Hiring:
    """Hands out codes and names that occur once."""

    def __init__(self, random: Random, first_day: date) -> None:
        self.people: list[Person] = []
        self._first_day = first_day
        self._names = [(s, g) for g in names.GIVEN_NAMES for s in names.SURNAMES]
        random.shuffle(self._names)

    def person(self, role: str, unit: str, career: _Career = _Career()) -> str:
        number = len(self.people)
        (surname, surname_en), (given, given_en) = self._names[number % len(self._names)]
        code = f"E{number + 1:04d}"
        self.people.append(
            Person(
                code=code,
                name=f"{surname}{given} {given_en} {surname_en}",
                role=role,
                hired_on=career.hired_on or self._first_day,
                unit=unit,
                left_on=career.left_on,
                moves_to=career.moves_to,
                moved_on=career.moved_on,
            )
        )
        return code
