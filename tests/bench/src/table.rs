//! The report for a human, fit to be pasted into a page of plain text.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter, Result};

use super::first_answer::ASKED;
use super::noisy::latencies::Latencies;
use super::report::{HottestKey, PerDelivery, ProgramFigures, Report};

/// What the project aims at, on a machine as the floors were measured on.
const CALLS_AIM: &str = "<= 0.70";
const START_AIM: &str = "<= 3.00";

/// How long the official clients wait for an answer.
const CLIENTS_TIMEOUT: &str = "< 5000";

/// How this program, which plays the platform, was built itself.
const BUILD: &str = if cfg!(debug_assertions) {
    "debug"
} else {
    "release"
};

const LABEL_WIDTH: usize = 34;
const CELL_WIDTH: usize = 9;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.write_run(f)?;
        writeln!(f)?;
        self.write_deliveries(f)?;
        writeln!(f)?;
        self.write_programs(f)?;
        writeln!(f)?;
        self.write_cost(f)
    }
}

impl Report {
    fn write_run(&self, f: &mut Formatter<'_>) -> Result {
        let Report {
            events,
            event_bytes,
            batch_size,
            events_per_second,
            missing,
            surplus,
            ..
        } = self;
        writeln!(f, "{}", self.machine)?;
        writeln!(
            f,
            "{events} events of {event_bytes:.0} bytes, one webhook for each, {} in a batch on average",
            (batch_size * 100.0).round() / 100.0
        )?;
        writeln!(
            f,
            "{events_per_second:.0} events per second, from sent to POST received, through the local platform ({BUILD} build)"
        )?;
        if let Some(pace) = self.pace {
            let Latencies {
                p50_millis,
                p99_millis,
                most_millis,
                ..
            } = self.latencies;
            writeln!(
                f,
                "{pace} events a second; from event to POST, in milliseconds: p50 {p50_millis:.1}, p99 {p99_millis:.1}, most {most_millis:.1}"
            )?;
        }
        match self.is_complete() {
            true => writeln!(f, "every event was POSTed exactly once"),
            false => writeln!(
                f,
                "{missing} events were not POSTed, and {surplus} POSTs were too many"
            ),
        }
    }

    fn write_deliveries(&self, f: &mut Formatter<'_>) -> Result {
        line(f, "per delivery", ["ingest", "deliver", "both", "aim"])?;
        let both = [&self.ingest, &self.deliver];
        let mut row = |label: &str, digits, aim: &str, figure: &dyn Fn(&PerDelivery) -> f64| {
            let [ingest, deliver] = both.map(figure);
            let [ingest, deliver, both] =
                [ingest, deliver, ingest + deliver].map(|figure| cell(figure, digits));
            line(f, label, [ingest, deliver, both, aim.to_owned()])
        };
        row("CPU µs", 0, "", &|function| function.cpu_micros)?;
        row("CPU µs, floor of these calls", 0, "", &|function| {
            function.cpu_floor_micros
        })?;
        let operations: BTreeSet<_> = both
            .iter()
            .flat_map(|function| function.calls.keys())
            .collect();
        for operation in operations {
            row(operation, 2, "", &|function| {
                function.calls.get(operation).copied().unwrap_or_default()
            })?;
        }
        let aim = self.pace.map_or(CALLS_AIM, |_| "");
        row("AWS calls in all", 2, aim, &PerDelivery::all_calls)?;
        row("DynamoDB write units", 2, "", &|function| {
            function.write_units
        })?;
        row("DynamoDB read units", 2, "", &|function| {
            function.read_units
        })?;
        self.write_hottest(f)
    }

    fn write_hottest(&self, f: &mut Formatter<'_>) -> Result {
        let Some(HottestKey {
            table,
            key,
            write_units,
            read_units,
            deliveries_per_second,
        }) = &self.hottest_key
        else {
            return Ok(());
        };
        writeln!(
            f,
            "\n- The hottest key, {key} of {table}, takes {write_units:.2} write and {read_units:.2} read units of each delivery: of \
             1,000 and 3,000 a second that is {deliveries_per_second:.0} deliveries a second."
        )
    }

    fn write_programs(&self, f: &mut Formatter<'_>) -> Result {
        let figures = |figure: fn(&ProgramFigures) -> f64, aim: &str| {
            let figures = self.programs.values().map(figure);
            let cells = figures.map(|figure| cell(figure, 2));
            cells.chain([aim.to_owned()]).collect::<Vec<_>>()
        };
        let names = self.programs.keys().map(String::as_str);
        line(f, "per function", names.chain(["aim"]))?;
        let starts = figures(|program| program.start_millis, START_AIM);
        line(f, "start to first poll, ms", starts)?;
        let answers = figures(
            |program| program.first_answer_millis.unwrap_or_default(),
            CLIENTS_TIMEOUT,
        );
        line(f, "start to first HTTP answer, ms", answers)?;
        let sizes = figures(|program| program.bytes as f64 / 1e6, "");
        line(f, "binary, MB", sizes)?;
        let peaks = figures(|program| program.peak_memory_bytes as f64 / 1e6, "");
        line(f, "peak memory, MB", peaks)?;
        writeln!(
            f,
            "\n- The first HTTP answer is that to GET {ASKED}, with its calls to DynamoDB, on this machine. Clients give up after 5 s."
        )
    }

    fn write_cost(&self, f: &mut Formatter<'_>) -> Result {
        line(f, "per million deliveries", ["$"])?;
        for part in &self.cost.parts {
            line(f, part.what, [cell(part.dollars, 2)])?;
        }
        line(
            f,
            "in all, us-east-1 list prices",
            [cell(self.cost.total, 2)],
        )?;
        writeln!(f)?;
        line(f, "and if", ["$"])?;
        for what_if in &self.cost.what_if {
            writeln!(f, "{:<80}{:>+9.2}", what_if.what, what_if.dollars)?;
        }
        writeln!(f)?;
        for assumption in &self.cost.assumptions {
            writeln!(f, "- {assumption}")?;
        }
        Ok(())
    }
}

fn line(f: &mut Formatter<'_>, label: &str, cells: impl IntoIterator<Item: Display>) -> Result {
    let cells = cells.into_iter().map(|cell| format!("{cell:>CELL_WIDTH$}"));
    let text = format!("{label:<LABEL_WIDTH$}{}", cells.collect::<String>());
    writeln!(f, "{}", text.trim_end())
}

/// A figure; nothing where there is none.
fn cell(figure: f64, digits: usize) -> String {
    match figure {
        0.0 => String::new(),
        figure => format!("{figure:.digits$}"),
    }
}
