//! Dispatches as bars, drawn here so that a page needs no script for them. They can be told apart
//! without colour: what has failed is hatched and marked, what waits is an outline.

use domain::dispatch::Dispatch;
use domain::dispatch_filter::Status;
use maud::{Markup, html};

use super::text;
use crate::dispatches::duration_ms;

const HEIGHT: u64 = 96;
const BAR: u64 = 6;

/// The last dispatches of a webhook, the oldest on the left: how each has ended.
pub(super) fn spark(newest_first: &[Dispatch]) -> Markup {
    let summary = summary(newest_first);
    let count = newest_first.len() as u64;
    let width = count * 5;
    html! {
        svg.spark viewBox={ "0 0 " (width) " 20" } width=(width) height="20" role="img" aria-label=(summary) {
            title { (summary) }
            @for (place, dispatch) in (0..count).rev().zip(newest_first) {
                @let x = place * 5;
                @match Status::of(&dispatch.state) {
                    Status::Succeeded => rect.ok x=(x) y="8" width="3" height="12" rx="1" {},
                    Status::Failed => rect.bad x=(x) y="0" width="3" height="20" rx="1" {},
                    Status::Active => rect.waits x={ (x) ".5" } y="13.5" width="2" height="6" {},
                }
            }
        }
    }
}

/// The same at length: each bar is as high as all calls of its dispatch took, a piece for each.
pub(super) fn bars(newest_first: &[Dispatch]) -> Markup {
    let summary = summary(newest_first);
    let count = u64::try_from(newest_first.len().max(40)).unwrap_or(100);
    let longest = newest_first.iter().map(total).max().unwrap_or(0).max(1);
    let width = count * BAR;
    html! {
        figure.chart {
            svg viewBox={ "0 0 " (width) " " (HEIGHT + 12) } preserveAspectRatio="none" role="img" aria-label=(summary) {
                title { (summary) }
                defs {
                    pattern #hatch width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        rect.bad width="4" height="4" {}
                        rect.stripe width="1.5" height="4" {}
                    }
                }
                line.axis x1="0" x2=(width) y1=(HEIGHT) y2=(HEIGHT) {}
                @for (place, dispatch) in (0..count).rev().zip(newest_first) {
                    (bar(place * BAR, dispatch, longest))
                }
            }
            figcaption {
                span { (summary) }
                span { "Longest: " (text::took(longest)) }
            }
        }
    }
}

fn bar(x: u64, dispatch: &Dispatch, longest: u64) -> Markup {
    let status = Status::of(&dispatch.state);
    let mut below = HEIGHT;
    let label = format!(
        "{}: {}, {} of calls",
        text::moment(dispatch.event.created_at),
        word(status),
        text::took(total(dispatch)),
    );
    let pieces: Vec<(u64, u64, bool)> = dispatch
        .calls
        .iter()
        .map(|call| {
            let height = scaled(duration_ms(call), longest);
            below = below.saturating_sub(height);
            (below, height, call.is_success())
        })
        .collect();
    html! {
        g {
            title { (label) }
            @for (y, height, is_success) in pieces {
                rect.ok[is_success].hatched[!is_success] x=(x) y=(y) width=(BAR - 2) height=(height) {}
            }
            @match status {
                Status::Failed => path.mark d={ "M" (x) " " (HEIGHT + 4) "l4 6m0 -6l-4 6" } {},
                Status::Active => circle.waits cx=(x + 2) cy=(HEIGHT + 7) r="2" {},
                Status::Succeeded => {},
            }
        }
    }
}

/// Short ones are seen beside long ones: by the root.
fn scaled(millis: u64, longest: u64) -> u64 {
    let share = (millis as f64 / longest as f64).sqrt();
    ((share * HEIGHT as f64) as u64).clamp(2, HEIGHT)
}

fn total(dispatch: &Dispatch) -> u64 {
    dispatch.calls.iter().map(duration_ms).sum()
}

fn summary(dispatches: &[Dispatch]) -> String {
    let count = |status| {
        let of_status = dispatches
            .iter()
            .filter(|dispatch| Status::of(&dispatch.state) == status);
        of_status.count()
    };
    match dispatches.len() {
        0 => "No dispatches yet".to_owned(),
        all => format!(
            "Last {all}: {} delivered, {} failed, {} waiting",
            count(Status::Succeeded),
            count(Status::Failed),
            count(Status::Active),
        ),
    }
}

/// A status in words.
pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::Active => "Waiting",
        Status::Succeeded => "Delivered",
        Status::Failed => "Failed",
    }
}
