"""The commands of a page: its blocks for a shell, each under its heading."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Block:
    heading: str
    text: str

    def __str__(self) -> str:
        return f"{self.heading}: {self.text.splitlines()[0]}"


class Page:
    def __init__(self, path: Path) -> None:
        self.name = "/".join(path.parts[-2:])
        self.blocks = list(blocks_of(path.read_text(encoding="utf-8")))
        self._taken: set[Block] = set()

    def take(self, heading: str, beginning: str) -> Block:
        """The block of a heading that begins so. Whoever takes it runs it, or says why not."""
        found = [block for block in self.blocks if block.heading == heading and block.text.startswith(beginning)]
        if len(found) != 1:
            raise SystemExit(f"{self.name}: {len(found)} blocks under {heading!r} begin with {beginning!r}")
        self._taken.update(found)
        return found[0]

    def left(self) -> list[Block]:
        return [block for block in self.blocks if block not in self._taken]


def blocks_of(text: str):
    heading = ""
    for match in re.finditer(r"^## (?P<heading>[^\n]*)$|^```(?:bash|sh)\n(?P<block>.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if match["heading"] is not None:
            heading = match["heading"]
        else:
            yield Block(heading, match["block"])
