#!/usr/bin/env python3
"""Checks infra/template.yaml as AWS would read it: translates it offline, lints the translation, and asks for our own rules.

With --self-test: also plants faults in copies of the template, one at a time, and fails unless each is caught.
"""

import sys
from copy import deepcopy
from textwrap import shorten

import faults
import rules
import security
import security_faults
from faults import Fault
from stack import Stack
from translation import TEMPLATE, findings, load, translate
from watching_faults import FAULTS_IN_WATCHING

RULES = rules.RULES + security.RULES
FAULTS = faults.FAULTS + security_faults.FAULTS


def main() -> int:
    sam = load()
    sound = check(deepcopy(sam))
    if sound and "--self-test" in sys.argv[1:]:
        sound = self_test(sam)
    return 0 if sound else 1


def check(sam: dict) -> bool:
    template = translate(sam)
    stack = Stack(template)
    wrong = findings(template) + [complaint for rule in RULES for complaint in rule(stack)]
    for complaint in wrong:
        print(f"  wrong: {complaint}")
    print(f"{TEMPLATE.name}: {len(template['Resources'])} resources, cfn-lint and {len(RULES)} rules of ours, {len(wrong)} complaints")
    return not wrong


def self_test(sam: dict) -> bool:
    missed = 0
    faults = FAULTS + FAULTS_IN_WATCHING
    for fault in faults:
        complaint = caught(deepcopy(sam), fault)
        missed += complaint is None
        print(f"  missed: {fault.what}" if complaint is None else f"  caught: {fault.what} ({shorten(complaint, 120)})")
    print(f"self-test: {len(faults) - missed} of {len(faults)} planted faults caught")
    return missed == 0


def caught(sam: dict, fault: Fault) -> str | None:
    """What the fault's own check says of it, if anything."""
    fault.plant(sam)
    template = translate(sam)
    if callable(fault.caught_by):
        return next(fault.caught_by(Stack(template)), None)
    return next((finding for finding in findings(template) if finding.startswith(fault.caught_by)), None)


if __name__ == "__main__":
    sys.exit(main())
