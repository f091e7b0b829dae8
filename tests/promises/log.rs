//! What the functions of a platform log, read after it has stopped, when nothing more can come.

use std::path::PathBuf;

use local::options::Options;
use serde_json::Value;

use crate::stage::Stage;

/// A log of one test's own.
pub(crate) struct Log(PathBuf);

impl Log {
    pub(crate) fn of(test: &str) -> Self {
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.log")))
    }

    /// A platform with these template parameters, whose functions write here.
    pub(crate) async fn stage(&self, parameters: &[(&str, &str)]) -> Stage {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let options = Options {
            parameters: parameters.iter().map(owned).collect(),
            clock_moves: true,
            quiet: true,
            log_file: Some(self.0.clone()),
            ..Options::default()
        };
        Stage::on(options).await
    }

    /// Everything that was written.
    pub(crate) async fn written(self, stage: Stage) -> String {
        stage.platform.stop().await.expect("the platform stops");
        let written = std::fs::read_to_string(&self.0).expect("a log");
        std::fs::remove_file(self.0).expect("a file that is ours");
        written
    }
}

/// The lines that count something, as CloudWatch reads them. Each begins with the name of its
/// function.
pub(crate) fn metric_lines(written: &str) -> Vec<Value> {
    let lines = written.lines().filter(|line| line.contains("\"_aws\""));
    lines
        .map(|line| {
            let (_, json) = line.split_once(' ').expect("a name and a line");
            serde_json::from_str(json.trim_start()).expect("JSON")
        })
        .collect()
}

/// The values of a metric, in order.
pub(crate) fn values(written: &str, metric: &str) -> Vec<u64> {
    let lines = metric_lines(written);
    lines
        .iter()
        .filter_map(|line| line[metric].as_u64())
        .collect()
}
