"""One shell for many scripts: what one defines, the next ones know."""

import os
import subprocess
from pathlib import Path

# Version 1 of the AWS CLI, the one on PyPI, calls some services at addresses of their own unless
# the endpoint is given on the command line.
BEGINNING = """
set -aeuo pipefail
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
[ ! -e "$STATE" ] || . "$STATE"
"""
END = """
{ export -p | grep --invert-match --extended-regexp '^declare -x (OLDPWD|PWD|SHLVL)'; declare -f; } > "$STATE"
"""


class Shell:
    def __init__(self, directory: Path, work: Path) -> None:
        self.directory = directory
        self._script = work / "script.sh"
        state = work / "state.sh"
        state.unlink(missing_ok=True)
        self._environment = os.environ | {"STATE": str(state), "CURL_HOME": str(work)}

    def run(self, text: str, directory: Path | None = None) -> str:
        """Runs it, says yes to whatever it asks, and returns what it prints. An error ends everything."""
        self._script.write_text(f"{BEGINNING}\n{text}\n{END}", encoding="utf-8")
        done = subprocess.run(
            ["bash", str(self._script)],
            cwd=directory or self.directory,
            env=self._environment,
            input="y\n" * 9,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{done.stdout}\nfailed with exit code {done.returncode}:\n{text}")
        return done.stdout

    def value(self, expression: str) -> str:
        return self.run(f"printf '%s\\n' {expression}").strip()
