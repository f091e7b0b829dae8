//! What a webhook's maker sees once: its secret, and how to verify what comes.

use domain::dispatch::Dispatch;
use maud::{Markup, html};

use super::page::Page;
use super::{timeline, webhooks};
use crate::webhooks::Defined;

/// How to verify a delivery, by language, with what is to be installed.
const SNIPPETS: [(&str, &str, &str); 3] = [
    (
        "Python",
        "pip install standardwebhooks",
        "from standardwebhooks import Webhook\n\nreceiver = Webhook(os.environ[\"WEBHOOK_SECRET\"])\nevent = receiver.verify(body, headers)  # raises: answer 400",
    ),
    (
        "JavaScript",
        "npm install standardwebhooks",
        "import { Webhook } from 'standardwebhooks';\n\nconst receiver = new Webhook(process.env.WEBHOOK_SECRET);\nconst event = receiver.verify(body, headers); // throws: answer 400",
    ),
    (
        "Rust",
        "cargo add standardwebhooks",
        "let receiver = standardwebhooks::Webhook::new(&secret)?;\nreceiver.verify(&body, &headers)?; // an error: answer 400",
    ),
];

/// The page after a webhook was defined; with a trial, if one was asked for.
pub(super) fn page(made: &Defined, trial: Option<&Dispatch>) -> Page {
    let webhook = &made.webhook;
    let address = format!("/console/webhooks/{}", webhook.id);
    let body = html! {
        div.head { h1 tabindex="-1" { "Webhook saved" } a.button.primary href=(address) { "Open it" } }
        p.muted { (webhooks::name(webhook)) " is active." }
        @if let Some(trial) = trial {
            section.panel { h2 { "Test delivery" } (timeline::progress(trial)) }
        }
        section.panel {
            h2 { "Its secret" }
            p { "Keep it where your receiver can read it. Every request is signed with it." }
            (secret(&made.secret.reveal()))
        }
        (snippets())
    };
    Page::new("Webhook saved", body)
        .below("Webhooks", "/console/")
        .at(address)
}

/// A secret, and a button that copies it.
pub(super) fn secret(key: &str) -> Markup {
    html! {
        div.copy {
            code #secret { (key) }
            button type="button" data-copy="secret" { "Copy" }
        }
    }
}

/// How to verify a delivery.
pub(super) fn snippets() -> Markup {
    html! {
        section.panel {
            h2 { "Verify incoming requests" }
            p.muted { "With any library for Standard Webhooks: the body as it came, before it is parsed." }
            @for (place, (language, install, code)) in SNIPPETS.into_iter().enumerate() {
                details.snippet open[place == 0] {
                    summary { (language) " " span.muted { (install) } }
                    pre tabindex="0" { (code) }
                }
            }
        }
    }
}
