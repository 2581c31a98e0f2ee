//! What the kernel knows of a process.

use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// What reading the file of a thread says when that has ended after the file was opened (`ESRCH`).
const NO_SUCH_PROCESS: i32 = 3;

/// What a process uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    process: u32,
}

impl Usage {
    pub(crate) fn of(process: u32) -> Self {
        Self { process }
    }

    /// The CPU time of its threads so far, in user and kernel mode. (`/proc/PID/stat` has it too, to the 10 ms.)
    pub(crate) fn cpu(self) -> Result<Duration> {
        self.scheduled(0)
    }

    /// How long its threads were ready to run so far, and did not, because others had the cores.
    pub(crate) fn waiting_for_a_core(self) -> Result<Duration> {
        self.scheduled(1)
    }

    /// Whether all its threads wait for something.
    pub(crate) fn is_asleep(self) -> Result<bool> {
        Ok(self.threads("stat")?.iter().all(|stat| state(stat) == Some('S')))
    }

    fn scheduled(self, field: usize) -> Result<Duration> {
        let times = self.threads("schedstat")?.into_iter().map(|schedstat| time(&schedstat, field));
        times.sum::<Option<Duration>>().context("the kernel keeps no time of threads")
    }

    /// What a file says of each thread.
    fn threads(self, file: &str) -> Result<Vec<String>> {
        let mut contents = Vec::new();
        for thread in fs::read_dir(format!("/proc/{}/task", self.process))? {
            match fs::read_to_string(thread?.path().join(file)) {
                Ok(content) => contents.push(content),
                Err(error) if error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(NO_SUCH_PROCESS) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(contents)
    }

    /// The most memory it has had resident so far, in bytes.
    pub(crate) fn peak_memory(self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process))?;
        peak(&status).context("the kernel keeps no peak of memory")
    }
}

/// Of a thread: what stands behind its name, which is in parentheses and can have some itself.
fn state(stat: &str) -> Option<char> {
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}

fn time(schedstat: &str, field: usize) -> Option<Duration> {
    Some(Duration::from_nanos(schedstat.split(' ').nth(field)?.parse().ok()?))
}

fn peak(status: &str) -> Option<u64> {
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
    kibibytes.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_says() {
        assert_eq!(state("4711 (a (b) c) S 1 4711"), Some('S'));
        assert_eq!(time("151566 3799083 2\n", 0), Some(Duration::from_nanos(151_566)));
        assert_eq!(time("151566 3799083 2\n", 1), Some(Duration::from_nanos(3_799_083)));
        assert_eq!(peak("Name:\twebhook\nVmPeak:\t  9000 kB\nVmHWM:\t    7024 kB\n"), Some(7_192_576));
        assert_eq!(peak("Name:\twebhook\n"), None);
    }
}
