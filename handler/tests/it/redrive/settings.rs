use std::time::Duration;

use momento_eventbridge::lambda::environment::SettingsError;
use momento_eventbridge::redrive::settings::RedriveSettings;

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
    assert_eq!(settings.patience, Duration::from_hours(24));
    assert_eq!(read("1500").unwrap().patience, Duration::from_millis(1_500));
    assert!(read("0").unwrap_err().to_string().contains("PATIENCE_MS"));
    assert_eq!(RedriveSettings::read(|_| None), Err(SettingsError::Missing("EVENT_BUS_NAME")));
}
