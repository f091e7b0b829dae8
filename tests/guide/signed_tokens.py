"""Runs the snippets for a platform that signs tokens, as they stand, and a platform that trusts its key.

Takes the project. Needs what the snippets import: PyJWT with cryptography.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from snippets import snippets

PROJECT = Path(sys.argv[1]).resolve()
# What whoever runs Runhooks is told beside the keys.
ISSUER, AUDIENCE = "https://console.example.com", "runhooks"

# The status of a request with each token, one a line.
ASK = r"""
for token in "$OF_USER" "$OF_PAGE" "$OF_STRANGER"; do
    curl --silent --output /dev/null --write-out '%{http_code}\n' "$RUNHOOKS_API/v2/actors/a1/webhooks" --header "Authorization: Bearer $token" \
        --json '{"eventTypes": ["TEST"], "requestUrl": "https://example.com/"}'
    curl --silent --output /dev/null --write-out '%{http_code}\n' "$RUNHOOKS_API/v2/actors/a2/webhooks" --header "Authorization: Bearer $token" \
        --json '{"eventTypes": ["TEST"], "requestUrl": "https://example.com/"}'
done
"""


def main() -> None:
    make_key, sign = snippets(PROJECT / "functions/api/README.md", "Tokens that your platform signs", "python")
    platform, stranger = run(make_key, sign), run(make_key, sign)
    environment = os.environ | {
        "OF_USER": platform["token_for"]("user1"),
        "OF_PAGE": platform["token_for"]("user1", "a1"),
        "OF_STRANGER": stranger["token_for"]("user1"),
    }
    parameters = {"TokenKeys": platform["jwks"], "TokenIssuer": ISSUER, "TokenAudience": AUDIENCE}
    told = [word for name, value in parameters.items() for word in ("--parameter", f"{name}={value}")]
    command = [PROJECT / "tests/with-platform", *told, "--", "bash", "-euo", "pipefail", "-c", ASK]
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    found = ended.stdout.split()
    if ended.returncode or found != ["201", "201", "201", "403", "401", "401"]:
        sys.exit(f"tokens of a platform: exit code {ended.returncode}, {found}")
    print("a token of a platform acts for its user, one for a page stays there, and another platform's is refused")


def run(*texts: str) -> dict:
    """What the snippets define, and the file that they write."""
    defined: dict = {}
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for text in texts:
            exec(text, defined)  # It is a page of ours.
        defined["jwks"] = Path("jwks.json").read_text(encoding="utf-8")
        os.chdir(before)
    return defined


main()
