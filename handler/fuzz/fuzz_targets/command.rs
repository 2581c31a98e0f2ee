//! Any text as the event that carries a command: nothing panics, and what is accepted is sent again as the same command and
//! makes a URL with nothing in it but what the API documents.

#![no_main]

use libfuzzer_sys::fuzz_target;
use momento_eventbridge::command::{Command, Name};
use momento_eventbridge::momento::call::MomentoCall;

fuzz_target!(|event: &str| {
    let Ok(command) = Command::from_event(event) else { return };
    let entry = command.to_entry(&Name::try_from("fuzz").expect("it is not empty"), None);
    let (detail_type, detail) = (entry.detail_type().unwrap(), entry.detail().unwrap());
    let sent = format!(r#"{{"detail-type":"{detail_type}","detail":{detail}}}"#);
    assert_eq!(Command::from_event(&sent).as_ref(), Ok(&command));
    let url = MomentoCall::from(&command).path_and_query;
    assert!(url.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%/?=&".contains(&byte)), "{url}");
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let segments = match command {
        Command::CacheSet { .. } | Command::CacheDelete { .. } => 2,
        Command::TopicPublish { .. } => 3,
    };
    assert_eq!(path.split('/').skip(1).filter(|segment| !matches!(*segment, "" | "." | "..")).count(), segments);
    assert!(query.split('&').all(|pair| pair.is_empty() || pair.split('=').count() == 2));
});
