use std::time::Duration;

use momento_eventbridge::deliver::rate_limit::CallRate;
use momento_eventbridge::deliver::{CallRates, RetryPolicy};
use momento_eventbridge::lambda::environment::{
    ApiKeySettings, DeliverSettings, FollowRotationSettings, RedriveSettings, SettingsError, WebhookSettings,
};
use momento_eventbridge::webhook::replay_guard::TableOutage;
use momento_signature::SignatureAlgorithm;
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

fn read_deliver(changes: &[(&str, &str)]) -> Result<DeliverSettings, SettingsError> {
    let required = [
        ("MOMENTO_ENDPOINT", "https://momento.example"),
        ("MOMENTO_API_KEY_SECRET_ID", "secret"),
        ("COMMAND_QUEUE_URL", "commands"),
        ("DEAD_LETTER_QUEUE_URL", "dead"),
    ];
    let find = |variables: &[(&str, &str)], name: &str| {
        variables.iter().find(|variable| variable.0 == name).map(|variable| variable.1.to_owned())
    };
    DeliverSettings::read(|name| find(changes, name).or_else(|| find(&required, name)))
}

#[test]
fn the_deliver_handler_has_settings_of_its_own() {
    assert_eq!(
        read_deliver(&[]).unwrap(),
        DeliverSettings {
            momento_endpoint: "https://momento.example".to_owned(),
            api_key: ApiKeySettings { secret_id: "secret".to_owned(), field: None },
            command_queue_url: "commands".to_owned(),
            dead_letter_queue_url: "dead".to_owned(),
            retry_policy: RetryPolicy { max_event_age: Duration::from_hours(1), retry_attempts: 185 },
            max_concurrent_calls: 10,
            call_rates: CallRates::default(),
            log_level: LevelFilter::INFO,
        }
    );
    let settings = read_deliver(&[
        ("MOMENTO_ENDPOINT", "http://127.0.0.1:8080/momento/"),
        ("MOMENTO_API_KEY_FIELD", "apiKey"),
        ("MAX_EVENT_AGE_MS", "60000"),
        ("RETRY_ATTEMPTS", "0"),
        ("MAX_CONCURRENT_CALLS", "1"),
        ("CACHE_SET_PER_SECOND", "100"),
        ("CACHE_DELETE_PER_SECOND", "0.5"),
        ("TOPIC_PUBLISH_PER_SECOND", "10"),
        ("LOG_LEVEL", "warn"),
    ])
    .unwrap();
    assert_eq!(settings.momento_endpoint, "http://127.0.0.1:8080/momento/");
    assert_eq!(settings.api_key.field, Some("apiKey".to_owned()));
    assert_eq!(settings.retry_policy, RetryPolicy { max_event_age: Duration::from_mins(1), retry_attempts: 0 });
    assert_eq!((settings.max_concurrent_calls, settings.log_level), (1, LevelFilter::WARN));
    let rates = CallRates {
        cache_set: CallRate::per_second(100.),
        cache_delete: CallRate::per_second(0.5),
        topic_publish: CallRate::per_second(10.),
    };
    assert_eq!(settings.call_rates, rates);
}

#[test]
fn a_setting_of_the_deliver_handler_that_is_no_use_is_named() {
    for name in ["MOMENTO_ENDPOINT", "MOMENTO_API_KEY_SECRET_ID", "COMMAND_QUEUE_URL", "DEAD_LETTER_QUEUE_URL"] {
        assert_eq!(read_deliver(&[(name, "")]), Err(SettingsError::Missing(name)));
    }
    for (name, value) in [
        ("MOMENTO_ENDPOINT", "momento.example"),
        ("MOMENTO_ENDPOINT", "https://"),
        ("MOMENTO_ENDPOINT", "https:///path"),
        ("MOMENTO_ENDPOINT", "https://momento.example?x=y"),
        ("MOMENTO_ENDPOINT", "https://user@momento.example"),
        ("MOMENTO_ENDPOINT", "https://momento.example#x"),
        ("MOMENTO_ENDPOINT", "https://momento example"),
        ("RETRY_ATTEMPTS", "-1"),
        ("RETRY_ATTEMPTS", "many"),
        ("MAX_EVENT_AGE_MS", "0"),
        ("MAX_CONCURRENT_CALLS", "0"),
        ("CACHE_SET_PER_SECOND", "0"),
        ("CACHE_DELETE_PER_SECOND", "-1"),
        ("TOPIC_PUBLISH_PER_SECOND", "ten"),
        ("TOPIC_PUBLISH_PER_SECOND", "NaN"),
    ] {
        let error = read_deliver(&[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(value), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
}

#[test]
fn the_handler_that_follows_a_rotation_has_settings_of_its_own() {
    let read = |connection: &str| {
        FollowRotationSettings::read(|name| match name {
            "CONNECTION_NAME" => Some(connection.to_owned()),
            "MOMENTO_API_KEY_SECRET_ID" => Some("secret".to_owned()),
            "MOMENTO_API_KEY_FIELD" => Some("apiKey".to_owned()),
            _ => None,
        })
    };
    let settings = FollowRotationSettings {
        connection_name: "connection".to_owned(),
        api_key: ApiKeySettings { secret_id: "secret".to_owned(), field: Some("apiKey".to_owned()) },
        log_level: LevelFilter::INFO,
    };
    assert_eq!(read("connection"), Ok(settings));
    assert_eq!(read(""), Err(SettingsError::Missing("CONNECTION_NAME")));
    let without_secret = FollowRotationSettings::read(|name| (name == "CONNECTION_NAME").then(|| "x".to_owned()));
    assert_eq!(without_secret, Err(SettingsError::Missing("MOMENTO_API_KEY_SECRET_ID")));
}
