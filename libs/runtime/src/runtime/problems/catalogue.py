"""The code list as a page."""

from contracts.refusal import Refusal

INTRODUCTION = """# Problem codes

Every refusal is an RFC 9457 answer (`application/problem+json`) with one of these codes. A code never changes its
meaning; titles and details come in English or Chinese by `Accept-Language`, with their placeholders filled.
"""


def catalogue() -> str:
    """All refusals that are imported, as Markdown: code, status, sentence and detail in both languages."""
    lines = [INTRODUCTION, "| code | status | title | detail |", "|---|---|---|---|"]
    for refusal in Refusal.all():
        title = f"{refusal.en}<br>{refusal.zh}"
        detail = f"{refusal.en_detail}<br>{refusal.zh_detail}".replace("|", "\\|")
        lines.append(f"| `{refusal.code}` | {refusal.status} | {title} | {detail} |")
    return "\n".join(lines) + "\n"
