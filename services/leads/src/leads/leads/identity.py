"""What identifies a contact, however it is typed: phone, e-mail, credit code. Pure.

An exact duplicate is a lead with the same normalised phone, e-mail or unified social credit code.
"""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

DEFAULT_REGION = "CN"
_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")


@dataclass(frozen=True, slots=True)
class Identity:
    """One way in which a lead is known: what kind, and the normalised value."""

    kind: str
    value: str

    @property
    def name(self) -> str:
        """For taking turns: requests about one identity wait for each other."""
        return f"{self.kind}:{self.value}"


def normalised_phone(text: str, region: str = DEFAULT_REGION) -> str | None:
    """The number as E.164 (`+8613800138000`), extension and all; None where no such number is possible.

    `region` (ISO 3166-1) is where a number without a country code is dialled.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def normalised_email(text: str) -> str | None:
    """The address in one width and case, without spaces around it; None where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return plain if _MAIL.fullmatch(plain) else None


def normalised_credit_code(text: str) -> str | None:
    """The code (统一社会信用代码, GB 32100) in one width and case; None unless it has 18 letters and digits."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    return plain if _CREDIT_CODE.fullmatch(plain) else None


def identities(phone: str | None, email: str | None, credit_code: str | None) -> list[Identity]:
    """The identities of a lead, from normalised values; the first that matches names a duplicate."""
    known = (("phone", phone), ("email", email), ("credit_code", credit_code))
    return [Identity(kind, value) for kind, value in known if value]
