"""Runs the guide "Define a webhook" as a user would: every snippet as it stands, language by language, in order, beside a running platform.
Each program ends well, each URL that it names gets its POST, and so does the test delivery.

Takes the page, and the directory that has the JavaScript packages.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from receiver import Receiver
from snippets import snippets

PAGE, DIRECTORY = (Path(argument).resolve() for argument in sys.argv[1:])
RECEIVER = "http://127.0.0.1:8000"

# How each language is run, and how it waits for a line of input: the last snippet deletes what the
# others have defined.
LANGUAGES = {
    "bash": (["bash", "-euo", "pipefail"], ".sh", "read -r"),
    "python": ([sys.executable], ".py", "input()"),
    "javascript": (["node"], ".mjs", "await new Promise((go) => process.stdin.once('data', go));"),
}


def main() -> None:
    for language in LANGUAGES:
        # The platform runs already.
        run(language, [text for text in snippets(PAGE, "Define a webhook", language) if not text.startswith("cargo local")])


def run(language: str, texts: list[str]) -> None:
    command, suffix, wait = LANGUAGES[language]
    receiver = Receiver()
    text = "\n".join([*texts[:-1], wait, texts[-1]])
    paths = sorted(set(re.findall(rf"{RECEIVER}(/[\w-]+)", text)))
    program = DIRECTORY / f"guide{suffix}"
    program.write_text(text.replace(RECEIVER, receiver.url("")), encoding="utf-8")
    said = DIRECTORY / "guide.log"
    with said.open("w") as log, subprocess.Popen(
        [*command, program.name], cwd=DIRECTORY, env=environment(), stdin=subprocess.PIPE, stdout=log, stderr=log
    ) as process:
        try:
            for path in paths:
                receiver.wait_for(path)
            receiver.wait_until(lambda posts: any(post.json().get("eventType") == "TEST" for post in posts), "a test delivery")
        finally:
            process.communicate(b"\n")
            print(said.read_text() if process.returncode else "", end="")
    if process.returncode:
        sys.exit(f"{language}: a snippet has failed, with exit code {process.returncode}")
    receiver.stop()
    print(f"{language}: {len(texts)} snippets run, POSTs arrived at {', '.join(paths)}")


def environment() -> dict[str, str]:
    """The user's, in which an error of the API is an error of curl."""
    (DIRECTORY / ".curlrc").write_text("fail-with-body\n", encoding="utf-8")
    return os.environ | {"CURL_HOME": str(DIRECTORY)}


main()
