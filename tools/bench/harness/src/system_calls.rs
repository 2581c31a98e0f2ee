//! How many system calls an event takes, counted by strace.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::contender::Contender;
use crate::message::Webhooks;
use crate::run::in_process;
use crate::world::World;

/// Events before they are counted: the first ones open connections and files.
const BEFORE: u32 = 20;
const COUNTED: u32 = 200;
/// For strace to attach itself, and to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether there is anything to count with.
pub(crate) async fn strace_is_here() -> bool {
    Command::new("strace").arg("--version").output().await.is_ok_and(|output| output.status.success())
}

/// The system calls of a warm event, those of all threads.
pub(crate) async fn system_calls(contender: &Contender, world: &World) -> Result<f64> {
    let place = world.for_webhooks();
    let summary = place.folder.join("strace.out");
    in_process(&contender.binary, &place, async |mut session| {
        let mut webhooks = Webhooks::for_bus_of(&world.aws);
        session.repeat(&mut webhooks, BEFORE).await?;
        let mut strace = Command::new("strace")
            .args(["--follow-forks", "--summary-only", "--summary-columns=calls,name", "--attach"])
            .arg(session.id.to_string())
            .arg("--output")
            .arg(&summary)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = strace.stderr.take().context("strace has no standard error")?;
        let mut lines = BufReader::new(said).lines();
        let attached = timeout(PATIENCE, lines.next_line()).await.context("strace does not attach itself")??;
        ensure!(attached.as_ref().is_some_and(|line| line.contains("attached")), "strace said {attached:?}");
        for _ in 0..COUNTED {
            session.invoke(&mut webhooks).await?;
        }
        let id = strace.id().context("strace has ended")?;
        Command::new("kill").args(["-INT", &id.to_string()]).status().await?;
        timeout(PATIENCE, strace.wait()).await.context("strace does not end")??;
        let calls = total(&fs::read_to_string(&summary)?).context("strace has counted nothing")?;
        Ok(calls / f64::from(COUNTED))
    })
    .await
}

/// The last line of the summary, which strace's manual describes.
fn total(summary: &str) -> Option<f64> {
    summary.lines().find_map(|line| line.trim_start().strip_suffix(" total"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_total() {
        let summary = "    calls syscall\n--------- ----------------\n      400 write\n       12 futex\n--------- ----------------\n      412 total\n";
        assert_eq!(total(summary), Some(412.));
        assert_eq!(total(""), None);
    }
}
