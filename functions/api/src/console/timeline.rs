//! The life of a dispatch, step by step.

use domain::dispatch::{Call, Dispatch, DispatchState};
use domain::outcome::says_unknown;
use domain::timestamp::Timestamp;
use maud::{Markup, html};

use super::state::Trouble;
use super::text;
use crate::dispatches::duration_ms;

/// The life of a dispatch so far; it is looked at again while it goes on.
pub(super) fn progress(dispatch: &Dispatch) -> Markup {
    progress_with(dispatch, Trouble::default(), runtime::clock::now())
}

pub(super) fn progress_with(dispatch: &Dispatch, trouble: Trouble, now: Timestamp) -> Markup {
    let is_soon = match dispatch.state {
        DispatchState::Active { next_at } => next_at.is_none_or(|at| now.until(at).as_secs() < 120),
        DispatchState::Succeeded | DispatchState::Failed { .. } => false,
    };
    let address = format!("/console/dispatches/{}", dispatch.id);
    html! {
        section #life.life aria-label="Timeline" data-poll=[is_soon.then_some(address)] data-every="1500" {
            ol.timeline {
                (step("", html! { strong { "The event happened" } " and triggered the webhook" }, Some(dispatch.event.created_at)))
                @for (place, call) in dispatch.calls.iter().enumerate() {
                    @if dispatch.redelivery.as_ref().is_some_and(|again| usize::try_from(again.after) == Ok(place)) {
                        (step("again", html! { strong { "Redelivered" } " as its owner asked" }, None))
                    }
                    (call_step(dispatch, call, place + 1))
                }
                @if dispatch.redelivery.as_ref().is_some_and(|again| again.after == dispatch.attempts()) {
                    (step("again", html! { strong { "Redelivered" } " as its owner asked" }, None))
                }
                (ending(dispatch, trouble, now))
            }
        }
    }
}

fn step(class: &str, words: Markup, at: Option<Timestamp>) -> Markup {
    html! {
        li class=(class) {
            div { (words) }
            @if let Some(at) = at { time.muted datetime=(at) { (text::moment(at)) } }
        }
    }
}

fn call_step(dispatch: &Dispatch, call: &Call, number: usize) -> Markup {
    let is_unknown =
        call.response_status.is_none() && call.error_message.as_deref().is_some_and(says_unknown);
    let (class, outcome) = match (&call.error_message, is_unknown) {
        (None, _) => ("ok", "was accepted".to_owned()),
        (Some(_), true) => ("unknown", "has an unknown outcome".to_owned()),
        (Some(_), false) => ("bad", "failed".to_owned()),
    };
    html! {
        li class=(class) {
            div {
                strong { a href={ "/console/dispatches/" (dispatch.id) "?call=" (number) } { "Call " (number) } }
                " " (outcome)
                @if let Some(status) = call.response_status { " with " span.code { (status) } }
                " after " (text::took(duration_ms(call)))
                @if let Some(error) = &call.error_message { p.why { (error) } }
                @if is_unknown { p.muted { "The request was sent and nobody answered: your server may have acted on it, or not." } }
            }
            time.muted datetime=(call.started_at) { (text::moment(call.started_at)) }
        }
    }
}

fn ending(dispatch: &Dispatch, trouble: Trouble, now: Timestamp) -> Markup {
    match &dispatch.state {
        DispatchState::Succeeded => step("end ok", html! { strong { "Delivered" } }, None),
        DispatchState::Failed { reason } => step(
            "end bad",
            html! { strong { "Given up" } p.why { (reason) } },
            None,
        ),
        DispatchState::Active { next_at } => html! {
            @if let Some(until) = trouble.paused_until {
                (step("pause", html! { strong { "Paused" } " with its endpoint, which is tried again " (text::when(until, now)) }, Some(until)))
            }
            @match next_at {
                None => (step("next", html! { strong { "First call" } " is about to be made" }, None)),
                Some(at) => (step("next", html! { strong { "Next call" } " " (text::when(*at, now)) }, Some(*at))),
            }
        },
    }
}
