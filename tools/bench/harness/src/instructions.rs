//! How many instructions a handler executes, counted by valgrind: the one figure that a busy machine does not change.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::process::Command;
use tokio::time::sleep;

use crate::process::Process;
use crate::run::{Lambda, SETTLE_COUNTED, Work};
use crate::runtime_api::RuntimeApi;
use crate::world::Place;

/// How far two counts of the same may lie apart: hash tables and keys are random, and make a few thousandths.
const AGREEMENT: f64 = 0.004;
/// How often the same is counted for two counts to agree. Handlers have deadlines, and on a busy machine a process that valgrind
/// slows down misses them: then it fails, or it does something twice.
const MOST_RUNS: usize = 8;

/// Whether there is anything to count with.
pub(crate) async fn valgrind_is_here() -> bool {
    Command::new("valgrind").arg("--version").output().await.is_ok_and(|output| output.status.success())
}

/// The instructions in user mode of one process of `binary`, from `exec` until it has done this many invocations and waits for
/// the next. Fails unless two processes do all that they are given, in the same number of instructions.
pub(crate) async fn count<W: Work>(
    binary: &Path,
    place: &Place,
    mut work: impl FnMut() -> W,
    invocations: u32,
) -> Result<u64> {
    let mut counts = Vec::new();
    let mut failure = None;
    for _ in 0..MOST_RUNS {
        match count_once(binary, place, work(), invocations).await {
            Ok(count) => match counts.iter().copied().find(|other| agree(count, *other)) {
                Some(other) => return Ok(count.min(other)),
                None => counts.push(count),
            },
            Err(error) => failure = Some(error),
        }
    }
    let failure = failure.unwrap_or_else(|| anyhow!("no two of {counts:?} agree"));
    Err(failure.context(format!("the instructions of {} cannot be counted on this busy machine", binary.display())))
}

#[expect(clippy::cast_precision_loss, reason = "far from 2^53")]
fn agree(one: u64, other: u64) -> bool {
    one.abs_diff(other) as f64 <= one.min(other) as f64 * AGREEMENT
}

async fn count_once(binary: &Path, place: &Place, work: impl Work, invocations: u32) -> Result<u64> {
    let output = place.folder.join("callgrind.out");
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", output.display())).arg(binary);
    let api = RuntimeApi::start().await?;
    let mut process = Process::spawn(command, api.address(), place)?;
    let done = tokio::select! {
        biased;
        done = drive(api, work, invocations) => done,
        status = process.ended() => status.and_then(|status| bail!("it ended by itself: {status}")),
    };
    done.map_err(|error| anyhow!("{error:#}\nIt last said:\n{}", process.last_words()))?;
    process.terminate().await?;
    let profile = fs::read_to_string(&output).context("valgrind has counted nothing")?;
    total(&profile).context("valgrind's profile has no total")
}

async fn drive(api: RuntimeApi, mut work: impl Work, invocations: u32) -> Result<()> {
    let mut lambda = Lambda::new(api);
    lambda.ready().await?;
    for _ in 0..invocations {
        lambda.invoke(&mut work).await?;
    }
    sleep(SETTLE_COUNTED).await;
    Ok(())
}

/// The instructions of all threads (`Callgrind Format Specification` in valgrind's manual).
fn total(profile: &str) -> Option<u64> {
    profile.lines().find_map(|line| line.strip_prefix("totals:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_counts_agree_that_are_close() {
        assert!(agree(1_000_000, 1_004_000) && agree(1_004_000, 1_000_000));
        assert!(!agree(1_000_000, 1_004_001));
    }

    #[test]
    fn reads_the_total() {
        assert_eq!(total("version: 1\nsummary: 12\n\nfn=(1)\n0 12\ntotals: 345\n"), Some(345));
        assert_eq!(total("version: 1\n"), None);
    }
}
