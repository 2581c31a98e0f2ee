use std::time::Duration;

use momento_eventbridge::replay_guard::TableOutage;
use momento_eventbridge::settings::{RedriveSettings, SettingsError, WebhookSettings};
use momento_eventbridge::signature::SignatureAlgorithm;
use tracing::level_filters::LevelFilter;

fn read(changes: &[(&str, &str)]) -> Result<WebhookSettings, SettingsError> {
    let required = [("EVENT_BUS_NAME", "bus"), ("MOMENTO_SECRET_ID", "secret"), ("FALLBACK_QUEUE_URL", "queue")];
    let find = |variables: &[(&str, &str)], name: &str| {
        variables.iter().find(|variable| variable.0 == name).map(|variable| variable.1.to_owned())
    };
    WebhookSettings::read(|name| find(changes, name).or_else(|| find(&required, name)))
}

#[test]
fn what_has_a_default_may_be_absent_or_empty() {
    for settings in [read(&[]).unwrap(), read(&[("MAX_EVENT_AGE_MS", ""), ("LOG_LEVEL", "")]).unwrap()] {
        assert_eq!(settings.event_bus_name, "bus");
        assert_eq!(settings.momento_secret_id, "secret");
        assert_eq!(settings.fallback_queue_url, "queue");
        assert_eq!(settings.freshness.max_age, Duration::from_mins(1));
        assert_eq!(settings.freshness.max_clock_skew, Duration::from_secs(10));
        assert_eq!(settings.signature_algorithm, SignatureAlgorithm::HmacSha3_256);
        assert_eq!(settings.replay_table, None);
        assert_eq!(settings.log_level, LevelFilter::INFO);
    }
}

#[test]
fn every_setting_can_be_set() {
    let settings = read(&[
        ("MAX_EVENT_AGE_MS", "1"),
        ("MAX_CLOCK_SKEW_MS", "0"),
        ("SIGNATURE_ALGORITHM", "HMAC_SHA256"),
        ("REPLAY_TABLE_NAME", "table"),
        ("REPLAY_TABLE_OUTAGE", "REFUSE"),
        ("LOG_LEVEL", "debug"),
    ])
    .unwrap();
    assert_eq!(settings.freshness.max_age, Duration::from_millis(1));
    assert_eq!(settings.freshness.max_clock_skew, Duration::ZERO);
    assert_eq!(settings.signature_algorithm, SignatureAlgorithm::HmacSha256);
    assert_eq!(settings.replay_table, Some(("table".to_owned(), TableOutage::Refuse)));
    assert_eq!(settings.log_level, LevelFilter::DEBUG);
    let settings = read(&[("REPLAY_TABLE_NAME", "table")]).unwrap();
    assert_eq!(settings.replay_table, Some(("table".to_owned(), TableOutage::Accept)));
}

#[test]
fn what_has_no_default_is_named_when_it_is_missing() {
    for name in ["EVENT_BUS_NAME", "MOMENTO_SECRET_ID", "FALLBACK_QUEUE_URL"] {
        assert_eq!(read(&[(name, "")]), Err(SettingsError::Missing(name)));
    }
}

#[test]
fn what_is_malformed_is_named_on_one_line_with_what_it_has_to_be() {
    for (name, value) in [
        ("MAX_EVENT_AGE_MS", "0"),
        ("MAX_EVENT_AGE_MS", "-1"),
        ("MAX_EVENT_AGE_MS", "60 s"),
        ("MAX_CLOCK_SKEW_MS", "1.5"),
        ("SIGNATURE_ALGORITHM", "HMAC_MD5"),
        ("REPLAY_TABLE_OUTAGE", "PANIC"),
        ("LOG_LEVEL", "loud"),
    ] {
        let error = read(&[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(value), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
}

#[test]
fn the_redrive_handler_has_settings_of_its_own() {
    let read = |patience: &str| {
        RedriveSettings::read(|name| match name {
            "EVENT_BUS_NAME" => Some("bus".to_owned()),
            "FALLBACK_QUEUE_URL" => Some("fallback".to_owned()),
            "DEAD_LETTER_QUEUE_URL" => Some("dead".to_owned()),
            "PATIENCE_MS" => Some(patience.to_owned()),
            _ => None,
        })
    };
    let settings = read("").unwrap();
    assert_eq!(settings.event_bus_name, "bus");
    assert_eq!((settings.fallback_queue_url.as_str(), settings.dead_letter_queue_url.as_str()), ("fallback", "dead"));
    assert_eq!((settings.patience, settings.log_level), (Duration::from_hours(24), LevelFilter::INFO));
    assert_eq!(read("1500").unwrap().patience, Duration::from_millis(1_500));
    assert!(read("0").unwrap_err().to_string().contains("PATIENCE_MS"));
    assert_eq!(RedriveSettings::read(|_| None), Err(SettingsError::Missing("EVENT_BUS_NAME")));
}
