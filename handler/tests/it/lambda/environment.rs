use momento_eventbridge::lambda::environment::{SettingsError, log_level};
use tracing::level_filters::LevelFilter;

fn read(level: &str) -> Result<LevelFilter, SettingsError> {
    log_level(|name| (name == "LOG_LEVEL").then(|| level.to_owned()))
}

#[test]
fn the_log_says_what_is_of_interest_unless_it_is_told_otherwise() {
    assert_eq!(log_level(|_| None), Ok(LevelFilter::INFO));
    assert_eq!(read(""), Ok(LevelFilter::INFO));
    assert_eq!(read("debug"), Ok(LevelFilter::DEBUG));
    assert_eq!(read("off"), Ok(LevelFilter::OFF));
}

#[test]
fn a_log_level_that_is_none_is_named_on_one_line_with_those_that_are() {
    let error = read("loud").unwrap_err().to_string();
    assert_eq!(error, "the environment variable LOG_LEVEL is `loud`, not error, warn, info, debug, trace or off");
}
