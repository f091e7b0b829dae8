//! A function's environment variables, all checked at once, so that an operator does not have to
//! deploy once for each mistake.

use std::fmt::{self, Display};
use std::num::ParseIntError;
use std::time::Duration;

/// Makes a struct of settings, each of which is an [`Option`] that is empty if its variable is
/// missing or bad. All are read, so that the error lists everything:
///
/// `settings!(env => Self { stack: env.text("STACK_NAME"), record: env.parsed("RECORD_DAYS", days) })`
#[macro_export]
macro_rules! settings {
    ($env:ident => Self { $($field:ident: $value:expr),+ $(,)? }) => {{
        $(let $field = $value;)+
        match ($($field,)+) {
            ($(Some($field),)+) => Ok(Self { $($field),+ }),
            _ => Err($env.error()),
        }
    }};
}

/// Reads variables and remembers what was wrong with them.
#[derive(Debug)]
pub struct Environment {
    lookup: fn(&str) -> Option<String>,
    problems: Vec<String>,
}

/// Everything that is wrong with the environment, in one line.
#[derive(PartialEq, Eq, thiserror::Error)]
#[error("bad environment: {}", .0.join("; "))]
pub struct EnvironmentError(Vec<String>);

impl fmt::Debug for EnvironmentError {
    /// The same line, because `main` prints errors by `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Environment {
    /// The environment of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge at which the environment is read"
    )]
    pub fn of_process() -> Self {
        Self {
            lookup: |name| std::env::var(name).ok(),
            problems: Vec::new(),
        }
    }

    /// A variable that must be set, and not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let value = (self.lookup)(name).filter(|value| !value.is_empty());
        if value.is_none() {
            self.problems.push(format!("{name} is missing"));
        }
        value
    }

    /// A variable that must be set, and valid.
    pub fn parsed<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        self.parse(name, &text, parse)
    }

    /// A variable that may be missing or empty, which means the same. If set, it must be valid.
    pub fn optional<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = (self.lookup)(name).unwrap_or_default();
        self.parse(name, &text, parse)
    }

    /// The same for a text that must not be seen: what is wrong with it is said without it.
    pub fn optional_unshown<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = (self.lookup)(name).unwrap_or_default();
        let problem = |error| format!("{name}: {error}");
        let parsed = parse(&text).map_err(problem);
        parsed.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// The function's memory, which Lambda sets for every function.
    pub fn memory_mebibytes(&mut self) -> Option<usize> {
        self.parsed("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str::parse)
    }

    fn parse<T, E: Display>(
        &mut self,
        name: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(format!("{name} {text:?}: {error}"));
                None
            }
        }
    }

    /// What was wrong with the variables that were read.
    pub fn error(self) -> EnvironmentError {
        EnvironmentError(self.problems)
    }
}

/// A number of days.
pub fn days(text: &str) -> Result<Duration, ParseIntError> {
    let days: u32 = text.parse()?;
    Ok(Duration::from_secs(u64::from(days) * 24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_lists_everything_that_is_missing_or_bad() {
        let lookup = |name: &str| match name {
            "GOOD" => Some("5".to_owned()),
            "BAD" => Some("five".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let mut environment = Environment {
            lookup,
            problems: Vec::new(),
        };
        assert_eq!(environment.parsed("GOOD", str::parse::<u32>), Some(5));
        assert_eq!(environment.parsed("BAD", str::parse::<u32>), None);
        assert_eq!(environment.text("EMPTY"), None);
        assert_eq!(environment.text("MISSING"), None);
        let length = |text: &str| Ok::<_, String>(text.len());
        assert_eq!(environment.optional("MISSING", length), Some(0));
        assert_eq!(environment.optional_unshown("MISSING", length), Some(0));
        let number = |text: &str| text.parse::<u32>();
        assert_eq!(environment.optional_unshown("BAD", number), None);
        assert_eq!(
            environment.error().to_string(),
            "bad environment: BAD \"five\": invalid digit found in string; EMPTY is missing; MISSING is missing; BAD: invalid digit found in string"
        );
    }
}
