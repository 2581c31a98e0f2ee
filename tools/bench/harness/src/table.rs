//! The tables: a row a quantity, a column a contender, and how they compare. They are Markdown, for a person and for the documents.

use serde_json::{Map, Value, json};

use crate::spread::Spread;

/// Some contenders, side by side.
pub(crate) struct Table {
    pub(crate) columns: Vec<&'static str>,
    /// Columns to divide: the first by the second.
    pub(crate) ratios: Vec<[usize; 2]>,
    pub(crate) rows: Vec<Row>,
}

/// A quantity.
pub(crate) struct Row {
    pub(crate) title: &'static str,
    /// After the point.
    pub(crate) digits: usize,
    /// Of each column; none where it has no such thing.
    pub(crate) values: Vec<Option<Spread>>,
}

impl Row {
    /// What some runs of each contender have measured.
    pub(crate) fn measured<R>(
        title: &'static str,
        digits: usize,
        runs: &[Vec<R>],
        value: impl Fn(&R) -> Option<f64>,
    ) -> Self {
        let values = runs.iter().map(|runs| runs.iter().map(&value).collect::<Option<Vec<f64>>>().map(Spread::of));
        Self { title, digits, values: values.collect() }
    }

    /// What there is one figure of, for each contender.
    pub(crate) fn of<T>(title: &'static str, digits: usize, all: &[T], value: impl Fn(&T) -> Option<f64>) -> Self {
        Self { title, digits, values: all.iter().map(|one| value(one).map(|value| Spread::of([value]))).collect() }
    }
}

impl Table {
    /// The median of a row in a column.
    pub(crate) fn median(&self, title: &str, column: usize) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.title == title)?;
        Some((*row.values.get(column)?)?.median)
    }

    /// For a person: medians, with the minimum in brackets where the runs differ.
    pub(crate) fn to_text(&self) -> String {
        let ratios = self.ratios.iter().map(|[one, other]| format!("{} ÷ {}", self.column(*one), self.column(*other)));
        let columns = self.columns.iter().map(|column| (*column).to_owned());
        let header = std::iter::once(String::new()).chain(columns).chain(ratios).collect();
        align(&std::iter::once(header).chain(self.rows.iter().map(|row| self.cells(row))).collect::<Vec<_>>())
    }

    fn column(&self, index: usize) -> &str {
        self.columns.get(index).copied().unwrap_or_default()
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let value = |spread: &Option<Spread>| spread.map_or_else(|| "–".to_owned(), |spread| shown(spread, row.digits));
        let median = |column: usize| row.values.get(column).copied().flatten().map(|spread| spread.median);
        let ratio = |[one, other]: &[usize; 2]| match (median(*one), median(*other)) {
            (Some(one), Some(other)) => format!("{:.2}", one / other),
            _ => "–".to_owned(),
        };
        let title = std::iter::once(row.title.to_owned());
        title.chain(row.values.iter().map(value)).chain(self.ratios.iter().map(ratio)).collect()
    }

    /// For a program: what each row has of each column, unrounded.
    pub(crate) fn to_json(&self) -> Value {
        let row = |row: &Row| {
            let values = self.columns.iter().zip(&row.values);
            let values: Map<String, Value> = values
                .map(|(column, value)| ((*column).to_owned(), value.map_or(Value::Null, Spread::to_json)))
                .collect();
            (row.title.to_owned(), Value::Object(values))
        };
        Value::Object(self.rows.iter().map(row).collect())
    }
}

fn shown(Spread { median, min, max }: Spread, digits: usize) -> String {
    if min < max { format!("{median:.digits$} ({min:.digits$})") } else { format!("{median:.digits$}") }
}

/// Sets the cells in columns: titles to the left, figures to the right.
fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default().max(3)).collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("| {cell:width$} ") } else { format!("| {cell:>width$} ") }
        });
        cells.collect::<String>() + "|\n"
    };
    let rule = widths.iter().enumerate().map(|(column, width)| match column {
        0 => "-".repeat(*width),
        _ => "-".repeat(width - 1) + ":",
    });
    let mut lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
    lines.insert(1.min(lines.len()), line(&rule.collect::<Vec<_>>()));
    lines.concat()
}

/// What the project wants of a figure, on `x86_64`. Never asserted: it is the machine's day too.
pub(crate) struct Target {
    pub(crate) title: &'static str,
    /// None if it was not measured.
    pub(crate) value: Option<f64>,
    pub(crate) limit: Limit,
}

/// Which way a figure is good.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    /// In a line.
    pub(crate) fn to_text(&self) -> String {
        let limit = match self.limit {
            Limit::AtMost(most) => format!("at most {most}"),
            Limit::AtLeast(least) => format!("at least {least}"),
        };
        let result = self.value.map_or_else(
            || "not measured".to_owned(),
            |value| format!("{value:.2}, {}", if self.is_met(value) { "met" } else { "missed" }),
        );
        format!("- {}, {limit}: {result}\n", self.title)
    }

    /// For a program.
    pub(crate) fn to_json(&self) -> Value {
        let (limit, most) = match self.limit {
            Limit::AtMost(most) => ("atMost", most),
            Limit::AtLeast(least) => ("atLeast", least),
        };
        json!({ "title": self.title, limit: most, "value": self.value, "met": self.value.map(|value| self.is_met(value)) })
    }

    fn is_met(&self, value: f64) -> bool {
        match self.limit {
            Limit::AtMost(most) => value <= most,
            Limit::AtLeast(least) => value >= least,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let rows = vec![
            Row::measured("start, ms", 1, &[vec![1., 2., 4.], vec![8.]], |value: &f64| Some(*value)),
            Row::of("refused", 0, &[Some(3.), None], |value| *value),
        ];
        Table { columns: vec!["ours", "other"], ratios: vec![[1, 0]], rows }
    }

    #[test]
    fn has_medians_minima_and_ratios() {
        let text = "\
            |           |      ours | other | other ÷ ours |\n\
            | --------- | --------: | ----: | -----------: |\n\
            | start, ms | 2.0 (1.0) |   8.0 |         4.00 |\n\
            | refused   |         3 |     – |            – |\n";
        assert_eq!(table().to_text(), text);
    }

    #[test]
    fn says_the_same_to_a_program() {
        let json = json!({
            "start, ms": {"ours": {"median": 2.0, "min": 1.0, "max": 4.0}, "other": {"median": 8.0, "min": 8.0, "max": 8.0}},
            "refused": {"ours": {"median": 3.0, "min": 3.0, "max": 3.0}, "other": null},
        });
        assert_eq!(table().to_json(), json);
    }

    #[test]
    fn finds_a_median() {
        assert_eq!(table().median("start, ms", 1), Some(8.));
        assert_eq!(table().median("refused", 1), None);
        assert_eq!(table().median("other", 1), None);
    }

    #[test]
    fn says_whether_a_target_is_met() {
        let target = |value, limit| Target { title: "start", value, limit }.to_text();
        assert_eq!(target(Some(2.), Limit::AtMost(2.)), "- start, at most 2: 2.00, met\n");
        assert_eq!(target(Some(2.1), Limit::AtMost(2.)), "- start, at most 2: 2.10, missed\n");
        assert_eq!(target(Some(2.), Limit::AtLeast(9.)), "- start, at least 9: 2.00, missed\n");
        assert_eq!(target(None, Limit::AtLeast(9.)), "- start, at least 9: not measured\n");
    }
}
