//! Which functions a handler executes, and how many instructions, counted by valgrind: the one figure that a busy machine hardly
//! changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, anyhow, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

use crate::process::Process;
use crate::run::{Lambda, Work};
use crate::runtime_api::RuntimeApi;
use crate::world::Place;

/// What a process calls to wait, with tokio and with blocking sockets. Before it does, valgrind writes down what it has counted
/// since the last time.
const WAITS: [&str; 2] = ["epoll_wait", "recv"];
/// A process is at rest when it is found asleep so many times in a row.
const LOOKS: u32 = 10;
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// How often the same is counted in one process. The least is what it takes; more is something else that fell into it.
const REPETITIONS: usize = 5;
/// How many processes are counted.
const PROCESSES: usize = 2;
/// How many are started for that. Handlers have deadlines, and on a busy machine a process that valgrind slows down some fifty
/// times misses them: then it does something twice, or too late.
const MOST_PROCESSES: usize = 8;
/// The part of its CPU time for which a process may have waited for a core.
const MOST_WAITING: f64 = 0.25;

/// Whether there is anything to count with.
pub(crate) async fn valgrind_is_here() -> bool {
    Command::new("valgrind").arg("--version").output().await.is_ok_and(|output| output.status.success())
}

/// Counts something in several processes of `binary`, without those that had to wait for a core. Fails if it fails in one of the
/// others, or if there are not enough others.
pub(crate) async fn in_processes<T>(
    binary: &Path,
    place: &Place,
    mut count: impl AsyncFnMut(&mut Counted) -> Result<T>,
) -> Result<Vec<T>> {
    let mut counts = Vec::new();
    for _ in 0..MOST_PROCESSES {
        let mut process = Counted::spawn(binary, place).await?;
        let counted = count(&mut process).await;
        if process.had_a_core() {
            counts.push(counted?);
        }
        if counts.len() == PROCESSES {
            return Ok(counts);
        }
    }
    bail!("this machine is too busy to count the instructions of {}", binary.display())
}

/// What a process executed between two moments at which it was at rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The instructions of all threads.
    pub(crate) instructions: u64,
    /// The symbols of the functions, those of libraries among them. Addresses, if the binary has no symbols.
    pub(crate) functions: BTreeSet<String>,
}

/// A process under valgrind, whose instructions in user mode are counted while it lives. (An event is less than what the starts of
/// two processes differ by.)
pub(crate) struct Counted {
    process: Process,
    lambda: Lambda,
    /// Where valgrind puts a file for each time that the process waits.
    profiles: TempDir,
}

impl Counted {
    async fn spawn(binary: &Path, place: &Place) -> Result<Self> {
        let profiles = TempDir::new_in(&place.folder)?;
        let mut command = Command::new("valgrind");
        command
            .args(["--quiet", "--tool=callgrind", "--dump-line=no", "--demangle=no"])
            .args(WAITS.map(|function| format!("--dump-before={function}")))
            .arg(format!("--callgrind-out-file={}", profiles.path().join("profile").display()))
            .arg(binary);
        let api = RuntimeApi::start().await?;
        let process = Process::spawn(command, api.address(), place)?;
        Ok(Self { process, lambda: Lambda::new(api), profiles })
    }

    /// What it executes from `exec` until it is ready for work and at rest.
    pub(crate) async fn start(&mut self) -> Result<Profile> {
        self.count(async |lambda| lambda.ready().await.map(drop)).await
    }

    /// What it executes in the next invocation, and after it until the process is at rest.
    pub(crate) async fn invoke(&mut self, work: &mut impl Work) -> Result<Profile> {
        self.count(async |lambda| lambda.invoke(work).await.map(drop)).await
    }

    /// The same of an invocation that is like those before it.
    pub(crate) async fn repeat(&mut self, work: &mut impl Work) -> Result<Profile> {
        let mut least = self.invoke(work).await?;
        for _ in 1..REPETITIONS {
            let profile = self.invoke(work).await?;
            if profile.instructions < least.instructions {
                least = profile;
            }
        }
        Ok(least)
    }

    async fn count(&mut self, act: impl AsyncFnOnce(&mut Lambda) -> Result<()>) -> Result<Profile> {
        let acted = tokio::select! {
            biased;
            acted = act(&mut self.lambda) => acted,
            status = self.process.ended() => status.and_then(|status| bail!("it ended by itself: {status}")),
        };
        acted.map_err(|error| anyhow!("{error:#}\nIt last said:\n{}", self.process.last_words()))?;
        self.rest().await?;
        ensure!(self.had_a_core(), "it had to wait for a core");
        take_profiles(self.profiles.path())
    }

    async fn rest(&self) -> Result<()> {
        let usage = self.process.usage();
        let (mut looks, mut cpu) = (0, usage.cpu()?);
        while looks < LOOKS {
            sleep(LOOK_INTERVAL).await;
            let before = cpu;
            cpu = usage.cpu()?;
            looks = if cpu == before && usage.is_asleep()? { looks + 1 } else { 0 };
        }
        Ok(())
    }

    /// Whether it ran when it was ready to, so that it cannot have missed a deadline. A process that is gone did.
    fn had_a_core(&self) -> bool {
        let usage = self.process.usage();
        let (Ok(cpu), Ok(waiting)) = (usage.cpu(), usage.waiting_for_a_core()) else { return true };
        waiting <= cpu.mul_f64(MOST_WAITING)
    }
}

/// The sum of what valgrind has written into a folder, which is empty afterwards.
fn take_profiles(folder: &Path) -> Result<Profile> {
    let mut sum = Profile::default();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let profile = fs::read_to_string(&path)?;
        sum.instructions += total(&profile).unwrap_or_default();
        sum.functions.extend(functions(&profile).map(str::to_owned));
        fs::remove_file(path)?;
    }
    ensure!(sum.instructions > 0, "valgrind has counted nothing");
    Ok(sum)
}

/// The instructions of all threads (`Callgrind Format Specification` in valgrind's manual).
fn total(profile: &str) -> Option<u64> {
    profile.lines().find_map(|line| line.strip_prefix("totals:"))?.trim().parse().ok()
}

/// The functions that executed something or were called. A file has each name once, behind its number.
fn functions(profile: &str) -> impl Iterator<Item = &str> {
    profile.lines().filter_map(|line| {
        let function = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn="))?;
        function.split_once(") ").map(|(_, name)| name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_total() {
        assert_eq!(total("version: 1\nsummary: 12\n\nfn=(1)\n0 12\ntotals: 345\n"), Some(345));
        assert_eq!(total("version: 1\n"), None);
    }

    #[test]
    fn reads_the_functions_of_a_profile() {
        let profile = "ob=(1) /webhook\nfn=(1) main\n0 12\ncfn=(2) _RNvCs1_4core3run\ncalls=1 0\n0 8\n\nfn=(2)\n0 8\ntotals: 20\n";
        assert_eq!(functions(profile).collect::<Vec<_>>(), ["main", "_RNvCs1_4core3run"]);
    }

    #[test]
    fn counts_a_profile_once() {
        let folder = TempDir::new().unwrap();
        for (name, content) in [("profile", ""), ("profile.1", "totals: 40\n"), ("profile.2", "totals: 2\n")] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        assert_eq!(take_profiles(folder.path()).unwrap().instructions, 42);
        assert!(take_profiles(folder.path()).is_err());
    }
}
