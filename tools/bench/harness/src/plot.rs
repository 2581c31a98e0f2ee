//! The plot: panels of bars as an SVG that follows the reader's light or dark theme.

use std::fmt::Write as _;

/// One quantity of all contenders.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    /// After the point.
    pub(crate) digits: usize,
    pub(crate) bars: Vec<Bar>,
}

/// A contender's.
pub(crate) struct Bar {
    pub(crate) label: &'static str,
    pub(crate) value: f64,
    /// Which is the one to look at.
    pub(crate) is_ours: bool,
}

const WIDTH: usize = 720;
const MARGIN: usize = 24;
/// Where the bars begin, and how long the longest is: beside it there is room for its figure.
const BARS_AT: usize = 170;
const LONGEST: f64 = 430.;
const TITLE: usize = 40;
const BAR: usize = 26;
const GAP: usize = 8;
const BETWEEN_PANELS: usize = 20;

const STYLE: &str = "
    svg { --ink: #1f2328; --faint: #59636e; --paper: #ffffff; --ours: #bc4c00; --other: #afb8c1; }
    @media (prefers-color-scheme: dark) {
      svg { --ink: #f0f6fc; --faint: #9198a1; --paper: #0d1117; --ours: #f0883e; --other: #3d444d; }
    }
    .paper { fill: var(--paper); }
    .bar { fill: var(--other); }
    .ours { fill: var(--ours); }
    text { font: 14px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: var(--ink); }
    .title { font-size: 16px; font-weight: 600; }
    .label { text-anchor: end; }
    .strong { font-weight: 600; }
    .note { font-size: 12px; fill: var(--faint); }
";

/// Draws the panels, one under the other; `note` says in a line where the figures come from.
pub(crate) fn draw(title: &str, note: &str, panels: &[Panel]) -> String {
    let mut body = String::new();
    let mut y = MARGIN;
    for panel in panels {
        y = draw_panel(&mut body, panel, y) + BETWEEN_PANELS;
    }
    let _ = writeln!(body, "  <text class=\"note\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", escape(note));
    let height = y + MARGIN;
    let description = panels.iter().map(describe).collect::<Vec<_>>().join(" ");
    let title = escape(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title description\">\n  \
         <title id=\"title\">{title}</title>\n  <desc id=\"description\">{}</desc>\n  <style>{STYLE}  </style>\n  \
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" />\n{body}</svg>\n",
        escape(&description),
    )
}

/// Draws a panel from `top` on; returns where it ends.
fn draw_panel(body: &mut String, panel: &Panel, top: usize) -> usize {
    let longest = panel.bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let _ = writeln!(
        body,
        "  <text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{}, {}</text>",
        top + 16,
        escape(panel.title),
        escape(panel.unit),
    );
    let mut y = top + TITLE;
    for bar in &panel.bars {
        let length = bar.value / longest * LONGEST;
        let (class, strong) = if bar.is_ours { ("bar ours", " strong") } else { ("bar", "") };
        let (label_at, middle) = (BARS_AT - 10, y + BAR / 2 + 5);
        #[expect(clippy::cast_precision_loss, reason = "a place on a page")]
        let figure_at = BARS_AT as f64 + length + 8.;
        let _ = writeln!(
            body,
            "  <text class=\"label{strong}\" x=\"{label_at}\" y=\"{middle}\">{}</text>\n  \
             <rect class=\"{class}\" x=\"{BARS_AT}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"3\" />\n  \
             <text class=\"figure{strong}\" x=\"{figure_at:.1}\" y=\"{middle}\">{}</text>",
            escape(bar.label),
            figure(panel, bar),
        );
        y += BAR + GAP;
    }
    y
}

fn figure(panel: &Panel, bar: &Bar) -> String {
    format!("{:.*}", panel.digits, bar.value)
}

/// The panel in words, for who does not see it.
fn describe(panel: &Panel) -> String {
    let bars = panel.bars.iter().map(|bar| format!("{} {}", bar.label, figure(panel, bar)));
    format!("{}, {}: {}.", panel.title, panel.unit, bars.collect::<Vec<_>>().join(", "))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_bars_to_scale_and_says_the_same_in_words() {
        let bar = |label, value| Bar { label, value, is_ours: label == "ours" };
        let panel = Panel { title: "Start", unit: "ms", digits: 1, bars: vec![bar("ours", 5.), bar("other", 20.)] };
        let svg = draw("Benchmark", "a & b", &[panel]);
        assert!(svg.contains("<rect class=\"bar ours\" x=\"170\" y=\"64\" width=\"107.5\""), "{svg}");
        assert!(svg.contains("<rect class=\"bar\" x=\"170\" y=\"98\" width=\"430.0\""), "{svg}");
        assert!(svg.contains("Start, ms: ours 5.0, other 20.0.</desc>"), "{svg}");
        assert!(svg.contains("a &amp; b</text>"), "{svg}");
    }
}
