"""Takes each permission out of infra/template.yaml in turn: an action of one statement, for one resource. The scenario in which every
function does everything (tests/promises/permissions.rs) must go red for each, and for the reason that was planted.

What only Lambda needs, to poll queues and to write logs, no function asks for: see EXCEPTIONS.
"""

import copy
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = "permissions::nothing_is_allowed_that_no_function_uses"

# Nothing goes red without these, and why.
EXCEPTIONS = {
    "logs:CreateLogStream": "without it log lines and metrics are lost, and nothing else: the platform warns when it starts",
    "logs:PutLogEvents": "the same",
}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, in their long form."""


def long_form(loader: Loader, tag: str, node: yaml.Node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag in ("Ref", "Condition"):
        return {tag: value}
    return {f"Fn::{tag}": value.split(".", 1) if tag == "GetAtt" and isinstance(value, str) else value}


Loader.add_multi_constructor("!", long_form)


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def permissions(template: dict):
    """Every (role, statement, action, resource) that is allowed whatever the parameters are."""
    for role, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        for policy in resource["Properties"]["Policies"]:
            for place, statement in enumerate(policy.get("PolicyDocument", {}).get("Statement", [])):
                if statement.get("Effect") == "Allow":
                    for action in listed(statement["Action"]):
                        for of in listed(statement["Resource"]):
                            yield role, place, action, of


def without(template: dict, role: str, place: int, action: str, of) -> dict:
    """The template in which the role may not do that to that, and everything else as before."""
    spoilt = copy.deepcopy(template)
    statements = spoilt["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statement = statements.pop(place)
    for resource in listed(statement["Resource"]):
        actions = [other for other in listed(statement["Action"]) if resource != of or other != action]
        if actions:
            statements.append({**statement, "Action": actions, "Resource": resource})
    return spoilt


def test_binary() -> str:
    build = ["cargo", "test", "--package", "tests", "--test", "promises", "--no-run", "--message-format=json"]
    lines = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    artifacts = [json.loads(line) for line in lines if line.startswith("{")]
    return next(a["executable"] for a in artifacts if a.get("executable") and a["target"]["name"] == "promises")


def play(binary: str, directory: str, name: str, template: dict) -> tuple[bool, str]:
    """Whether the scenario passes with this template, and what it says."""
    path = Path(directory, f"{name}.json")
    path.write_text(json.dumps(template), encoding="utf-8")
    played = subprocess.run(
        [binary, "--exact", SCENARIO, "--nocapture"],
        cwd=ROOT / "tests",
        env={**os.environ, "RUNHOOKS_LOCAL_TEMPLATE": str(path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return played.returncode == 0, played.stdout


def reason(said: str, action: str) -> str | None:
    """The line that names what was taken out."""
    named = (f"was denied {action} on ", f"permissions to call {action.partition(':')[2]} on ")
    return next((line.strip() for line in said.splitlines() if any(part in line for part in named)), None)


def main() -> int:
    template = yaml.load((ROOT / "infra/template.yaml").read_text(encoding="utf-8"), Loader)
    binary = test_binary()
    failures = 0
    with TemporaryDirectory() as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        passes, said = play(binary, directory, "whole", template)
        if not passes:
            print(said)
            return 1

        def spoil(number_and_permission) -> tuple:
            number, (role, place, action, of) = number_and_permission
            return role, action, of, *play(binary, directory, str(number), without(template, role, place, action, of))

        for role, action, of, passes, said in pool.map(spoil, enumerate(permissions(template))):
            name = f"{role}: {action} on {of['Fn::GetAtt'][0] if 'Fn::GetAtt' in of else json.dumps(of)}"
            if action in EXCEPTIONS:
                print(f"exception  {name}: {EXCEPTIONS[action]}")
            elif passes or reason(said, action) is None:
                failures += 1
                print(f"NOT SEEN   {name}\n{said if not passes else ''}")
            else:
                print(f"red        {name}")
    print("every permission that is taken out is missed" if not failures else f"{failures} are not missed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
