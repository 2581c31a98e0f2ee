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
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process))? {
            match fs::read_to_string(thread?.path().join("schedstat")) {
                Ok(schedstat) => nanos += on_cpu(&schedstat).context("the kernel keeps no time of threads")?,
                Err(error) if error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(NO_SUCH_PROCESS) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// The most memory it has had resident so far, in bytes.
    pub(crate) fn peak_memory(self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process))?;
        peak(&status).context("the kernel keeps no peak of memory")
    }
}

fn on_cpu(schedstat: &str) -> Option<u64> {
    schedstat.split(' ').next()?.parse().ok()
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
        assert_eq!(on_cpu("151566 3799083 2\n"), Some(151_566));
        assert_eq!(peak("Name:\twebhook\nVmPeak:\t  9000 kB\nVmHWM:\t    7024 kB\n"), Some(7_192_576));
        assert_eq!(peak("Name:\twebhook\n"), None);
    }
}
