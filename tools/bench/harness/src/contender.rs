//! What is measured: the handlers, and what they are compared with.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::cargo::{Profile, build_release, main_workspace, tools_workspace};

/// An executable that Lambda could run.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) binary: PathBuf,
    /// Bytes of the binary.
    pub(crate) size: usize,
    /// Bytes of the zip that Lambda is given.
    pub(crate) zip_size: usize,
    /// Whether it rejects what it is sent with a wrong signature. The floors put everything on the bus.
    pub(crate) checks_signatures: bool,
}

impl Contender {
    /// This project's handler of webhooks, and what it is compared with.
    pub(crate) async fn of_webhooks() -> Result<[Self; 4]> {
        Ok([
            Self::ours("webhook").await?,
            Self::other("reference", Profile::Own).await?,
            Self { checks_signatures: false, ..Self::other("sdk-floor", Profile::Deployed).await? },
            Self { checks_signatures: false, ..Self::other("blocking-floor", Profile::Deployed).await? },
        ])
    }

    /// This project's handler that takes commands to Momento.
    pub(crate) async fn deliver() -> Result<Self> {
        Self::ours("deliver").await
    }

    /// This project's subscriber, and what it is compared with.
    pub(crate) async fn of_topics() -> Result<[Self; 2]> {
        Ok([Self::ours("subscribe").await?, Self::other("plain-subscriber", Profile::Own).await?])
    }

    async fn ours(name: &'static str) -> Result<Self> {
        let package = "cdk-momento-eventbridge-handler";
        Self::of(name, build_release(&main_workspace(), package, name, Profile::Own).await?)
    }

    async fn other(name: &'static str, profile: Profile) -> Result<Self> {
        Self::of(name, build_release(&tools_workspace(), name, name, profile).await?)
    }

    fn of(name: &'static str, binary: PathBuf) -> Result<Self> {
        let content = fs::read(&binary)?;
        Ok(Self { name, binary, size: content.len(), zip_size: zip(&content)?.len(), checks_signatures: true })
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
