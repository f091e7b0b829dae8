//! What is wrong with a form: all of it, each thing at its field, and in templates at its line.

use domain::fields::FieldError;
use domain::request_url::RequestUrl;
use domain::target::check_host;
use domain::template::{HeadersTemplate, PayloadTemplate, TemplateError, refuse_half_pairs};
use maud::{Markup, html};

use super::Form;
use crate::Api;
use crate::error::ApiError;
use crate::webhooks::refuse_private;

/// What is wrong, by field.
#[derive(Debug, Default)]
pub(in crate::console) struct Problems(Vec<Problem>);

#[derive(Debug)]
struct Problem {
    field: String,
    words: String,
    /// Where in the text of the field, and the line there.
    place: Option<Place>,
}

#[derive(Debug)]
struct Place {
    line: usize,
    column: usize,
    text: String,
}

/// The fields that say by themselves what is wrong with them.
const FIELDS: [&str; 7] = [
    "title",
    "description",
    "eventTypes",
    "condition",
    "requestUrl",
    "payloadTemplate",
    "headersTemplate",
];
/// How much of a line is shown.
const AROUND: usize = 60;

impl Problems {
    /// What was refused, if that was a field.
    pub(in crate::console) fn of(error: ApiError) -> Result<Self, ApiError> {
        match error {
            ApiError::Field(FieldError { field, problem }) => Ok(Self(vec![Problem {
                field,
                words: problem,
                place: None,
            }])),
            other => Err(other),
        }
    }

    /// Everything that can be seen without asking anybody.
    pub(super) fn in_form(api: &Api, form: &Form) -> Self {
        let mut problems = Self::default();
        if form.events().next().is_none() {
            problems.add("eventTypes", "Choose at least one event.");
        }
        if form.text("conditionId").trim().is_empty() && form.given("conditionId").is_some() {
            problems.add("condition", "Say which actor, task or run it is for.");
        }
        let url = form.text("requestUrl");
        if !url.is_empty()
            && let Err(problem) = checked(api, url)
        {
            problems.add("requestUrl", &problem);
        }
        let interpolates = form.has("shouldInterpolateStrings", "on");
        problems.add_template("payloadTemplate", form.text("payloadTemplate"), |text| {
            PayloadTemplate::parse(text, interpolates).map(drop)
        });
        problems.add_template("headersTemplate", form.text("headersTemplate"), |text| {
            HeadersTemplate::parse(text, interpolates).map(drop)
        });
        problems
    }

    fn add(&mut self, field: &str, words: &str) {
        self.0.push(Problem {
            field: field.to_owned(),
            words: words.to_owned(),
            place: None,
        });
    }

    fn add_template(
        &mut self,
        field: &str,
        text: &str,
        parse: impl Fn(&str) -> Result<(), TemplateError>,
    ) {
        if text.is_empty() {
            return;
        }
        let Err(error) = parse(text).and_then(|()| refuse_half_pairs(text)) else {
            return;
        };
        let line = text.lines().nth(error.line - 1).unwrap_or_default();
        self.0.push(Problem {
            field: field.to_owned(),
            words: error.to_string(),
            place: Some(Place {
                line: error.line,
                column: error.column,
                text: line.to_owned(),
            }),
        });
    }

    fn of_field(&self, field: &str) -> impl Iterator<Item = &Problem> {
        self.0.iter().filter(move |problem| {
            problem.field == field || problem.field.starts_with(&format!("{field}."))
        })
    }

    /// What is wrong with a field, where the script puts what is wrong with it later.
    pub(super) fn at(&self, field: &str) -> Markup {
        html! {
            div.problem id={ "problem-" (field) } data-problem=(field) aria-live="polite" {
                @for problem in self.of_field(field) { (problem.shown()) }
            }
        }
    }

    /// What is wrong with each field.
    pub(super) fn shown(&self) -> Markup {
        html! { @for field in FIELDS { (self.at(field)) } }
    }

    /// That something is wrong, and what no field says by itself.
    pub(in crate::console) fn summary(&self) -> Markup {
        let others = self.0.iter().filter(|problem| {
            let mut fields = FIELDS.iter();
            !fields.any(|field| problem.field.split('.').next() == Some(*field))
        });
        html! {
            @if !self.0.is_empty() {
                div.notice.bad role="alert" {
                    p { "Not saved. Please correct the problems below." }
                    @for problem in others { p { (problem.field) ": " (problem.words) } }
                }
            }
        }
    }
}

impl Problem {
    fn shown(&self) -> Markup {
        html! {
            p { (self.words) }
            @if let Some(place) = &self.place {
                pre.place { (place.excerpt()) }
                button.link type="button" data-goto=(self.field) data-line=(place.line) data-column=(place.column) { "Go there" }
            }
        }
    }
}

impl Place {
    /// The line around the place, and a mark below it.
    fn excerpt(&self) -> String {
        let from = self.column.saturating_sub(AROUND / 2).max(1);
        let line: String = self.text.chars().skip(from - 1).take(AROUND).collect();
        let line = line.replace('\t', " ");
        format!("{line}\n{}^", " ".repeat(self.column - from))
    }
}

fn checked(api: &Api, url: &str) -> Result<(), String> {
    let url = RequestUrl::parse(url).map_err(|error| error.to_string())?;
    check_host(&url).map_err(|error| error.to_string())?;
    refuse_private(api, &url).map_err(|error| error.problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_shown_in_its_line_with_a_mark_below_it() {
        let mut problems = Problems::default();
        let text = "{\n\t\"run\": <b>\n}";
        problems.add_template("payloadTemplate", text, |text| {
            PayloadTemplate::parse(text, false).map(drop)
        });
        let shown = problems.shown().into_string();
        assert!(
            shown.contains(" &quot;run&quot;: &lt;b&gt;\n        ^"),
            "{shown}"
        );
        assert!(
            shown.contains("data-line=\"2\" data-column=\"9\""),
            "{shown}"
        );
    }

    #[test]
    fn the_mark_finds_its_place_in_a_very_long_line() {
        let text = format!("{{\"a\": \"{}\", x}}", "é".repeat(5000));
        let mut problems = Problems::default();
        problems.add_template("payloadTemplate", &text, |text| {
            PayloadTemplate::parse(text, false).map(drop)
        });
        let place = problems.0[0].place.as_ref().unwrap().excerpt();
        let (line, mark) = place.split_once('\n').unwrap();
        assert!(line.chars().count() <= AROUND, "{line}");
        assert_eq!(line.chars().nth(mark.len() - 1), Some('x'));
    }
}
