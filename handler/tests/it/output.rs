//! What a handler writes: the messages of its log with their fields, and its metrics with their dimensions. `tests/output` has it
//! for each handler; the tests of the dashboard and of the log queries read it there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use serde::Serialize;
use serde_json::Value;

/// What every line of the log has.
const COMMON: [&str; 3] = ["timestamp", "level", "message"];

#[derive(Debug, Default, Serialize)]
pub(crate) struct Output {
    logs: BTreeMap<String, BTreeSet<String>>,
    metrics: BTreeMap<String, BTreeSet<Vec<String>>>,
}

impl Output {
    /// Adds the lines of a log.
    pub(crate) fn log(&mut self, text: &str) {
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let fields = line.as_object().unwrap().keys().filter(|field| !COMMON.contains(&field.as_str())).cloned();
            self.logs.entry(line["message"].as_str().unwrap().to_owned()).or_default().extend(fields);
        }
    }

    /// Adds a line of metrics.
    pub(crate) fn metrics(&mut self, line: &Value) {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let dimensions: BTreeSet<Vec<String>> = serde_json::from_value(directive["Dimensions"].clone()).unwrap();
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap().to_owned();
            self.metrics.entry(name).or_default().extend(dimensions.clone());
        }
    }

    /// Fails if the file of the handler has something else. With `UPDATE_OUTPUT=1`, writes it.
    pub(crate) fn is_that_of(&self, handler: &str) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/output/{handler}.json"));
        let text = format!("{}\n", serde_json::to_string_pretty(self).unwrap());
        if env::var("UPDATE_OUTPUT").is_ok() {
            fs::write(&file, &text).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap();
        assert_eq!(text, kept, "UPDATE_OUTPUT=1 cargo test output, and read the difference");
    }
}
