//! A handler as a process, in the environment that Lambda gives it.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};
use tokio::process::{Child, Command};

use crate::usage::Usage;
use crate::world::Place;

/// How much of what a process said is shown when it fails.
const LAST_LINES: usize = 5;

/// A running process. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    id: u32,
    output: PathBuf,
    pub(crate) started: Instant,
}

impl Process {
    /// Starts `binary`, with what it says going to a file.
    pub(crate) fn start(binary: &Path, runtime_api: SocketAddr, place: &Place) -> Result<Self> {
        Self::spawn(Command::new(binary), runtime_api, place)
    }

    /// Starts a command that ends in a handler: the handler itself, or a tool with it as an argument.
    pub(crate) fn spawn(mut command: Command, runtime_api: SocketAddr, place: &Place) -> Result<Self> {
        let output = place.folder.join("output.log");
        let file = File::create(&output)?;
        command
            .env_clear()
            .envs([
                ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
                ("AWS_DEFAULT_REGION", "us-east-1"),
                ("AWS_EXECUTION_ENV", "AWS_Lambda_Image"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
                ("AWS_REGION", "us-east-1"),
                ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                ("AWS_SESSION_TOKEN", "bench"),
                ("LANG", "en_US.UTF-8"),
                ("PATH", "/usr/local/bin:/usr/bin:/bin"),
                ("TZ", ":UTC"),
            ])
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
            .envs(place.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&place.folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("{} cannot be started", command.as_std().get_program().display()))?;
        let id = child.id().context("it has already ended")?;
        Ok(Self { child, id, output, started })
    }

    /// Its number, for tools that look at it.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Where what it uses can be read.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(self.id)
    }

    /// Waits until it ends by itself, which it should not.
    pub(crate) async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    pub(crate) async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// The last of what it said.
    pub(crate) fn last_words(&self) -> String {
        let said = fs::read_to_string(&self.output).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
    }
}
