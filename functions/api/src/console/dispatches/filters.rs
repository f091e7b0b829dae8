//! What can be asked of a list of dispatches, and the addresses that ask it.

use domain::dispatch_filter::Status;
use domain::event_type::EventType;
use domain::timestamp::Timestamp;
use maud::{Markup, html};
use store::Search;
use url::form_urlencoded;

use super::Listing;
use crate::console::text::{OF_BUILDS, OF_RUNS};

const STATUSES: [(Option<Status>, &str); 4] = [
    (None, "All"),
    (Some(Status::Active), "Waiting"),
    (Some(Status::Succeeded), "Delivered"),
    (Some(Status::Failed), "Failed"),
];

impl Listing<'_> {
    pub(super) fn filters(&self, search: &Search) -> Markup {
        let with = |status| {
            let mut other = search.clone();
            other.filter.status = status;
            self.link(&other, None)
        };
        let is_open = search.filter.event_type.is_some()
            || search.filter.run.is_some()
            || search.since.is_some()
            || search.until.is_some();
        html! {
            div.filters {
                div.segments role="group" aria-label="Status" {
                    @for (status, words) in STATUSES {
                        a href=(with(status)) aria-current=[(search.filter.status == status).then_some("true")] { (words) }
                    }
                }
                details open[is_open] {
                    summary { "Filter" }
                    form.pair method="get" action=(self.address) {
                        @if let Some(status) = search.filter.status { input type="hidden" name="status" value=(status.name()); }
                        div.field {
                            label for="eventType" { "Event" }
                            select #eventType name="eventType" {
                                option value="" { "Any" }
                                @for (kind, words, _) in OF_RUNS.into_iter().chain(OF_BUILDS).chain([(EventType::Test, "Test", "")]) {
                                    option value=(kind.name()) selected[search.filter.event_type == Some(kind)] { (words) }
                                }
                            }
                        }
                        div.field {
                            label for="actorRunId" { "Run" }
                            input #actorRunId name="actorRunId" maxlength="64" value=[search.filter.run.as_ref()];
                        }
                        (moment("since", "Since (UTC)", search.since))
                        (moment("until", "Until (UTC)", search.until))
                        button type="submit" { "Apply" }
                    }
                }
            }
        }
    }

    pub(super) fn link(&self, search: &Search, cursor: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        };
        let filter = &search.filter;
        add(
            "status",
            filter.status.map(|status| status.name().to_owned()),
        );
        add(
            "eventType",
            filter.event_type.map(|kind| kind.name().to_owned()),
        );
        add("actorRunId", filter.run.as_ref().map(ToString::to_string));
        add("since", search.since.map(|at| at.to_string()));
        add("until", search.until.map(|at| at.to_string()));
        add("cursor", cursor.map(str::to_owned));
        let query = query.finish();
        if query.is_empty() {
            self.address.clone()
        } else {
            format!("{}?{query}", self.address)
        }
    }
}

fn moment(name: &str, words: &str, at: Option<Timestamp>) -> Markup {
    html! {
        div.field {
            label for=(name) { (words) }
            input id=(name) name=(name) placeholder="2026-11-28T09:00:00Z" value=[at];
        }
    }
}
