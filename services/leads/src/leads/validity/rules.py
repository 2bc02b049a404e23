"""When a lead is valid, and which version of the definition says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.leads import Requirement, ValidityDefined
from leads.validity.refusals import ValidityOfThePast


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a lead that the definition can ask for."""

    reachable: bool
    company: str | None
    duplicate: bool = False
    discard_reason: str | None = None


def version_of(versions: Sequence[ValidityDefined], captured_on: date) -> ValidityDefined:
    """The version that judges leads captured on a business day: the last one in force; before all, the first."""
    in_force = [each for each in versions if each.effective_on <= captured_on]
    if not in_force:
        return min(versions, key=lambda each: each.validity_version)
    return max(in_force, key=lambda each: (each.effective_on, each.validity_version))


def is_valid(lead: Facts, definition: ValidityDefined) -> bool:
    """Whether all requirements of the definition hold."""
    holds = {
        Requirement.reachable: lead.reachable,
        Requirement.named_company: bool(lead.company),
        Requirement.not_duplicate: not lead.duplicate,
        Requirement.not_discarded_as_invalid: lead.discard_reason not in definition.invalid_reasons,
    }
    return all(holds[each] for each in definition.requirements)


def define_validity(
    version: int,
    *,
    requirements: Sequence[Requirement],
    invalid_reasons: Collection[str],
    effective_on: date,
    earliest: date,
) -> ValidityDefined:
    """The next version; it judges from a day on that has not begun when it is defined (`earliest`)."""
    if effective_on < earliest:
        raise ValidityOfThePast(pointer="/effective_on", asked=effective_on, earliest=earliest)
    return ValidityDefined(
        validity="valid_lead",
        validity_version=version,
        requirements=list(dict.fromkeys(requirements)),
        invalid_reasons=sorted(set(invalid_reasons)),
        effective_on=effective_on,
    )
