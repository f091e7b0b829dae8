"""Holds the pages together: every link leads somewhere, every page is found from the first, and what one page says of another is so.

Takes the project.
"""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

PROJECT = Path(sys.argv[1]).resolve()
FIRST, EVIDENCE = PROJECT / "README.md", PROJECT / "tests" / "README.md"
# The first page is read in one sitting.
LONGEST_FIRST_PAGE = 180


def main() -> None:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=PROJECT, capture_output=True, text=True, check=True)
    pages = [PROJECT / name for name in listed.stdout.split() if (PROJECT / name).exists()]
    problems = [problem for check in (broken_links, unreachable, first_page, evidence) for problem in check(pages)]
    if problems:
        sys.exit("\n".join(problems))
    print(f"{sum(len(links(page)) for page in pages)} links of {len(pages)} pages lead somewhere, and every page is found from the first")


def links(page: Path) -> list[str]:
    """Its links to places in the project: each is a path from the page, an anchor, or both."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"\[(?:[^\[\]]|\n)+\]\(([^)\s]+)\)", prose)
    return [link for link in found if not link.startswith(("http://", "https://"))]


def place(page: Path, link: str) -> tuple[Path, str]:
    path, _, anchor = link.partition("#")
    return (page.parent / unquote(path)).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(pages: list[Path]):
    for page in pages:
        for link in links(page):
            path, anchor = place(page, link)
            if not path.exists():
                yield f"{page.relative_to(PROJECT)}: {link} leads nowhere"
            elif anchor and anchor not in anchors(path):
                yield f"{page.relative_to(PROJECT)}: {link}: there is no such heading"


def unreachable(pages: list[Path]):
    found, to_read = {FIRST}, [FIRST]
    while to_read:
        page = to_read.pop()
        further = {path for path, _ in (place(page, link) for link in links(page)) if path.suffix == ".md" and path.exists()} - found
        found |= further
        to_read.extend(further)
    yield from (f"{page.relative_to(PROJECT)} is not found from the first page" for page in pages if page not in found)


def first_page(_: list[Path]):
    lines = len(FIRST.read_text(encoding="utf-8").splitlines())
    if lines > LONGEST_FIRST_PAGE:
        yield f"README.md has {lines} lines; at most {LONGEST_FIRST_PAGE}, the rest belongs beside what it describes"


def evidence(_: list[Path]):
    """Both pages list the same guarantees, and each test that is named for one stands in its row."""
    first, all_of_it = rows(FIRST), rows(EVIDENCE)
    if not first or first.keys() != all_of_it.keys():
        yield f"README.md has the guarantees {', '.join(first)}, tests/README.md {', '.join(all_of_it)}"
    for name, row in first.items():
        for file in re.findall(r"\((?:tests/)?(promises/\w+\.rs)\)", row):
            if f"({file})" not in all_of_it.get(name, ""):
                yield f"tests/README.md: {name} has no {file}"
    for test in sorted((PROJECT / "tests" / "promises").glob("g*_*.rs")):
        name = test.name.partition("_")[0].upper()
        if f"(promises/{test.name})" not in all_of_it.get(name, ""):
            yield f"tests/README.md: {name} has no promises/{test.name}"


def rows(page: Path) -> dict[str, str]:
    return dict(re.findall(r"^\| (G\d+) \| (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE))


main()
