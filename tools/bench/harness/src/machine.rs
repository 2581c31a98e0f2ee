//! The machine that measures, in a line: figures mean nothing without it.

use std::fs;
use std::thread::available_parallelism;

use anyhow::Result;

pub(crate) fn describe() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo")?;
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(format!(
        "{}, {} cores, {}, Linux {}, load {}",
        model(&cpus).unwrap_or("unknown CPU"),
        available_parallelism()?,
        std::env::consts::ARCH,
        fs::read_to_string("/proc/sys/kernel/osrelease")?.trim(),
        load.split(' ').next().unwrap_or("unknown"),
    ))
}

/// The first core's name, where the architecture has one.
fn model(cpus: &str) -> Option<&str> {
    cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, model)| model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_model() {
        assert_eq!(model("processor\t: 0\nmodel name\t: Fast CPU\nmodel name\t: Other\n"), Some("Fast CPU"));
        assert_eq!(model("processor\t: 0\n"), None);
    }
}
