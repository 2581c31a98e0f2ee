//! Builds a binary with Cargo and finds it, wherever Cargo is told to put what it builds.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

/// The reference compiles some 300 crates, one of them C.
const LONGEST_BUILD: Duration = Duration::from_mins(40);

/// The profile that a binary is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// The release profile of its own workspace.
    Own,
    /// The release profile of the main workspace, which is how the handlers are deployed.
    Deployed,
}

/// Builds `binary` of `package` in the workspace of `folder`. One package at a time: Cargo would give packages that it builds
/// together each other's features.
pub(crate) async fn build_release(folder: &Path, package: &str, binary: &str, profile: Profile) -> Result<PathBuf> {
    eprintln!("bench: building {binary}");
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--release", "--locked", "--quiet", "--message-format=json-render-diagnostics"]);
    // As scripts/build-handler.sh does for the handlers; the other packages have no build script that reads it.
    build.env("FUNCTION_ORDER", main_workspace().join("scripts/handler/function-order.ld"));
    if profile == Profile::Deployed {
        // A manifest is a configuration too, as far as it has profiles: the settings are in one place.
        build.arg("--config").arg(main_workspace().join("Cargo.toml"));
    }
    let build = build
        .args(["--package", package, "--bin", binary])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let output = timeout(LONGEST_BUILD, build)
        .await
        .with_context(|| format!("building {binary} takes too long"))?
        .context("no cargo")?;
    if !output.status.success() {
        bail!("cargo could not build {binary}");
    }
    executable(&String::from_utf8_lossy(&output.stdout), binary)
        .with_context(|| format!("cargo did not say where {binary} is"))
}

/// Where the handlers are.
pub(crate) fn main_workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Where this is.
pub(crate) fn tools_workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn executable(messages: &str, binary: &str) -> Option<PathBuf> {
    messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let is_it = message.pointer("/target/name")?.as_str()? == binary;
        message.get("executable")?.as_str().filter(|_| is_it).map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_executable_among_what_cargo_says() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"webhook"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/t/other"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"webhook"},"executable":"/t/webhook"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages, "webhook"), Some(PathBuf::from("/t/webhook")));
        assert_eq!(executable(messages, "absent"), None);
    }
}
