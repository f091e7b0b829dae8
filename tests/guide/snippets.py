"""The snippets of a page: its blocks of code, under the heading of a section."""

import re
from pathlib import Path


def snippets(page: Path, heading: str, language: str) -> list[str]:
    """Those of this language in the section, subsections included, in their order."""
    text = page.read_text(encoding="utf-8")
    sections = re.findall(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^\1 |\Z)", text, re.DOTALL | re.MULTILINE)
    if len(sections) != 1:
        raise SystemExit(f"{page}: {len(sections)} sections are called {heading!r}")
    [(_, section)] = sections
    found = re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    if not found:
        raise SystemExit(f"{page}: {heading!r} has no snippets in {language}")
    return found
