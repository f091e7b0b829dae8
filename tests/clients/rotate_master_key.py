"""Gives the platform that keeps its secrets in this file a new master key, with the old one beside it."""

import json
import secrets
import sys
from pathlib import Path

file = Path(sys.argv[1])
kept = json.loads(file.read_text(encoding="utf-8"))
for name, text in kept.items():
    kept[name] = json.dumps({"current": secrets.token_hex(32), "previous": json.loads(text)["current"]})
file.write_text(json.dumps(kept), encoding="utf-8")
