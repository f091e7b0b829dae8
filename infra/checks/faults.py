"""Faults to plant in the template, one at a time, each with what must catch it: a rule of ours, or a rule of cfn-lint by its id."""

from collections.abc import Callable
from dataclasses import dataclass

import rules


@dataclass
class Fault:
    """One way to spoil the SAM template."""

    what: str
    plant: Callable[[dict], object]
    caught_by: Callable | str


def properties(sam: dict, name: str) -> dict:
    return sam["Resources"][name]["Properties"]


def source(sam: dict, function: str) -> dict:
    """The event source of a function, as SAM writes it."""
    return next(iter(properties(sam, function)["Events"].values()))["Properties"]


def statements(sam: dict, role: str) -> list:
    return properties(sam, role)["Policies"][0]["PolicyDocument"]["Statement"]


def senders(sam: dict) -> list:
    """Who is excepted where the event queue refuses everyone."""
    policy = properties(sam, "EventQueuePolicy")["PolicyDocument"]["Statement"]
    return policy[2]["Fn::If"][1]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]


def rename(mapping: dict, old: str, new: str) -> None:
    mapping[new] = mapping.pop(old)


FAULTS = (
    Fault(
        "a function that may read API tokens",
        lambda sam: statements(sam, "SweepRole").pop(1),
        rules.only_api_reads_tokens_and_no_function_writes_them,
    ),
    Fault(
        "a parameter without a description",
        lambda sam: sam["Parameters"]["RecordDays"].pop("Description"),
        rules.parameters_are_described,
    ),
    Fault(
        "a visibility of 5 timeouts",
        lambda sam: properties(sam, "DeliveryQueue").update(VisibilityTimeout=750),
        rules.visibility_outlasts_retries_of_a_throttled_batch,
    ),
    Fault(
        "a window that an operator may raise too far",
        lambda sam: sam["Parameters"]["EventBatchWindowSeconds"].update(MaxValue=60),
        rules.visibility_outlasts_retries_of_a_throttled_batch,
    ),
    Fault("a visibility shorter than the timeout", lambda sam: properties(sam, "EventQueue").update(VisibilityTimeout=20), "E3505"),
    Fault(
        "a batch of 50 without a window",
        lambda sam: sam["Parameters"]["EventBatchSize"].update(Default=50),
        rules.large_batches_have_a_window,
    ),
    Fault("a batch of 20,000", lambda sam: source(sam, "IngestFunction").update(BatchSize=20_000), "E3034"),
    Fault(
        "no ReportBatchItemFailures",
        lambda sam: source(sam, "DeliverFunction").pop("FunctionResponseTypes"),
        rules.mappings_report_single_failures_and_are_capped,
    ),
    Fault("a MaximumConcurrency of 1", lambda sam: source(sam, "DeliverFunction").update(ScalingConfig={"MaximumConcurrency": 1}), "E3034"),
    Fault(
        "a consumed queue without a dead letter queue",
        lambda sam: properties(sam, "DeliveryQueue").pop("RedrivePolicy"),
        rules.consumed_queues_have_a_dead_letter_queue,
    ),
    Fault(
        "a dead letter queue of 4 days",
        lambda sam: properties(sam, "EventDeadLetterQueue").pop("MessageRetentionPeriod"),
        rules.consumed_queues_have_a_dead_letter_queue,
    ),
    Fault(
        "a rejected queue of 4 days",
        lambda sam: properties(sam, "RejectedQueue").pop("MessageRetentionPeriod"),
        rules.parking_places_keep_messages_for_14_days,
    ),
    Fault(
        "a table without TTL",
        lambda sam: properties(sam, "DispatchesTable").pop("TimeToLiveSpecification"),
        rules.tables_expire_and_survive,
    ),
    Fault(
        "a table without point-in-time recovery",
        lambda sam: properties(sam, "WebhooksTable").pop("PointInTimeRecoverySpecification"),
        rules.tables_expire_and_survive,
    ),
    Fault(
        "deletion protection off by default",
        lambda sam: sam["Parameters"]["DeletionProtection"].update(Default="false"),
        rules.tables_expire_and_survive,
    ),
    Fault(
        "a master key that is deleted with its stack",
        lambda sam: sam["Resources"]["MasterKey"].pop("DeletionPolicy"),
        rules.secrets_are_generated_and_survive,
    ),
    Fault(
        "a master key that everyone can read in the template",
        lambda sam: properties(sam, "MasterKey").update(SecretString="secret"),
        rules.secrets_are_generated_and_survive,
    ),
    Fault(
        "a master key in the environment of a function",
        lambda sam: properties(sam, "DeliverFunction")["Environment"]["Variables"].update(
            MASTER_KEY={"Fn::Sub": "{{resolve:secretsmanager:${MasterKey}}}"}
        ),
        rules.secrets_are_read_at_run_time_only,
    ),
    Fault(
        "logs that are kept for ever",
        lambda sam: properties(sam, "ApiLogGroup").pop("RetentionInDays"),
        rules.logs_are_structured_and_expire,
    ),
    Fault(
        "a role for all tables",
        lambda sam: statements(sam, "ApiRole")[0].update(Resource="*"),
        rules.roles_name_what_they_touch,
    ),
    Fault(
        "a role that SAM makes",
        lambda sam: properties(sam, "IngestFunction").pop("Role"),
        rules.roles_name_what_they_touch,
    ),
    Fault(
        "a misspelt IAM action",
        lambda sam: statements(sam, "DeliverRole")[1].update(Action="dynamodb:BatchGetItems"),
        "W3037",
    ),
    Fault(
        "an event queue without TLS",
        lambda sam: properties(sam, "EventQueuePolicy")["PolicyDocument"]["Statement"].pop(),
        rules.event_queue_is_guarded,
    ),
    Fault(
        "an event queue that refuses our own function",
        lambda sam: senders(sam).remove({"Fn::GetAtt": ["ApiRole", "Arn"]}),
        rules.event_queue_takes_events_of_the_platform_and_our_own_senders,
    ),
    Fault(
        "an event queue that takes events of a function that has none",
        lambda sam: senders(sam).append({"Fn::GetAtt": ["DeliverRole", "Arn"]}),
        rules.event_queue_takes_events_of_the_platform_and_our_own_senders,
    ),
    Fault(
        "an event queue that does not know the platform",
        lambda sam: senders(sam).remove({"Ref": "PlatformPrincipalArn"}),
        rules.event_queue_takes_events_of_the_platform_and_our_own_senders,
    ),
    Fault(
        "a URL that only signed requests may use",
        lambda sam: properties(sam, "ApiFunction").update(FunctionUrlConfig={"AuthType": "AWS_IAM"}),
        rules.function_urls_have_both_permissions,
    ),
    Fault(
        "a variable under another name",
        lambda sam: rename(properties(sam, "IngestFunction")["Environment"]["Variables"], "RECORD_DAYS", "KEEP_DAYS"),
        rules.environment_is_what_the_functions_read,
    ),
    Fault(
        "a default that the runbook does not know",
        lambda sam: sam["Parameters"]["MaxReceives"].update(Default=6),
        rules.runbook_lists_parameters_and_alarms,
    ),
    Fault("a runtime that AWS retired", lambda sam: sam["Globals"]["Function"].update(Runtime="provided.al2"), "W2531"),
    Fault("a reference to nothing", lambda sam: properties(sam, "ApiFunction").update(Timeout={"Ref": "ApiTimeout"}), "E1020"),
)
