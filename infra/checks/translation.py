"""What AWS makes of infra/template.yaml, without AWS: the translated template, what a linter says of it, and its values."""

import json
import logging
import os
import re
from pathlib import Path

# The translator asks boto3 for a region, though it never calls AWS.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from cfnlint.api import lint
from cfnlint.helpers import REGIONS
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
NO_VALUE = {"Ref": "AWS::NoValue"}

# It warns of its own metrics, which nobody collects here.
logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)


def load() -> dict:
    """The SAM template as it is written."""
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8"))


def translate(sam: dict) -> dict:
    """The CloudFormation template that AWS would deploy. Changes `sam`."""
    for resource in sam["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    return Translator({}, Parser()).translate(sam, {})


def findings(cloudformation: dict) -> list[str]:
    """What cfn-lint says. Warnings count: a misspelt IAM action and a runtime that AWS has retired are only warnings."""
    matches = lint(json.dumps(cloudformation, indent=1), regions=["us-east-1"])
    return [f"{match.rule.id}: {match.message}" for match in matches if match.rule.id[0] in "EW"]


def missing_types(cloudformation: dict) -> set[tuple[str, str]]:
    """Each region that lacks a type of resource, with that type, as far as cfn-lint knows."""
    matches = lint(json.dumps(cloudformation), regions=list(REGIONS))
    found = (re.match(r"Resource type '(\S+)' does not exist in '(\S+)'", match.message) for match in matches if match.rule.id == "E3006")
    return {(match[2], match[1]) for match in found if match}


def default_values(template: dict) -> dict:
    """Each parameter's default, as text: CloudFormation compares and inserts parameters as text."""
    return {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()}


def largest_values(template: dict) -> dict:
    """The same, with each number at the most that an operator may choose."""
    largest = {name: str(parameter["MaxValue"]) for name, parameter in template["Parameters"].items() if "MaxValue" in parameter}
    return default_values(template) | largest


def resources(template: dict, values: dict) -> dict:
    """The resources with parameters and conditions worked out. References to other resources stay as they are."""

    def condition(name: str) -> bool:
        return bool(work_out(template["Conditions"][name]))

    def work_out(node):
        if isinstance(node, list):
            return [item for item in map(work_out, node) if item != NO_VALUE]
        if not isinstance(node, dict):
            return node
        if node.keys() == {"Ref"}:
            return values.get(node["Ref"], node)
        if node.keys() == {"Condition"}:
            return condition(node["Condition"])
        if node.keys() == {"Fn::If"}:
            name, then, otherwise = node["Fn::If"]
            return work_out(then if condition(name) else otherwise)
        if node.keys() == {"Fn::Equals"}:
            left, right = map(work_out, node["Fn::Equals"])
            return str(left) == str(right)
        if node.keys() == {"Fn::Not"}:
            return not work_out(node["Fn::Not"][0])
        if node.keys() == {"Fn::And"}:
            return all(map(work_out, node["Fn::And"]))
        if node.keys() == {"Fn::Or"}:
            return any(map(work_out, node["Fn::Or"]))
        worked_out = {key: work_out(value) for key, value in node.items()}
        return {key: value for key, value in worked_out.items() if value != NO_VALUE}

    return work_out(template["Resources"])
