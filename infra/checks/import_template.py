#!/usr/bin/env python3
"""infra/import.yaml: the part of the template that outlives its stack, for an import into a new one.

An import takes no transform, no outputs, and no resource that is not imported. With --write: writes the file. template.py checks that it is
what the template makes it.
"""

import sys
from collections.abc import Iterator

import yaml
from translation import ROOT, load, translate

IMPORT = ROOT / "infra" / "import.yaml"
HEADER = """\
# What outlives a stack, for an import into a new one: README.md, "Delete a stack". Made from template.yaml by checks/import_template.py --write.
"""


def import_template(template: dict) -> dict:
    """Made of a template that is translated."""
    # Here, nothing is new: whatever fails, nothing may be deleted.
    kept = {name: resource | {"DeletionPolicy": "Retain"} for name, resource in template["Resources"].items() if "DeletionPolicy" in resource}
    conditions = {name: template["Conditions"][name] for name in template["Conditions"] if name in set(named_in(kept, "Fn::If"))}
    used = set(named_in([kept, conditions], "Ref"))
    return {
        "AWSTemplateFormatVersion": template["AWSTemplateFormatVersion"],
        "Description": "Runhooks: what outlives a stack.",
        "Parameters": {name: parameter for name, parameter in template["Parameters"].items() if name in used},
        "Conditions": conditions,
        "Resources": kept,
    }


def named_in(node, function: str) -> Iterator[str]:
    """The names that stand in a function's first place."""
    if isinstance(node, list):
        for item in node:
            yield from named_in(item, function)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == function:
                yield value if isinstance(value, str) else value[0]
            yield from named_in(value, function)


def as_text(template: dict) -> str:
    return HEADER + yaml.safe_dump(import_template(template), sort_keys=False, width=140)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    IMPORT.write_text(as_text(translate(load())), encoding="utf-8")
