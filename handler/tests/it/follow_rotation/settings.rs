use momento_eventbridge::follow_rotation::settings::FollowRotationSettings;
use momento_eventbridge::lambda::environment::SettingsError;
use momento_eventbridge::momento::api_key::ApiKeySettings;

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
    };
    assert_eq!(read("connection"), Ok(settings));
    assert_eq!(read(""), Err(SettingsError::Missing("CONNECTION_NAME")));
    let without_secret = FollowRotationSettings::read(|name| (name == "CONNECTION_NAME").then(|| "x".to_owned()));
    assert_eq!(without_secret, Err(SettingsError::Missing("MOMENTO_API_KEY_SECRET_ID")));
}
