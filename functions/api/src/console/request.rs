//! A request as it was sent, or would be: line, headers and body; and as a command for a terminal.

use std::collections::BTreeSet;

use domain::webhook::Webhook;
use maud::{Markup, html};
use serde::de::IgnoredAny;

use crate::dispatches::{Header, Shown};

/// Headers that every request has: what is in them is no secret of its owner's.
const OF_SYSTEM: [&str; 12] = [
    "host",
    "accept",
    "accept-encoding",
    "user-agent",
    "content-type",
    "content-length",
    "x-apify-webhook",
    "x-apify-webhook-dispatch-id",
    "x-apify-request-origin",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];
const MASK: &str = "••••••••";
/// How much of a body a page shows.
const LONGEST_BODY: usize = 20_000;

/// The names of the headers that an owner has set, or whose values can be secrets.
pub(super) fn own_names(request: &Shown) -> Vec<String> {
    let names = request.headers.iter().map(|header| header.name.clone());
    let names: BTreeSet<_> = names
        .filter(|name| !OF_SYSTEM.contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    names.into_iter().collect()
}

/// A request, with the values of these headers masked.
pub(super) fn shown(request: &Shown, masked: &[String]) -> Markup {
    let value = |header: &Header| match masked.contains(&header.name) {
        true => MASK.to_owned(),
        false => header.value.clone(),
    };
    html! {
        pre.line tabindex="0" { (request.method) " " (without_password(&request.url)) }
        dl.headers {
            @for header in &request.headers {
                div { dt { (header.name) } dd class=[masked.contains(&header.name).then_some("masked")] { (value(header)) } }
            }
        }
        (body(&request.body))
    }
}

/// A body: JSON is laid out, whatever else is shown as it is.
pub(super) fn body(text: &str) -> Markup {
    let start = &text[..text.floor_char_boundary(LONGEST_BODY)];
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let shown = match is_json {
        true => laid_out(start),
        false => start.to_owned(),
    };
    html! {
        pre.body tabindex="0" { (shown) @if start.len() < text.len() { "\n… " (text.len() - start.len()) " more bytes" } }
    }
}

/// The start of a JSON text with line breaks where people want them. Nothing but blanks is changed:
/// neither an order nor a number.
fn laid_out(json: &str) -> String {
    let mut shown = String::with_capacity(2 * json.len());
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let line = |shown: &mut String, depth: usize| {
        shown.push('\n');
        shown.extend(std::iter::repeat_n("  ", depth.min(20)));
    };
    for (place, character) in json.char_indices() {
        if in_string {
            shown.push(character);
            in_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        let rest = json[place + character.len_utf8()..].trim_start();
        match character {
            ' ' | '\t' | '\r' | '\n' => {}
            '{' | '[' => {
                shown.push(character);
                depth += 1;
                if !rest.starts_with(['}', ']']) {
                    line(&mut shown, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !shown.ends_with(['{', '[']) {
                    line(&mut shown, depth);
                }
                shown.push(character);
            }
            ',' => {
                shown.push(',');
                line(&mut shown, depth);
            }
            ':' => shown.push_str(": "),
            _ => {
                in_string = character == '"';
                shown.push(character);
            }
        }
    }
    shown
}

/// The command that sends the same.
pub(super) fn as_curl(request: &Shown, masked: &[String]) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let mut command = format!("curl --request {} {}", request.method, quoted(&request.url));
    for header in &request.headers {
        // What curl sets by itself is right by itself.
        if ["host", "content-length", "accept-encoding"]
            .contains(&header.name.to_ascii_lowercase().as_str())
        {
            continue;
        }
        let value = match masked.contains(&header.name) {
            true => "…",
            false => &header.value,
        };
        let header = quoted(&format!("{}: {value}", header.name));
        command.push_str(&format!(" \\\n  --header {header}"));
    }
    command.push_str(&format!(" \\\n  --data-binary {}", quoted(&request.body)));
    command
}

/// The same with a password's place instead of the password.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(Some(MASK));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}

/// Which headers of a webhook's requests are masked.
pub(super) fn masked(webhook: Option<&Webhook>, request: &Shown) -> Vec<String> {
    let has_own = webhook.is_none_or(|webhook| webhook.definition.templates.headers.is_some());
    let names = own_names(request);
    if has_own {
        names
    } else {
        names
            .into_iter()
            .filter(|name| name == "authorization")
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Shown {
        let header = |(name, value): (&str, &str)| Header {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Shown {
            method: "POST",
            url: "https://me:hunter2@example.com/a?b=<i>".to_owned(),
            headers: [
                ("host", "example.com"),
                ("X-Key", "it's <secret>"),
                ("webhook-id", "S1"),
            ]
            .map(header)
            .into(),
            body: "{\"a\": \"<script>alert(1)</script>\"}".to_owned(),
        }
    }

    #[test]
    fn what_is_hostile_in_a_request_is_text() {
        let page = shown(&request(), &[]).into_string();
        assert!(
            !page.contains("<script") && !page.contains("<secret") && !page.contains("<i>"),
            "{page}"
        );
        assert!(!page.contains("hunter2"));
    }

    #[test]
    fn a_body_is_laid_out_and_keeps_its_order_and_its_numbers() {
        let json = r#"{"z":1.50,"a":[1,{}, []],"t":"{\"x\": [1,2]}","n":12345678901234567890.0}"#;
        let expected = r#"{
  "z": 1.50,
  "a": [
    1,
    {},
    []
  ],
  "t": "{\"x\": [1,2]}",
  "n": 12345678901234567890.0
}"#;
        assert_eq!(laid_out(json), expected);
        assert!(body("{\"a\": ").0.contains("{&quot;a&quot;: "));
        let long = body(&format!("\"{}\"", "é".repeat(LONGEST_BODY))).0;
        assert!(
            long.contains("20003 more bytes") && long.len() < 2 * LONGEST_BODY,
            "{}",
            long.len()
        );
    }

    #[test]
    fn what_an_owner_has_set_is_masked_until_it_is_asked_for() {
        let own = own_names(&request());
        assert_eq!(own, ["X-Key"]);
        assert!(!shown(&request(), &own).into_string().contains("secret"));
        assert!(!as_curl(&request(), &own).contains("secret"));
    }

    #[test]
    fn the_command_quotes_whatever_is_in_it() {
        let command = as_curl(&request(), &[]);
        assert!(command.contains(r"'X-Key: it'\''s <secret>'"), "{command}");
        assert!(!command.contains("'host"));
    }
}
