"""Faults to plant in the template, as in faults.py, for the rules in security.py."""

import security
from faults import Fault, properties, statements


def condition_of(sam: dict, role: str, statement: int) -> dict:
    """A statement that a role has only on a condition."""
    return [s["Fn::If"][1] for s in statements(sam, role) if "Fn::If" in s][statement]


FAULTS = (
    Fault(
        "a queue that forgets the operator's key",
        lambda sam: properties(sam, "SlowDeliveryQueue").pop("KmsMasterKeyId"),
        security.everything_is_encrypted_with_the_key_that_is_given,
    ),
    Fault(
        "a queue with two kinds of encryption",
        lambda sam: properties(sam, "EventQueue").update(SqsManagedSseEnabled=True),
        security.everything_is_encrypted_with_the_key_that_is_given,
    ),
    Fault(
        "a log group that forgets the operator's key",
        lambda sam: properties(sam, "SweepLogGroup").pop("KmsKeyId"),
        security.everything_is_encrypted_with_the_key_that_is_given,
    ),
    Fault(
        "a role that may not use the operator's key",
        lambda sam: condition_of(sam, "SweepRole", 0).update(Action="kms:Decrypt"),
        security.roles_may_use_the_key_that_is_given,
    ),
    Fault(
        "a role that may use every key",
        lambda sam: condition_of(sam, "ApiRole", 0).update(Resource="*"),
        security.roles_may_use_the_key_that_is_given,
    ),
    Fault(
        "deliveries that do not leave from the subnets",
        lambda sam: properties(sam, "DeliverFunction").pop("VpcConfig"),
        security.deliveries_leave_from_the_subnets_that_are_given,
    ),
    Fault(
        "subnets without the permission to use them",
        lambda sam: condition_of(sam, "DeliverRole", 1)["Action"].remove("ec2:CreateNetworkInterface"),
        security.deliveries_leave_from_the_subnets_that_are_given,
    ),
    Fault(
        "code that may change network interfaces",
        lambda sam: condition_of(sam, "DeliverRole", 2).pop("Condition"),
        security.deliveries_leave_from_the_subnets_that_are_given,
    ),
    Fault(
        "a queue that is open without TLS",
        lambda sam: properties(sam, "OtherQueuesPolicy")["Queues"].pop(),
        security.queues_take_nothing_without_tls,
    ),
    Fault(
        "a dead letter queue for everyone",
        lambda sam: properties(sam, "DeliveryDeadLetterQueue").pop("RedriveAllowPolicy"),
        security.queues_take_dead_letters_of_their_sources_only,
    ),
    Fault(
        "a back door to the event queue",
        lambda sam: properties(sam, "EventQueue").pop("RedriveAllowPolicy"),
        security.queues_take_dead_letters_of_their_sources_only,
    ),
    Fault(
        "a queue under a name that its dead letter queue does not know",
        lambda sam: properties(sam, "DeliveryQueue").pop("QueueName"),
        security.queues_take_dead_letters_of_their_sources_only,
    ),
    Fault(
        "a sweep that Lambda repeats",
        lambda sam: properties(sam, "SweepFunction").pop("EventInvokeConfig"),
        security.scheduled_runs_are_not_made_up_for,
    ),
    Fault(
        "a sweep that EventBridge repeats",
        lambda sam: properties(sam, "SweepFunction")["Events"]["EveryMinute"]["Properties"].pop("RetryPolicy"),
        security.scheduled_runs_are_not_made_up_for,
    ),
    Fault(
        "a resource that is not in every region where the others are",
        lambda sam: sam["Resources"].update(Tokens={"Type": "AWS::CodeStarConnections::Connection", "Properties": {"ConnectionName": "x"}}),
        security.runbook_names_the_regions_without_what_the_stack_needs,
    ),
    Fault(
        "a table that import.yaml does not know as it is",
        lambda sam: properties(sam, "WebhooksTable")["TimeToLiveSpecification"].update(Enabled=False),
        security.import_template_is_what_outlives_a_stack,
    ),
)
