"""When two names name the same company: what services match customers and leads by, since phones do not travel."""

import re
import unicodedata

_LEGAL = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "集团公司",
    "总公司",
    "分公司",
    "公司",
    "集团",
)
_LEGAL_WORDS = frozenset(
    {
        "ag", "bv", "co", "company", "corp", "corporation", "gmbh", "group", "holding", "holdings", "inc",
        "incorporated", "kk", "limited", "llc", "llp", "ltd", "nv", "plc", "pte", "pty", "sa", "sarl", "se", "srl",
    }
)  # fmt: skip
_NO_LETTER = re.compile(r"[\W_]+")
_ABBREVIATED = re.compile(r"(?<=\b\w)\.(?=\w\b)")
"""The dots of "L.L.C." and "B.V.", which would leave single letters."""


def company_key(name: str) -> str:
    """The name without what differs between two ways of writing it: width, case, spaces, punctuation, legal form.

    Two names of one key are taken for one company. A name that is nothing but a legal form keeps it; a name without
    a letter or digit has the key "".
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = _NO_LETTER.sub(" ", _ABBREVIATED.sub("", plain)).split()
    while len(words) > 1 and words[-1] in _LEGAL_WORDS:
        words.pop()
    key = "".join(words)
    while key not in _LEGAL and (form := next(filter(key.endswith, _LEGAL), None)):
        key = key.removesuffix(form)
    return key
