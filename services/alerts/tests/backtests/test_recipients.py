"""Who is responsible for a record, as the organisation stood on a day."""

from datetime import date

from alerts.recipients import Responsible, Subject, responsible
from contracts.alerts import Recipient

from .company import COMPANY, DORA, EAST, SUE, WANG, WEST, ZHAO, Judging


async def test_the_line_above_a_record_begins_with_the_nearest_manager_who_is_not_the_owner(
    judging: Judging,
) -> None:
    before, after = date(2026, 6, 9), date(2026, 6, 10)
    async with judging.api.database.connect() as connection:
        found = await responsible(
            connection,
            [
                Subject(WANG, None, before),
                Subject(WANG, None, after),
                Subject(SUE, None, after),
                Subject(DORA, None, after),
                Subject(None, EAST, after),
                Subject(None, COMPANY, after),
                Subject(None, None, after),
                Subject(ZHAO, None, date(2019, 1, 1)),
            ],
        )
        assert await responsible(connection, []) == []
    assert found == [
        Responsible(WANG, EAST, [SUE, DORA]),
        Responsible(WANG, WEST, [DORA]),
        Responsible(SUE, EAST, [DORA]),
        Responsible(DORA, None, []),
        Responsible(None, EAST, [SUE, DORA]),
        Responsible(None, COMPANY, [DORA]),
        Responsible(None, None, []),
        Responsible(ZHAO, None, []),
    ]


def test_what_goes_to_an_owner_goes_on_to_the_managers_and_a_units_to_its_manager() -> None:
    record, unit = Responsible(WANG, EAST, [SUE, DORA]), Responsible(None, EAST, [SUE, DORA])
    assert record.line(Recipient.owner) == [WANG, SUE, DORA]
    assert record.line(Recipient.manager) == unit.line(Recipient.owner) == [SUE, DORA]
    assert Responsible(None, None, []).recipient(Recipient.owner) is None
