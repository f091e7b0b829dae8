"""Runs the commands of infra/README.md, in the order in which an operator comes to them, and looks what each has done.

Takes the project, and a directory to work in. What cannot run is said here, with the reason; a block that is neither run nor listed is an error.
"""

import os
import platform
import re
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import deploying
import ending
import operating
from jobs import Jobs
from page import Block, Page
from receiver import Receiver
from shell import Shell
from stack import Stack

PROJECT, WORK = (Path(argument).resolve() for argument in sys.argv[1:])

# Under each heading, the beginning of a block, and why it is not run.
CANNOT_RUN = {
    ("Deploy", "pip install"): "what it installs is in requirements.txt, in versions that stay the same; rustup would fetch a target",
    ("The platform's own tokens", "sam deploy"): "the keys are those of a program of the platform; tests/promises/platform_tokens.rs shows such tokens",
    ("Roll back", "git checkout"): "there is no such version, and the tree that is tested would change",
    ("Prove it: cargo smoke", "cargo smoke"): "tests/smoke/run runs it against the local platform; MiniStack cannot run its receiver",
    ("Concurrency", "aws service-quotas"): "MiniStack has no quotas to raise",
}


class Course:
    """What the checks share: the page's commands, the shell that runs them, the stack that they make, and a receiver of its webhooks."""

    def __init__(self) -> None:
        self.project = PROJECT
        self.page = Page(PROJECT / "infra" / "README.md")
        self.receiver = Receiver()
        self.stack = Stack("runhooks-dev")
        self.work = working_copy()
        self.shell = Shell(self.work / "infra", self.work)
        self.jobs = Jobs(PROJECT)

    def run(self, heading: str, beginning: str, replaced: dict[str, str] | None = None) -> str:
        """Runs a block of the page. What is replaced in it are addresses and ids that every operator has their own of."""
        return self.run_block(self.page.take(heading, beginning), replaced or {})

    def run_block(self, block: Block, replaced: dict[str, str], directory: Path | None = None) -> str:
        text = block.text
        for old, new in replaced.items():
            if old not in text:
                raise SystemExit(f"{block}: has no {old!r} any more")
            text = text.replace(old, new)
        started = time.monotonic()
        said = self.shell.run(text, directory)
        print(f"{time.monotonic() - started:5.1f} s  {block}", flush=True)
        return said


def working_copy() -> Path:
    """The project as an operator has it, with the one change that the page asks for where there is no arm64."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(PROJECT / "infra", WORK / "infra", ignore=lambda *_: ["local", "checks"])
    (WORK / "functions").symlink_to(PROJECT / "functions")
    if platform.machine() == "x86_64":
        config = WORK / "infra" / "samconfig.toml"
        text = re.sub("^# parameter_overrides = .*$", 'parameter_overrides = ""', config.read_text(), flags=re.MULTILINE)
        config.write_text(text.replace('parameter_overrides = "', 'parameter_overrides = "Architecture=x86_64 '))
    # curl treats refusals as errors. Function URLs lead to MiniStack, whose certificate nobody else
    # knows.
    gateway, certificate = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc, os.environ["AWS_CA_BUNDLE"]
    (WORK / ".curlrc").write_text(f'fail-with-body\nsilent\nshow-error\ncacert = "{certificate}"\nconnect-to = "::{gateway}"\n')
    return WORK


def main() -> None:
    course = Course()
    for heading, beginning in CANNOT_RUN:
        course.page.take(heading, beginning)
    deploying.deploy(course)
    deploying.first_webhook(course)
    operating.rotate_the_master_key(course)
    operating.change_parameters(course)
    operating.pause_and_go_on(course)
    operating.encrypt_and_leave_from_subnets(course)
    operating.see_and_resend_rejected_events(course)
    operating.redrive(course)
    operating.let_the_platform_alone_send(course)
    ending.restore_a_table(course)
    ending.delete_and_take_over(course)
    ending.clear_a_failed_deployment_away(course)
    course.receiver.stop()
    if left := course.page.left():
        raise SystemExit("\n".join(["neither run nor listed as not to be run:", *map(str, left)]))
    run = len(course.page.blocks) - len(CANNOT_RUN)
    print(f"{run} of the {len(course.page.blocks)} blocks of {course.page.name} were run; not run:")
    for (heading, beginning), reason in CANNOT_RUN.items():
        print(f"    {heading}: {beginning} …: {reason}")


if __name__ == "__main__":
    main()
