//! How far a redelivery of everything that failed has come.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::{JobId, WebhookId};
use domain::redelivery_job::{Job, JobState};
use maud::{Markup, html};

use super::door::{Door, Failed};
use super::page::Page;
use super::text;
use crate::Api;
use crate::caller::LimitedCaller;
use crate::path_id::PathIds;
use crate::webhooks::redelivery_jobs;

/// `GET /console/webhooks/{webhookId}/jobs/{jobId}`.
pub(super) async fn show(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathIds(webhook, id)): Door<PathIds<WebhookId, JobId>>,
) -> Result<Response, Failed> {
    let (job, left) = redelivery_jobs::found(&api, (&user, &grant), &webhook, &id).await?;
    let body = html! {
        div.head { h1 tabindex="-1" { "Redelivering what failed" } }
        (progress(&job, left))
        p { a.button href={ "/console/webhooks/" (webhook) } { "To the webhook" } }
    };
    let page = Page::new("Redelivery", body)
        .for_token(&grant)
        .below("Webhooks", "/console/")
        .below("Webhook", format!("/console/webhooks/{webhook}"));
    Ok(page.into_response())
}

fn progress(job: &Job, left: usize) -> Markup {
    let done = usize::try_from(job.progress.redelivered).unwrap_or(usize::MAX);
    let all = done.saturating_add(left);
    let address = format!("/console/webhooks/{}/jobs/{}", job.webhook, job.id);
    let is_running = job.state == JobState::Running;
    html! {
        section #job.panel data-poll=[is_running.then_some(address)] data-every="2000" aria-live="polite" {
            progress max=(all.max(1)) value=(done) aria-label="Redelivered" {}
            p { (done) " of " (all) " restarted" }
            @match &job.state {
                JobState::Running => p.muted { "It goes on in the background: you can leave this page." },
                JobState::Finished { at } => p { "Finished at " (text::moment(*at)) "." },
                JobState::Stopped { at, refusal } => p { "Stopped at " (text::moment(*at)) ": " (refusal.message()) "." },
            }
        }
    }
}
