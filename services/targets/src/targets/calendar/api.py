"""The calendar over HTTP."""

from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Response

from messaging import history, together
from runtime import (
    Batch,
    BatchAnswer,
    CurrentPrincipal,
    HistoryItem,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    Transaction,
    ValidateOnly,
    history_page,
    run_batch,
    stamp,
    stamp_batch,
    stamp_token,
)
from targets.access import CONFIGURES
from targets.calendar import actions, queries, rules
from targets.calendar.commands import CustomPeriod, RateRow, WorkingTimeOfYear, Year
from targets.calendar.queries import DaysFilter, PeriodFilter, RateFilter
from targets.calendar.views import (
    GeneratedPeriods,
    PeriodView,
    RateSetView,
    RateView,
    WorkingDays,
    WorkingTimeView,
)
from targets.deployment import CurrentSettings

router = Router(prefix="/v1/calendar", tags=["calendar"])

YearInPath = Annotated[Year, Path()]


@router.get("/periods")
async def list_periods(
    session: Reading, asked: Annotated[PeriodFilter, Query()], page: PageQuery
) -> Page[PeriodView]:
    """Periods by kind, text (code or name) and the days that they touch."""
    return await queries.periods(session, asked, page)


@router.post("/periods", status_code=201, dependencies=[CONFIGURES])
async def add_period(
    asked: CustomPeriod, session: Transaction, principal: CurrentPrincipal, response: Response
) -> PeriodView:
    """A period of the company's own, such as a fifth "quarter"; periods are never overwritten."""
    period = await actions.add_period(session, asked, principal.id)
    response.headers["Location"] = f"/v1/calendar/periods/{quote(period.code, safe='')}"
    stamp(response, period)
    return PeriodView.model_validate(period)


@router.get("/periods/{code}")
async def read_period(code: str, session: Reading, response: Response) -> PeriodView:
    """A period."""
    period = await queries.period(session, code)
    stamp(response, period)
    return PeriodView.model_validate(period)


@router.get("/periods/{code}/history")
async def read_period_history(code: str, session: Reading, page: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact about a period."""
    return await history_page(partial(history, session), (await queries.period(session, code)).root, page)


@router.post("/years/{year}:generate", dependencies=[CONFIGURES])
async def generate_year(
    year: YearInPath,
    session: Transaction,
    principal: CurrentPrincipal,
    settings: CurrentSettings,
    response: Response,
) -> GeneratedPeriods:
    """Year, halves, quarters, months and ISO weeks of the fiscal year that begins in `year`; known ones stay."""
    start_month = settings.fiscal_year_start_month
    created, known = await actions.generate_years(session, [year], start_month, principal.id)
    whole = await queries.period(session, rules.fiscal_year(year, start_month)[0].period)
    stamp_token(response, whole.token)
    return GeneratedPeriods(year=whole.code, created=created, known=known, token=whole.token)


@router.get("/working-time")
async def list_working_times(session: Reading) -> Page[WorkingTimeView]:
    """The working days of all years that are set."""
    rows = await queries.working_times(session)
    return Page(items=[WorkingTimeView.model_validate(row) for row in rows])


@router.get("/working-time/{year}")
async def read_working_time(year: YearInPath, session: Reading, response: Response) -> WorkingTimeView:
    """The working days of a calendar year."""
    row = await queries.working_time(session, year)
    stamp(response, row)
    return WorkingTimeView.model_validate(row)


@router.put("/working-time/{year}", dependencies=[CONFIGURES])
async def set_working_time(
    year: YearInPath,
    asked: WorkingTimeOfYear,
    session: Transaction,
    principal: CurrentPrincipal,
    if_match: OptionalIfMatch,
    response: Response,
) -> WorkingTimeView:
    """Sets a year's working days; `If-Match` is required where the year is set already."""
    row = await actions.set_working_time(session, year, asked, if_match, principal.id)
    stamp(response, row)
    return WorkingTimeView.model_validate(row)


@router.get("/working-time/{year}/history")
async def read_working_time_history(
    year: YearInPath, session: Reading, page: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every fact about a year's working days."""
    return await history_page(
        partial(history, session), (await queries.working_time(session, year)).root, page
    )


@router.get("/working-days")
async def count_working_days(session: Reading, asked: Annotated[DaysFilter, Query()]) -> WorkingDays:
    """How many working days lie from a day until before a later one."""
    since, until = asked.since, asked.until
    years = await queries.working_years(session, range(since.year, until.year + 1))
    return WorkingDays(starts_on=since, ends_on=until, working_days=rules.working_days(since, until, years))


@router.get("/rates")
async def list_rates(
    session: Reading, asked: Annotated[RateFilter, Query()], page: PageQuery
) -> Page[RateView]:
    """Exchange rates by currency and day."""
    return await queries.rates(session, asked, page)


@router.post("/rates", status_code=201, dependencies=[CONFIGURES])
async def set_rate(
    row: RateRow,
    session: Transaction,
    principal: CurrentPrincipal,
    settings: CurrentSettings,
    response: Response,
) -> RateSetView:
    """What one unit of a currency is worth from a day on; 200 when it stands so already."""
    book = await actions.open_rates(session, [row], settings.reporting_currency, principal.id)
    done = book.state(row)
    await book.save()
    token = book.currencies[row.currency].token
    response.status_code = done.status
    stamp_token(response, token)
    return RateSetView(**row.model_dump(), token=token)


@router.post("/rates:batch", status_code=207, dependencies=[CONFIGURES])
async def set_rates(
    batch: Batch[RateRow],
    session: Transaction,
    principal: CurrentPrincipal,
    settings: CurrentSettings,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Rates by currency and day; a row that says what is known makes no fact."""
    book = await actions.open_rates(session, batch.valid, settings.reporting_currency, principal.id)
    answer = await run_batch(session, batch.items, book.state, validate_only=validate_only)
    await book.save()
    return stamp_batch(response, answer, together)


@router.get("/rates/{currency}/history")
async def read_rate_history(currency: str, session: Reading, page: OrderedPageQuery) -> Page[HistoryItem]:
    """Every rate of a currency as it was stated."""
    return await history_page(
        partial(history, session), (await queries.currency(session, currency)).root, page
    )
