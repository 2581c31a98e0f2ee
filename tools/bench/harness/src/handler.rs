//! The handlers that are measured.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::cargo::build_release;

/// A handler, built as it is deployed.
pub(crate) struct Handler {
    pub(crate) name: &'static str,
    pub(crate) binary: PathBuf,
    /// Bytes of the binary.
    pub(crate) size: usize,
    /// Bytes of the zip that Lambda is given.
    pub(crate) zip_size: usize,
}

impl Handler {
    /// This project's handler of webhooks.
    pub(crate) async fn webhook() -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        Self::build("webhook", &workspace, "cdk-momento-eventbridge-handler").await
    }

    /// This project's handler that takes commands to Momento.
    pub(crate) async fn deliver() -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        Self::build("deliver", &workspace, "cdk-momento-eventbridge-handler").await
    }

    /// The one to compare the webhook handler with.
    pub(crate) async fn reference() -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Self::build("reference", &workspace, "reference").await
    }

    async fn build(name: &'static str, workspace: &Path, package: &str) -> Result<Self> {
        let binary = build_release(workspace, package, name).await?;
        let content = fs::read(&binary)?;
        Ok(Self { name, binary, size: content.len(), zip_size: zip(&content)?.len() })
    }
}

fn zip(binary: &[u8]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    zip.write_all(binary)?;
    Ok(zip.finish()?.into_inner())
}
