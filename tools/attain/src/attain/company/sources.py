"""Where the made-up company's leads come from: six channels of different worth, their campaigns and what they cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

STEP = Decimal(100)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: its share of all leads, how many of its leads become opportunities, what a lead costs in CNY."""

    code: str
    name_en: str
    name_zh: str
    share: float
    converts: float
    cost_of_a_lead: int


CHANNELS = (
    Channel("zhihu", "Zhihu", "知乎", 0.18, 0.33, 220),
    Channel("baidu", "Baidu search", "百度推广", 0.30, 0.17, 380),
    Channel("referral", "Referral", "转介绍", 0.10, 0.50, 120),
    Channel("exhibition", "Exhibition", "展会", 0.12, 0.25, 900),
    Channel("website", "Website", "官网", 0.18, 0.28, 60),
    Channel("douyin", "Douyin", "抖音", 0.12, 0.12, 300),
)
"""The few good leads and the many cheap ones differ: a channel's worth is seen only beside what it costs."""

CHANNEL_CODES = tuple(channel.code for channel in CHANNELS)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of a channel, over business days, half-open; without an end it goes on."""

    code: str
    channel: str
    name: str
    starts_on: date
    ends_on: date | None = None

    def runs_on(self, day: date) -> bool:
        """Whether a lead of the day may come from it."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that is known about where leads come from. `costs`: channel, and the body of the API's request."""

    campaigns: list[Campaign]
    costs: list[tuple[str, dict[str, Any]]]

    def campaigns_on(self, channel: str, day: date) -> list[Campaign]:
        """The campaigns of a channel that run on a day."""
        return [each for each in self.campaigns if each.channel == channel and each.runs_on(day)]


def make_sources(
    random: Random, leads: int, season: tuple[float, ...], first_day: date, last_day: date
) -> Sources:
    """Campaigns, and for each channel and month a cost that follows the demand; of the last month what was spent."""
    return Sources(_campaigns(first_day, last_day), list(_costs(random, leads, season, first_day, last_day)))


def _campaigns(first_day: date, last_day: date) -> list[Campaign]:
    year = last_day.year - 1
    return [
        Campaign("zhihu-columns", "zhihu", "知乎专栏 Zhihu columns", first_day),
        Campaign("baidu-brand", "baidu", "百度品牌词 Baidu brand terms", first_day),
        Campaign("baidu-trade", "baidu", "百度行业词 Baidu trade terms", first_day + timedelta(days=180)),
        Campaign(
            f"fair-{year}-autumn", "exhibition", f"{year} 秋季展会 autumn fair",
            date(year, 9, 1), date(year, 12, 1),
        ),
        Campaign(
            f"fair-{year + 1}-spring", "exhibition", f"{year + 1} 春季展会 spring fair",
            date(year + 1, 3, 1), date(year + 1, 6, 1),
        ),
        Campaign("douyin-live", "douyin", "抖音直播 Douyin live", first_day + timedelta(days=90)),
    ]  # fmt: skip


def _costs(
    random: Random, leads: int, season: tuple[float, ...], first_day: date, last_day: date
) -> Iterator[tuple[str, dict[str, Any]]]:
    days = (last_day - first_day).days
    for start, end in _months(first_day, last_day):
        demand = leads * season[start.month - 1] * (end - start).days / days
        for channel in CHANNELS:
            spent = channel.cost_of_a_lead * channel.share * demand * random.uniform(0.85, 1.15)
            amount = max(STEP, (Decimal(spent) / STEP).to_integral_value() * STEP)
            yield (
                channel.code,
                {"starts_on": str(start), "ends_on": str(end), "amount": f"{amount:.2f}", "currency": "CNY"},
            )


def _months(first_day: date, last_day: date) -> Iterator[tuple[date, date]]:
    start = first_day
    while start < last_day:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield start, min(following, last_day)
        start = following
