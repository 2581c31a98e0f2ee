//! All that a handler meets while it is measured: AWS, Momento, and a folder to run in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::aws::FakeAws;
use crate::certificates::Certificates;
use crate::message::detail_type;
use crate::momento::FakeMomento;

const QUEUE_URL: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/bench";

/// Where a handler is run.
pub(crate) struct Place {
    /// What Lambda sets, and what the handler is told.
    pub(crate) environment: Vec<(String, String)>,
    /// For what it prints.
    pub(crate) folder: PathBuf,
}

/// The fake services. They end, and the folder goes, when this is dropped.
pub(crate) struct World {
    pub(crate) aws: FakeAws,
    pub(crate) momento: FakeMomento,
    folder: TempDir,
}

impl World {
    pub(crate) async fn start() -> Result<Self> {
        let folder = TempDir::new().context("no temporary folder")?;
        let certificates = Certificates::generate()?;
        let trusted = folder.path().join("trusted.pem");
        fs::write(&trusted, certificates.trusted_pem())?;
        let aws = FakeAws::start(&certificates, trusted).await?;
        let momento = FakeMomento::start(&certificates).await?;
        Ok(Self { aws, momento, folder })
    }

    /// For a handler of webhooks.
    pub(crate) fn for_webhooks(&self) -> Place {
        self.place(&[
            ("EVENT_BUS_NAME", "bench"),
            ("FALLBACK_QUEUE_URL", QUEUE_URL),
            ("MOMENTO_SECRET_ID", "bench"),
            // The floors don't look for it in the message.
            ("DETAIL_TYPE", &detail_type()),
        ])
    }

    /// For the handler of commands, making at most so many calls at a time.
    pub(crate) fn for_commands(&self, max_concurrent_calls: &str) -> Place {
        self.place(&[
            ("COMMAND_QUEUE_URL", QUEUE_URL),
            ("EVENT_BUS_NAME", "bench"),
            ("DEAD_LETTER_QUEUE_URL", QUEUE_URL),
            ("MAX_CONCURRENT_CALLS", max_concurrent_calls),
            ("MOMENTO_API_KEY_FIELD", "momentoSecret"),
            ("MOMENTO_API_KEY_SECRET_ID", "bench"),
            ("MOMENTO_ENDPOINT", &self.momento.endpoint()),
        ])
    }

    /// For a subscriber to the topics of a local Momento.
    pub(crate) fn for_topics(&self, momento_endpoint: &str) -> Place {
        self.place(&[
            ("CHECKPOINT_TABLE_NAME", "bench"),
            ("EVENT_BUS_NAME", "bench"),
            ("FALLBACK_QUEUE_URL", QUEUE_URL),
            ("MOMENTO_API_KEY_FIELD", "momentoSecret"),
            ("MOMENTO_API_KEY_SECRET_ID", "bench"),
            ("MOMENTO_ENDPOINT", momento_endpoint),
        ])
    }

    fn place(&self, settings: &[(&str, &str)]) -> Place {
        let settings = settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        let environment = self.aws.environment().into_iter().chain(settings).collect();
        Place { environment, folder: Path::to_owned(self.folder.path()) }
    }
}
