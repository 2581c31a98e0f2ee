//! From the changes of a DynamoDB table to commands for Momento: what `DynamoDbToMomento` has between the table's stream and
//! the event bus. Takes the batches that a pipe hands over, and answers each with the commands for the bus.

pub mod attribute;
mod change;
pub mod lifetime;
pub mod mapping;
pub mod metrics;
pub mod pipe_event;
pub mod settings;

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::queue::dead_letter::{DeadLetter, DeadLetterQueue, MessageAttribute};
use crate::retry::retry;
use crate::service_error::ServiceError;

use mapping::{MAX_BYTES_A_CHANGE, Mapped, Mapping};
use metrics::Tally;
use pipe_event::PipeEvent;

/// The message attribute that says why a record is a dead letter.
const REASON: &str = "Reason";
/// The most that the dead-letter queue takes of a record: 1 MiB for a message in SQS, less the message attributes.
const MAX_LETTER_BYTES: usize = 1024 * 1024 - 8 * 1024;
/// How long to try to reach the dead-letter queue for one batch, in a function that has 30 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a batch is to be handed over again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Its commands do not fit in one call of the bus. The pipe is told to halve a batch that fails.
    #[error("the commands of {records} records are {bytes} bytes, more than EventBridge takes in one call")]
    TooLarge {
        /// How many records.
        records: usize,
        /// How large their commands are.
        bytes: usize,
    },
    /// The dead-letter queue did not take a record, which would be nowhere else.
    #[error("the dead-letter queue did not take a record: {0}")]
    DeadLetterQueue(ServiceError),
}

/// The handler of a table's changes, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Changes<D> {
    mapping: Mapping,
    dead_letters: D,
    clock: Clock,
    random: fn() -> f64,
}

impl<D: DeadLetterQueue> Changes<D> {
    /// `random` spreads the retries: a number from 0 to 1, another one each time.
    pub fn new(mapping: Mapping, dead_letters: D, clock: Clock, random: fn() -> f64) -> Self {
        Self { mapping, dead_letters, clock, random }
    }

    /// The commands of a batch, in the order of its records. A record that can't become what it should is in the dead-letter
    /// queue then, and does not keep the others.
    ///
    /// # Errors
    /// See [`BatchError`].
    pub async fn handle(&self, records: &[Value]) -> Result<(Vec<PipeEvent>, Tally), BatchError> {
        let now = self.clock.now();
        let all_mapped: Vec<Mapped> = records.iter().map(|record| self.mapping.apply(record, now)).collect();
        let bytes = all_mapped.iter().map(Mapped::bytes).sum();
        if bytes > MAX_BYTES_A_CHANGE {
            return Err(BatchError::TooLarge { records: records.len(), bytes });
        }
        let deadline = Instant::now() + PATIENCE;
        let mut tally = Tally { changes: records.len(), ..Tally::default() };
        let mut events = Vec::new();
        for (record, mapped) in records.iter().zip(all_mapped) {
            if !mapped.errors.is_empty() {
                self.bury(record, &mapped, deadline).await?;
                tally.dead_lettered += 1;
            }
            events.extend(mapped.events);
        }
        tally.commands = events.len();
        Ok((events, tally))
    }

    async fn bury(&self, record: &Value, mapped: &Mapped, deadline: Instant) -> Result<(), BatchError> {
        let reasons: Vec<String> = mapped.errors.iter().map(ToString::to_string).collect();
        let (body, reason) = (record_json(record), reasons.join("; "));
        let letter = DeadLetter { body: &body, attributes: vec![(REASON, MessageAttribute::Text(reason.clone()))] };
        retry(deadline, self.random, || self.dead_letters.bury(&letter)).await.map_err(BatchError::DeadLetterQueue)?;
        let event_id = record.get("eventID").and_then(Value::as_str);
        tracing::warn!(event_id, reason, "moved a record to the dead-letter queue");
        Ok(())
    }
}

/// The record, in characters that SQS takes: it refuses U+FFFE and U+FFFF, which JSON allows, so they are escaped.
fn record_json(record: &Value) -> String {
    let json = |record: &Value| record.to_string().replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff");
    let whole = json(record);
    if whole.len() <= MAX_LETTER_BYTES {
        return whole;
    }
    let mut record = record.clone();
    if let Some(item) = record.get_mut("dynamodb").and_then(Value::as_object_mut) {
        item.remove("NewImage");
        item.remove("OldImage");
    }
    json(&record)
}
