"""How a row of an import becomes facts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.opportunities import Deal, LossReason, PipelineDefined
from opportunities.intake.refusals import HistoryFixed
from opportunities.pipeline import rules
from opportunities.pipeline.rules import Standing, State
from opportunities.pipeline.rules.refusals import OpportunityClosed
from opportunities.pipeline.rules.stages import position

FIXED = {"opened_at", "pipeline"}
"""What a row says once and for all."""
FIXED_ONCE_CLOSED = {"closed_at", "loss_reason"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a row tells of an opportunity, with its references looked up and its days made instants."""

    owner_id: UUID
    customer_id: UUID | None
    product_line: str | None
    channel: str | None
    amount: Decimal | None
    currency: str
    expected_close_on: date | None
    stage: str | None
    state: State
    opened_at: datetime
    closed_at: datetime | None
    loss_reason: LossReason | None
    lead_id: UUID | None = None


@dataclass(slots=True)
class Story:
    """The facts of a row in order, each with its instant, and how the opportunity stands after them."""

    standing: Standing
    pipeline: PipelineDefined
    facts: list[tuple[Deal, datetime]] = field(default_factory=list)

    @property
    def is_history(self) -> bool:
        """Whether nothing live was recorded of it yet: then the rules for live changes do not apply."""
        return self.standing.deal.imported

    def tell(self, fact: Deal, at: datetime) -> None:
        """One more fact."""
        self.facts.append((fact, at))
        self.standing = self.standing.after(fact)


def open_history(opportunity_id: UUID, pipeline: PipelineDefined, told: Told) -> Story:
    """Opened in the first stage, through every stage to the one told, and closed where it is."""
    opened = rules.open_opportunity(
        opportunity_id,
        pipeline,
        owner_id=told.owner_id,
        customer_id=told.customer_id,
        product_line=told.product_line,
        channel=told.channel,
        amount=told.amount,
        currency=told.currency,
        expected_close_on=told.expected_close_on,
        imported=True,
        lead_id=told.lead_id,
    )
    story = Story(Standing(opened, State.open), pipeline, [(opened, told.opened_at)])
    if told.stage is not None:
        _walk(story, told.stage, told.opened_at)
    if told.closed_at is not None:
        _close(story, told, told.closed_at)
    return story


def change_history(
    before: Standing, pipeline: PipelineDefined, told: Told, changed: set[str], now: datetime
) -> Story:
    """The facts of what another row says than the last one of the same key; `changed` names its fields.

    What did not change in the source leaves alone what was changed here since. Without an instant of its own
    a change happens now, or when the opportunity closes. Once something live was recorded of the opportunity,
    the rules are those of live changes: no skip, no step back, a win from the last stage only.
    """
    before.require_counting()
    fixed = changed & (FIXED if "state" in changed else FIXED | FIXED_ONCE_CLOSED)
    if fixed:
        field = min(fixed)
        raise HistoryFixed(pointer=f"/{field}", field=field)
    closing = "state" in changed and told.state is not before.state
    if closing and told.state is State.open:
        raise OpportunityClosed(pointer="/state", state=before.state)
    story = Story(before, pipeline)
    at = told.closed_at if closing and told.closed_at else now
    _change(story, told, changed, at)
    if "stage" in changed and told.stage not in (None, story.standing.deal.stage):
        _walk(story, str(told.stage), at)
    if closing:
        _close(story, told, at)
    return story


def _change(story: Story, told: Told, changed: set[str], at: datetime) -> None:
    if "owner_id" in changed:
        for handover in rules.change_owner(story.standing, told.owner_id, imported=story.is_history):
            story.tell(handover, at)
    wanted = {name: getattr(told, name) for name in changed & rules.CHANGEABLE}
    retitled = "title" in changed
    for fact in rules.change(story.standing, wanted, retitled=retitled, imported=story.is_history):
        story.tell(fact, at)


def _walk(story: Story, stage: str, at: datetime) -> None:
    """History passes every stage on the way forwards; a live change goes where it may go at once."""
    here, there = position(story.pipeline, story.standing.deal.stage), position(story.pipeline, stage)
    steps = [stage]
    if story.is_history and there > here:
        steps = [each.code for each in story.pipeline.stages[here + 1 : there + 1]]
    for step in steps if there != here else []:
        story.tell(rules.change_stage(story.standing, story.pipeline, step, imported=story.is_history), at)


def _close(story: Story, told: Told, at: datetime) -> None:
    standing, imported = story.standing, story.is_history
    if told.state is State.won:
        # For the amount that stands: what the row says of it was told before, unless it did not change.
        story.tell(rules.win(standing, story.pipeline, imported=imported), at)
    else:
        reason = told.loss_reason or LossReason.not_recorded
        story.tell(rules.lose(standing, reason, imported=imported), at)
