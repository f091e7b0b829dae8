//! The curves for a human, fit to be pasted into a page of plain text.

use super::{Course, Curve, Point};

/// All curves, one below the other.
pub(super) fn of(curves: &[Curve]) -> String {
    let mut lines = vec![format!(
        "{:<28}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "per delivery", "ingest", "deliver", "CPU µs", "ingest", "deliver", "write", "read"
    )];
    lines.push(format!(
        "{:<28}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "", "CPU µs", "CPU µs", "in all", "calls", "calls", "units", "units"
    ));
    for curve in curves {
        let course = match curve.course {
            Course::Flat => "flat",
            Course::Falling => "not to grow",
            Course::Linear => "at most linear",
        };
        lines.push(format!("{} ({course})", curve.what));
        lines.extend(curve.points.iter().map(line));
    }
    lines.join("\n")
}

fn line(point: &Point) -> String {
    format!(
        "{:>28}{:>9.0}{:>9.0}{:>9.0}{:>9.2}{:>9.2}{:>9.2}{:>9.2}",
        point.at,
        point.ingest_micros,
        point.deliver_micros,
        point.micros(),
        point.ingest_calls,
        point.deliver_calls,
        point.write_units,
        point.read_units
    )
}
