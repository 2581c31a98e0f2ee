use std::time::Duration;

use momento_eventbridge::lambda::environment::SettingsError;
use momento_eventbridge::webhook::replay_guard::TableOutage;
use momento_eventbridge::webhook::settings::WebhookSettings;
use momento_signature::SignatureAlgorithm;

fn read(changes: &[(&str, &str)]) -> Result<WebhookSettings, SettingsError> {
    let required = [("EVENT_BUS_NAME", "bus"), ("MOMENTO_SECRET_ID", "secret"), ("FALLBACK_QUEUE_URL", "queue")];
    let find = |variables: &[(&str, &str)], name: &str| {
        variables.iter().find(|variable| variable.0 == name).map(|variable| variable.1.to_owned())
    };
    WebhookSettings::read(|name| find(changes, name).or_else(|| find(&required, name)))
}

#[test]
fn what_has_a_default_may_be_absent_or_empty() {
    for settings in [read(&[]).unwrap(), read(&[("MAX_EVENT_AGE_MS", "")]).unwrap()] {
        assert_eq!(settings.event_bus_name, "bus");
        assert_eq!(settings.momento_secret_id, "secret");
        assert_eq!(settings.fallback_queue_url, "queue");
        assert_eq!(settings.freshness.max_age, Duration::from_mins(1));
        assert_eq!(settings.freshness.max_clock_skew, Duration::from_secs(10));
        assert_eq!(settings.signature_algorithm, SignatureAlgorithm::HmacSha3_256);
        assert_eq!(settings.replay_table, None);
        assert_eq!(settings.previous_secret_validity, Duration::from_hours(24));
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
        ("PREVIOUS_SECRET_VALIDITY_MS", "0"),
    ])
    .unwrap();
    assert_eq!(settings.freshness.max_age, Duration::from_millis(1));
    assert_eq!(settings.freshness.max_clock_skew, Duration::ZERO);
    assert_eq!(settings.previous_secret_validity, Duration::ZERO);
    assert_eq!(settings.signature_algorithm, SignatureAlgorithm::HmacSha256);
    assert_eq!(settings.replay_table, Some(("table".to_owned(), TableOutage::Refuse)));
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
        ("PREVIOUS_SECRET_VALIDITY_MS", "a day"),
    ] {
        let error = read(&[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(value), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
}
