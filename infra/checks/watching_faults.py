"""Faults to plant in the alarms and the dashboard, one at a time, each with the rule that must catch it."""

import watching
from faults import Fault, properties


def in_dashboard(sam: dict, old: str, new: str) -> None:
    body = properties(sam, "Dashboard")["DashboardBody"]
    body["Fn::Sub"] = body["Fn::Sub"].replace(old, new)


FAULTS_IN_WATCHING = (
    Fault(
        "no alarm for the rejected queue",
        lambda sam: sam["Resources"].pop("RejectedEventsAlarm"),
        watching.alarms_watch_everything_that_can_go_wrong,
    ),
    Fault(
        "no alarm for throttles of deliver",
        lambda sam: sam["Resources"].pop("DeliverThrottlesAlarm"),
        watching.alarms_watch_everything_that_can_go_wrong,
    ),
    Fault(
        "no alarm for an API that answers 500",
        lambda sam: sam["Resources"].pop("ApiServerErrorsAlarm"),
        watching.alarms_watch_everything_that_can_go_wrong,
    ),
    Fault(
        "no alarm for a loop of ingest",
        lambda sam: sam["Resources"].pop("IngestRecursionAlarm"),
        watching.alarms_watch_everything_that_can_go_wrong,
    ),
    Fault(
        "an alarm for a loop that is allowed",
        lambda sam: properties(sam, "IngestRecursionAlarm").update(Dimensions=[{"Name": "FunctionName", "Value": {"Ref": "DeliverFunction"}}]),
        watching.alarms_watch_everything_that_can_go_wrong,
    ),
    Fault(
        "deliver stopped as a loop",
        lambda sam: properties(sam, "DeliverFunction").pop("RecursiveLoop"),
        watching.alarms_watch_everything_that_can_go_wrong,
    ),
    Fault(
        "no alarm for deliveries that fail",
        lambda sam: sam["Resources"].pop("DeliveriesFailedAlarm"),
        watching.failures_of_ours_are_watched,
    ),
    Fault(
        "an alarm that takes a quarter of an hour",
        lambda sam: properties(sam, "DeliverErrorsAlarm").update(Period=300, EvaluationPeriods=3),
        watching.alarms_go_on_in_time,
    ),
    Fault(
        "an age that no message reaches",
        lambda sam: sam["Parameters"]["DeliveryAgeAlarmSeconds"].update(Default=1800),
        watching.alarms_go_on_in_time,
    ),
    Fault(
        "an alarm on a metric that nobody counts",
        lambda sam: properties(sam, "EventsFailedAlarm").update(MetricName="EventsFail"),
        watching.alarms_and_dashboard_look_at_metrics_that_exist,
    ),
    Fault(
        "an alarm on the metrics of all stacks",
        lambda sam: properties(sam, "SweepBehindAlarm")["Dimensions"].pop(0),
        watching.alarms_and_dashboard_look_at_metrics_that_exist,
    ),
    Fault(
        "an alarm on a metric that AWS has by another dimension",
        lambda sam: properties(sam, "WebhooksReadThrottlesAlarm").update(MetricName="ThrottledRequests"),
        watching.alarms_and_dashboard_look_at_metrics_that_exist,
    ),
    Fault(
        "a dashboard that is no JSON",
        lambda sam: in_dashboard(sam, '"widgets": [', '"widgets": [,'),
        watching.alarms_and_dashboard_look_at_metrics_that_exist,
    ),
    Fault(
        "a metric in the dashboard that nobody counts",
        lambda sam: in_dashboard(sam, '"GivenUp"', '"GaveUp"'),
        watching.alarms_and_dashboard_look_at_metrics_that_exist,
    ),
    Fault(
        "an alarm that the dashboard does not show",
        lambda sam: in_dashboard(sam, '"${LatencyAlarm.Arn}", ', ""),
        watching.dashboard_shows_every_alarm,
    ),
)
