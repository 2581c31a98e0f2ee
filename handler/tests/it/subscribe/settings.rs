use std::time::Duration;

use momento_eventbridge::lambda::environment::SettingsError;
use momento_eventbridge::subscribe::settings::{SubscribeSettings, Times};

use super::world::settings;

fn read(overrides: &[(&str, &str)]) -> Result<SubscribeSettings, SettingsError> {
    SubscribeSettings::read(|name| {
        let given = overrides.iter().find(|(overridden, _)| *overridden == name);
        let value = given.map(|(_, value)| *value).or(match name {
            "EVENT_BUS_NAME" => Some("bus"),
            "FALLBACK_QUEUE_URL" => Some("queue"),
            "MOMENTO_ENDPOINT" => Some("https://momento"),
            "MOMENTO_API_KEY_SECRET_ID" => Some("secret"),
            "CHECKPOINT_TABLE_NAME" => Some("table"),
            _ => None,
        });
        value.map(str::to_owned)
    })
}

#[test]
fn the_settings_have_the_defaults_that_are_documented() {
    let seconds = Duration::from_secs;
    let times =
        Times { lease_validity: seconds(30), lease_renewal: seconds(10), hand_over: seconds(90), silence: seconds(60) };
    assert_eq!(read(&[]), Ok(SubscribeSettings { times, ..settings() }));
    let shorter =
        [("LEASE_VALIDITY_MS", "3000"), ("LEASE_RENEWAL_MS", "1000"), ("HAND_OVER_MS", "5"), ("SILENCE_MS", "7")];
    let millis = Duration::from_millis;
    let times =
        Times { lease_validity: seconds(3), lease_renewal: seconds(1), hand_over: millis(5), silence: millis(7) };
    assert_eq!(read(&shorter).unwrap().times, times);
    assert_eq!(read(&[("MOMENTO_API_KEY_FIELD", "key")]).unwrap().api_key.field.as_deref(), Some("key"));
}

#[test]
fn a_setting_that_is_missing_or_makes_no_sense_is_named() {
    for name in [
        "EVENT_BUS_NAME",
        "FALLBACK_QUEUE_URL",
        "MOMENTO_ENDPOINT",
        "MOMENTO_API_KEY_SECRET_ID",
        "CHECKPOINT_TABLE_NAME",
    ] {
        assert!(read(&[(name, "")]).unwrap_err().to_string().contains(name));
    }
    assert!(read(&[("MOMENTO_ENDPOINT", "momento")]).unwrap_err().to_string().contains("MOMENTO_ENDPOINT"));
    let error = read(&[("LEASE_VALIDITY_MS", "15000")]).unwrap_err().to_string();
    assert!(error.contains("LEASE_RENEWAL_MS is `10000`") && error.contains("half of LEASE_VALIDITY_MS"), "{error}");
    assert!(read(&[("SILENCE_MS", "0")]).is_err());
}
