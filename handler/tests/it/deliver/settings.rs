use std::time::Duration;

use momento_eventbridge::command::event::CommandError;
use momento_eventbridge::command::sources::Sources;
use momento_eventbridge::deliver::call_rates::CallRates;
use momento_eventbridge::deliver::message::{MessageError, read};
use momento_eventbridge::deliver::rate_limit::CallRate;
use momento_eventbridge::deliver::retry_policy::RetryPolicy;
use momento_eventbridge::deliver::settings::DeliverSettings;
use momento_eventbridge::lambda::environment::SettingsError;
use momento_eventbridge::momento::api_key::ApiKeySettings;

fn read_deliver(changes: &[(&str, &str)]) -> Result<DeliverSettings, SettingsError> {
    let required = [
        ("MOMENTO_ENDPOINT", "https://momento.example"),
        ("MOMENTO_API_KEY_SECRET_ID", "secret"),
        ("EVENT_BUS_NAME", "bus"),
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
            event_bus_name: "bus".to_owned(),
            command_queue_url: "commands".to_owned(),
            dead_letter_queue_url: "dead".to_owned(),
            retry_policy: RetryPolicy { max_event_age: Duration::from_hours(1), retry_attempts: 185 },
            sources: Sources::default(),
            max_concurrent_calls: 10,
            call_rates: CallRates::default(),
        }
    );
    let settings = read_deliver(&[
        ("MOMENTO_ENDPOINT", "http://127.0.0.1:8080/momento/"),
        ("MOMENTO_API_KEY_FIELD", "apiKey"),
        ("MAX_EVENT_AGE_MS", "60000"),
        ("RETRY_ATTEMPTS", "0"),
        ("SOURCES", r#"["orders","weather \"x\""]"#),
        ("MAX_CONCURRENT_CALLS", "1"),
        ("CACHE_SET_PER_SECOND", "100"),
        ("CACHE_DELETE_PER_SECOND", "0.5"),
        ("TOPIC_PUBLISH_PER_SECOND", "10"),
    ])
    .unwrap();
    assert_eq!(settings.momento_endpoint, "http://127.0.0.1:8080/momento/");
    assert_eq!(settings.api_key.field, Some("apiKey".to_owned()));
    assert_eq!(settings.retry_policy, RetryPolicy { max_event_age: Duration::from_mins(1), retry_attempts: 0 });
    assert_eq!(settings.max_concurrent_calls, 1);
    let event = r#"{"source":"weather \"x\"","detail-type":"cacheDelete","detail":{"cacheName":"c","key":"k"}}"#;
    assert!(read(event, &settings.sources).is_ok());
    assert_eq!(
        read(&event.replace("weather", "others"), &settings.sources),
        Err(MessageError::NotACommand(CommandError::ForeignSource))
    );
    let rates = CallRates {
        cache_set: CallRate::per_second(100.),
        cache_delete: CallRate::per_second(0.5),
        topic_publish: CallRate::per_second(10.),
    };
    assert_eq!(settings.call_rates, rates);
}

#[test]
fn a_setting_of_the_deliver_handler_that_is_no_use_is_named() {
    for name in [
        "MOMENTO_ENDPOINT",
        "MOMENTO_API_KEY_SECRET_ID",
        "EVENT_BUS_NAME",
        "COMMAND_QUEUE_URL",
        "DEAD_LETTER_QUEUE_URL",
    ] {
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
        ("SOURCES", "orders"),
        ("SOURCES", "[]"),
        ("SOURCES", "[1]"),
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
