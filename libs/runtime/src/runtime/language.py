"""The language that the caller reads, by `Accept-Language`."""

from contextvars import ContextVar

from contracts.refusal import Language

DEFAULT: Language = "en"
_language: ContextVar[Language] = ContextVar("language", default=DEFAULT)


def negotiate(accept_language: str) -> Language:
    """The best of `en` and `zh-CN` for a header's value (RFC 9110, 12.5.4); English where nothing fits."""
    if not accept_language:
        return DEFAULT
    best, best_quality = DEFAULT, 0.0
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = _known(tag.strip().lower())
        quality = _quality(parameter)
        if language and quality > best_quality:
            best, best_quality = language, quality
    return best


def speak(language: Language) -> None:
    """Sets the language of the current request; called once, where it enters."""
    _language.set(language)


def spoken() -> Language:
    """The language of the current request; English outside of one."""
    return _language.get()


def _known(tag: str) -> Language | None:
    if tag == "*" or tag.split("-")[0] == "en":
        return "en"
    return "zh-CN" if tag.split("-")[0] == "zh" else None


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
