//! Prints a command to set a cache item, as an entry for `aws events put-events`:
//!
//! ```sh
//! cargo run --example command_entry -- CACHE KEY VALUE >entries.json
//! aws events put-events --entries file://entries.json
//! ```
use std::error::Error;

use momento_eventbridge::command::{Command, Key, Message, Name};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = |name: &str| words.next().ok_or_else(|| format!("{name} is missing"));
    let command = Command::CacheSet {
        cache: Name::try_from(word("CACHE")?.as_str())?,
        key: Key::try_from(word("KEY")?.as_str())?,
        message: Message::from(word("VALUE")?.as_str()),
        ttl_seconds: 3600.try_into()?,
    };
    let entry = json!({
        "Source": "orders",
        "DetailType": command.detail_type(),
        "Detail": command.detail().to_string(),
    });
    println!("{}", json!([entry]));
    Ok(())
}
