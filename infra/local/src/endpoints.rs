//! What a platform offers, and where: the contents of `target/local/env.json`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::ports::Ports;
use crate::template::Template;
use crate::token;

/// The queue that takes the job platform's events, in the template.
pub const EVENT_QUEUE: &str = "EventQueue";

/// Where everything is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoints {
    /// The API function's URL; the stand-in for the job platform answers here too.
    pub api: String,
    /// DynamoDB.
    pub dynamodb: String,
    /// SQS.
    pub sqs: String,
    /// Secrets Manager.
    pub secrets_manager: String,
    /// CloudFormation, CloudWatch and CloudWatch Logs; and the clock.
    pub control_plane: String,
    /// The alarms, as JSON: a list of [`AlarmState`](crate::cloudwatch::AlarmState).
    pub alarms: String,
    /// The queue that takes the platform's events.
    pub event_queue_url: Option<String>,
    /// Table names, by logical id.
    pub tables: BTreeMap<String, String>,
    /// Queue URLs, by logical id.
    pub queues: BTreeMap<String, String>,
    /// ARNs of secrets, by logical id.
    pub secrets: BTreeMap<String, String>,
    /// Invoke URLs, by the function's short name.
    pub functions: BTreeMap<String, String>,
    /// An API token that works.
    pub token: String,
    /// A token of the same user that the stand-in for the job platform has signed; `None`: the API
    /// was told to trust others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_token: Option<String>,
}

impl Endpoints {
    /// Where `ports` serve what `template` declares.
    pub(crate) fn of(
        template: &Template,
        ports: &Ports,
        user_token: Option<String>,
    ) -> Result<Self> {
        let site = ports.site()?;
        let lambda = ports.lambda()?;
        let names = template
            .functions
            .values()
            .map(|function| &function.short_name);
        let invoke_url = |name| format!("{lambda}/2015-03-31/functions/{name}/invocations");
        let queues = template.queues.iter();
        let queues: BTreeMap<_, _> = queues
            .map(|(id, queue)| (id.clone(), site.queue_url(&queue.name)))
            .collect();
        let tables = template.tables.iter();
        let secrets = template.secrets.iter();
        Ok(Endpoints {
            dynamodb: ports.dynamodb()?,
            secrets_manager: ports.secrets_manager()?,
            control_plane: ports.control_plane()?,
            alarms: format!("{}/alarms", ports.control_plane()?),
            event_queue_url: queues.get(EVENT_QUEUE).cloned(),
            tables: tables
                .map(|(id, table)| (id.clone(), table.name.clone()))
                .collect(),
            queues,
            secrets: secrets
                .map(|(id, secret)| (id.clone(), secret.arn.clone()))
                .collect(),
            functions: names.map(|name| (name.clone(), invoke_url(name))).collect(),
            token: token::TOKEN.to_owned(),
            user_token,
            api: site.api,
            sqs: site.sqs,
        })
    }
}
