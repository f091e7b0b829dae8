//! The fields of a webhook's form.

use domain::condition::Condition;
use domain::event_type::EventType;
use domain::grant::{Grant, Scope};
use maud::{Markup, html};

use super::{Form, Problems};
use crate::console::text::{self, OF_BUILDS, OF_RUNS};

/// What a template can take from an event.
const VARIABLES: [(&str, &str); 10] = [
    ("eventType", "What has happened"),
    ("createdAt", "When it happened"),
    ("userId", "Whose run it is"),
    ("eventData", "Ids of actor, task and run"),
    ("resource", "The run, as the platform describes it"),
    ("resource.id", "Id of the run"),
    ("resource.status", "How the run has ended"),
    ("resource.actId", "Id of its actor"),
    ("resource.defaultDatasetId", "Id of its dataset"),
    (
        "resource.defaultKeyValueStoreId",
        "Id of its key-value store",
    ),
];

/// A flag: its name, its words, and what follows from it.
const FLAGS: [(&str, &str, &str); 3] = [
    (
        "doNotRetry",
        "Do not retry",
        "One failed call ends a dispatch. A call whose outcome is unknown is not repeated.",
    ),
    (
        "ignoreSslErrors",
        "Accept any certificate",
        "Whoever is between us and your server can read and change what is sent.",
    ),
    (
        "shouldSignWithEd25519",
        "Sign with a private key, too",
        "Receivers verify with a public key, and have no secret to keep.",
    ),
];

/// All fields; a new webhook can still choose what it is for.
pub(in crate::console) fn fields(
    form: &Form,
    problems: &Problems,
    grant: &Grant,
    is_new: bool,
) -> Markup {
    html! {
        @if let Some(version) = form.given("version") { input type="hidden" name="version" value=(version); }
        fieldset.panel {
            legend { "When" }
            @match grant.page() {
                Some(page) => (fixed_condition(form, problems, page)),
                None => (condition(form, problems, is_new)),
            }
            (events(form, problems))
        }
        fieldset.panel {
            legend { "Where to" }
            div.field {
                label for="requestUrl" { "URL" }
                input #requestUrl name="requestUrl" type="url" inputmode="url" required maxlength="2048" placeholder="https://example.com/hooks"
                    value=(form.text("requestUrl")) aria-describedby="problem-requestUrl" data-focus[is_new];
                (problems.at("requestUrl"))
            }
            div.field {
                label for="title" { "Name " span.muted { "(optional)" } }
                input #title name="title" maxlength="63" value=(form.text("title")) aria-describedby="problem-title";
                (problems.at("title"))
            }
        }
        (templates(form, problems, grant))
        fieldset.panel {
            legend { "How" }
            @for (name, words, consequence) in FLAGS {
                label.check {
                    input type="checkbox" name=(name) value="on" checked[form.has(name, "on")];
                    span { (words) small { (consequence) } }
                }
            }
            div.field {
                label for="description" { "Note to yourself " span.muted { "(never sent)" } }
                input #description name="description" maxlength="320" value=(form.text("description")) aria-describedby="problem-description";
                (problems.at("description"))
            }
        }
    }
}

/// What it is for, where nothing else can be chosen.
fn fixed_condition(form: &Form, problems: &Problems, page: &Condition) -> Markup {
    let (kind, id) = text::condition(page);
    html! {
        p { "Every run of " (kind.to_lowercase()) " " span.id { (id) } }
        @for name in ["conditionKind", "conditionId"] {
            input type="hidden" name=(name) value=(form.text(name));
        }
        (problems.at("condition"))
    }
}

fn condition(form: &Form, problems: &Problems, is_new: bool) -> Markup {
    let kinds = [
        ("actorId", "Every run of an actor"),
        ("actorTaskId", "Every run of a task"),
        ("actorRunId", "One run"),
    ];
    html! {
        div.pair {
            div.field {
                label for="conditionKind" { "For" }
                select #conditionKind name="conditionKind" {
                    @for (kind, words) in kinds { option value=(kind) selected[form.text("conditionKind") == kind] { (words) } }
                }
            }
            div.field {
                label for="conditionId" { "Its id" }
                input #conditionId name="conditionId" required maxlength="64" autocapitalize="off" spellcheck="false"
                    value=(form.text("conditionId")) aria-describedby="problem-condition";
            }
        }
        (problems.at("condition"))
        @if is_new {
            label.check {
                input type="checkbox" name="isAdHoc" value="on" checked[form.has("isAdHoc", "on")];
                span { "Fire once" small { "Only for one run; it also fires for what that run has already done." } }
            }
        } @else if form.has("isAdHoc", "on") {
            input type="hidden" name="isAdHoc" value="on";
        }
    }
}

fn events(form: &Form, problems: &Problems) -> Markup {
    // In the spelling that receivers get, if it has one.
    let chosen = |kind: EventType| {
        let mut events = form.events();
        events.find(|name| EventType::parse(name).is_ok_and(|found| found == kind))
    };
    let check = |kind: EventType, words: &str, when: &str| {
        html! {
            label.check {
                input type="checkbox" name="eventTypes" value=(chosen(kind).unwrap_or(kind.name())) checked[chosen(kind).is_some()];
                span { (words) small { (when) } }
            }
        }
    };
    let has_builds = OF_BUILDS.iter().any(|(kind, ..)| chosen(*kind).is_some());
    html! {
        @if chosen(EventType::Test).is_some() { input type="hidden" name="eventTypes" value="TEST"; }
        div.field role="group" aria-label="Events" aria-describedby="problem-eventTypes" {
            div.grid { @for (kind, words, when) in OF_RUNS { (check(kind, words, when)) } }
            details open[has_builds] {
                summary { "Builds" }
                div.grid { @for (kind, words, when) in OF_BUILDS { (check(kind, words, when)) } }
            }
            (problems.at("eventTypes"))
        }
    }
}

fn templates(form: &Form, problems: &Problems, grant: &Grant) -> Markup {
    let area = |name: &str, label: &str, hint: &str, value: &str, rows: u8| {
        html! {
            div.field {
                label for=(name) { (label) }
                textarea id=(name) name=(name) rows=(rows) spellcheck="false" autocapitalize="off" placeholder=(hint)
                    aria-describedby={ "problem-" (name) } { "\n" (value) }
                (problems.at(name))
            }
        }
    };
    html! {
        fieldset.panel {
            legend { "What" }
            p.muted { "Without a template, the event and its whole run are sent." }
            (area("payloadTemplate", "Payload template", "{\"run\": {{resource.id}}}", form.text("payloadTemplate"), 6))
            @if let Some(headers) = form.given("headersTemplate") {
                (area("headersTemplate", "Headers template", "{\"Authorization\": \"Bearer …\"}", headers, 3))
            } @else if form.given("version").is_none() {
                (area("headersTemplate", "Headers template", "{\"Authorization\": \"Bearer …\"}", "", 3))
            } @else {
                div.field {
                    span.label { "Headers template" }
                    p { span.masked { "••••••••" } " Headers can hold secrets. "
                        a href="?tab=settings&show=headers" { @if grant.allows(Scope::Write) { "Show and edit" } @else { "Show" } } }
                }
            }
            details {
                summary { "Variables" }
                p.muted { "Write them in the place of a value. Choose one to put it where the cursor is." }
                ul.variables {
                    @for (name, words) in VARIABLES {
                        li { button.code type="button" data-insert={ "{{" (name) "}}" } { "{{" (name) "}}" } " " span.muted { (words) } }
                    }
                }
            }
            label.check {
                input type="checkbox" name="shouldInterpolateStrings" value="on" checked[form.has("shouldInterpolateStrings", "on")];
                span { "Variables inside of strings" small { "\"Run {{resource.id}}\" becomes a text with the id in it." } }
            }
            div.preview {
                div.pair {
                    // Whose run it is cannot be told from its id, so a token for one page shows
                    // none.
                    @if grant.page().is_none() {
                        div.field {
                            label for="resourceId" { "Preview with a past run " span.muted { "(empty: a test)" } }
                            input #resourceId name="resourceId" maxlength="64" autocapitalize="off" spellcheck="false" placeholder="Run id" value=(form.text("resourceId"));
                        }
                    }
                    button type="button" data-post="/console/preview" data-into="preview" { "Preview" }
                }
                div #preview aria-live="polite" {}
            }
        }
    }
}
