//! Which address leads to which page, and what a token must allow for it.

use domain::grant::Scope::{Read, Write};

use super::{
    dispatch_page, dispatches, form, job, run_page, secret_tab, settings, webhook_page, webhooks,
};
use crate::routes::{Route, get, post};

/// Every page, and everything that pages ask for.
pub(crate) fn table() -> [Route; 21] {
    [
        get("/console/", Read, webhooks::of_user),
        get("/console/actors/{actorId}", Read, webhooks::of_actor),
        get(
            "/console/actor-tasks/{actorTaskId}",
            Read,
            webhooks::of_task,
        ),
        get("/console/webhooks/new", Write, form::new),
        post("/console/webhooks/new", Write, form::create),
        // Neither changes anything.
        post("/console/check", Read, form::check),
        post("/console/preview", Read, form::preview),
        // The tab with the secret needs more.
        get("/console/webhooks/{webhookId}", Read, webhook_page::show),
        post("/console/webhooks/{webhookId}", Write, settings::save),
        post(
            "/console/webhooks/{webhookId}/switch",
            Write,
            settings::switch,
        ),
        post("/console/webhooks/{webhookId}/test", Write, settings::test),
        post(
            "/console/webhooks/{webhookId}/redeliver",
            Write,
            settings::redeliver,
        ),
        post(
            "/console/webhooks/{webhookId}/delete",
            Write,
            settings::delete,
        ),
        post(
            "/console/webhooks/{webhookId}/rotate",
            Write,
            secret_tab::rotate,
        ),
        get(
            "/console/webhooks/{webhookId}/jobs/{jobId}",
            Read,
            job::show,
        ),
        get("/console/dispatches", Read, dispatches::of_all),
        post("/console/redeliver", Write, dispatches::redeliver_picked),
        get(
            "/console/dispatches/{dispatchId}",
            Read,
            dispatch_page::show,
        ),
        post(
            "/console/dispatches/{dispatchId}/redeliver",
            Write,
            dispatch_page::redeliver,
        ),
        get("/console/runs", Read, run_page::ask),
        get("/console/runs/{runId}", Read, run_page::show),
    ]
}
