//! From an event to a command, and from a command to Momento's HTTP API.

use std::num::NonZeroU64;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use momento_eventbridge::command::event::CommandError;
use momento_eventbridge::command::{Command, Key, Message, Name, NotEmpty};
use momento_eventbridge::json_object::FieldError;
use momento_eventbridge::momento::call::MomentoCall;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::properties::any_json;

fn event(detail_type: &str, detail: &Value) -> String {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": detail_type,
        "source": "orders",
        "account": "123456789012",
        "time": "2026-11-22T05:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    })
    .to_string()
}

fn parse(detail_type: &str, detail: &Value) -> Result<Command, CommandError> {
    Command::from_event(&event(detail_type, detail))
}

fn set(ttl_seconds: u64) -> Command {
    Command::CacheSet {
        cache: "sessions".try_into().unwrap(),
        key: "user-17".try_into().unwrap(),
        message: "hello world!".into(),
        ttl_seconds: ttl_seconds.try_into().unwrap(),
    }
}

fn set_detail() -> Value {
    json!({"cacheName": "sessions", "key": "user-17", "message": "hello world!", "ttl": 60})
}

fn wrong(field: &'static str, expected: &'static str) -> Result<Command, CommandError> {
    Err(FieldError::WrongType { field, expected }.into())
}

fn missing(field: &'static str) -> Result<Command, CommandError> {
    Err(FieldError::Missing(field).into())
}

const NAME: &str = "a string of one character or more";

#[test]
fn each_command_is_read_and_what_else_an_event_has_is_ignored() {
    let mut detail = set_detail();
    detail["other"] = json!({"cacheName": 1});
    assert_eq!(parse("cacheSet", &detail), Ok(set(60)));
    let delete = Command::CacheDelete { cache: "c".try_into().unwrap(), key: vec![0, 255].try_into().unwrap() };
    assert_eq!(parse("cacheDelete", &json!({"cacheName": "c", "key_base64": "AP8"})), Ok(delete));
    let publish = Command::TopicPublish {
        cache: "c".try_into().unwrap(),
        topic: "t".try_into().unwrap(),
        message: vec![0xfb, 0xff].into(),
    };
    let detail = json!({"cacheName": "c", "topicName": "t", "message_base64": "-_8="});
    assert_eq!(parse("topicPublish", &detail), Ok(publish));
}

#[test]
fn a_field_that_is_missing_is_named() {
    let without = |field: &str| {
        let mut detail = set_detail();
        detail.as_object_mut().unwrap().remove(field);
        parse("cacheSet", &detail)
    };
    assert_eq!(without("cacheName"), missing("cacheName"));
    assert_eq!(without("ttl"), missing("ttl"));
    assert_eq!(without("key"), Err(CommandError::Neither("key", "key_base64")));
    assert_eq!(without("message"), Err(CommandError::Neither("message", "message_base64")));
    assert_eq!(parse("topicPublish", &json!({"cacheName": "c", "message": ""})), missing("topicName"));
    assert_eq!(Command::from_event(r#"{"detail-type":"cacheSet"}"#), missing("detail"));
    assert_eq!(Command::from_event(r#"{"detail":{}}"#), missing("detail-type"));
}

#[test]
fn a_field_that_is_not_what_it_has_to_be_is_named_with_that() {
    for value in [json!(""), json!(1), json!(null), json!(["sessions"]), json!({})] {
        for field in ["cacheName", "key"] {
            let mut detail = set_detail();
            detail[field] = value.clone();
            assert_eq!(parse("cacheSet", &detail), wrong(field, NAME));
        }
        let detail = json!({"cacheName": "c", "topicName": value, "message": "m"});
        assert_eq!(parse("topicPublish", &detail), wrong("topicName", NAME));
    }
    for message in [json!({"cart": 3}), json!(1), json!(true), json!(null), json!(["m"])] {
        let mut detail = set_detail();
        detail["message"] = message;
        assert_eq!(parse("cacheSet", &detail), wrong("message", "a string"));
    }
    for detail in [json!("{}"), json!([]), json!(null)] {
        assert_eq!(parse("cacheSet", &detail), wrong("detail", "an object"));
    }
}

#[test]
fn a_ttl_is_a_positive_whole_number_however_json_writes_it() {
    let with = |ttl: &str| {
        Command::from_event(&event("cacheSet", &set_detail()).replace(r#""ttl":60"#, &format!(r#""ttl":{ttl}"#)))
    };
    for (ttl, seconds) in
        [("1", 1), ("60", 60), ("60.0", 60), ("6e1", 60), ("86400", 86400), ("18446744073709551615", u64::MAX)]
    {
        assert_eq!(with(ttl), Ok(set(seconds)), "{ttl}");
    }
    for ttl in ["0", "-1", "1.5", "-0.0", "1e400", "1e30", "\"60\"", "null", "true", "[60]", "{}"] {
        assert_eq!(with(ttl), wrong("ttl", "a whole number of seconds from 1"), "{ttl}");
    }
}

#[test]
fn two_ways_to_say_the_same_are_refused_even_if_one_says_nothing() {
    for second in [json!("YQ"), json!(""), json!(null), json!({}), json!([])] {
        let mut detail = set_detail();
        detail["key_base64"] = second.clone();
        assert_eq!(parse("cacheSet", &detail), Err(CommandError::Both("key", "key_base64")));
        let mut detail = set_detail();
        detail["message_base64"] = second;
        assert_eq!(parse("cacheSet", &detail), Err(CommandError::Both("message", "message_base64")));
    }
    let twice = event("cacheSet", &set_detail()).replace(r#""ttl":60"#, r#""ttl":60,"k\u0065y":"other""#);
    assert_eq!(Command::from_event(&twice), Err(FieldError::Repeated("key").into()));
}

#[test]
fn base64_is_of_either_alphabet_padded_or_not_and_sent_as_urls_have_it() {
    let bytes = [0xfb, 0xff, 0xbf, 0x01];
    for encoded in
        [STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes), URL_SAFE.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)]
    {
        let detail = json!({"cacheName": "c", "key_base64": encoded, "message_base64": encoded, "ttl": 1});
        let call = MomentoCall::from(&parse("cacheSet", &detail).unwrap());
        assert_eq!(call.path_and_query, "/cache/c?key_base64=-_-_AQ&ttl_seconds=1");
        assert_eq!(call.body, bytes);
    }
    for broken in ["A", "A===", "AP8=====", "A P8", "AP9", "é", "AP8\n"] {
        let detail = json!({"cacheName": "c", "key_base64": broken});
        assert_eq!(parse("cacheDelete", &detail), wrong("key_base64", "bytes in base64"), "{broken}");
    }
    let empty = json!({"cacheName": "c", "key_base64": ""});
    assert_eq!(parse("cacheDelete", &empty), wrong("key_base64", "one byte or more in base64"));
    let empty = json!({"cacheName": "c", "topicName": "t", "message_base64": ""});
    assert_eq!(MomentoCall::from(&parse("topicPublish", &empty).unwrap()).body, b"");
}

#[test]
fn an_event_of_another_kind_and_what_is_no_event_are_told_apart() {
    assert_eq!(parse("cacheGet", &set_detail()), Err(CommandError::OtherDetailType));
    assert_eq!(parse("cacheset", &set_detail()), Err(CommandError::OtherDetailType));
    assert_eq!(Command::from_event("hush"), Err(CommandError::NotJson { line: 1, column: 1 }));
    assert_eq!(Command::from_event(""), Err(CommandError::NotJson { line: 1, column: 0 }));
    assert_eq!(Command::from_event("[]"), Err(CommandError::NotAnObject));
}

#[test]
fn each_command_is_the_call_that_momento_documents() {
    let call = |detail_type, detail: &Value| {
        let MomentoCall { method, path_and_query, content_type, body } =
            MomentoCall::from(&parse(detail_type, detail).unwrap());
        (method, path_and_query, content_type, String::from_utf8(body).unwrap())
    };
    assert_eq!(
        call("cacheSet", &set_detail()),
        (
            "PUT",
            "/cache/sessions?key=user-17&ttl_seconds=60".to_owned(),
            Some("application/octet-stream"),
            "hello world!".to_owned()
        )
    );
    assert_eq!(
        call("cacheDelete", &json!({"cacheName": "sessions", "key": "user-17"})),
        ("DELETE", "/cache/sessions?key=user-17".to_owned(), None, String::new())
    );
    let topic = |message: &str| json!({"cacheName": "chat", "topicName": "room", message: "aGk"});
    let path = || "/topics/chat/room".to_owned();
    assert_eq!(call("topicPublish", &topic("message")), ("POST", path(), Some("text/plain"), "aGk".to_owned()));
    assert_eq!(
        call("topicPublish", &topic("message_base64")),
        ("POST", path(), Some("application/octet-stream"), "hi".to_owned())
    );
}

#[test]
fn nothing_in_a_name_or_a_key_is_taken_for_part_of_the_url() {
    let call = |name: &str| {
        MomentoCall::from(&parse("cacheDelete", &json!({"cacheName": name, "key": name})).unwrap()).path_and_query
    };
    assert_eq!(call("a/b c"), "/cache/a%2Fb%20c?key=a%2Fb%20c");
    assert_eq!(call("é%#"), "/cache/%C3%A9%25%23?key=%C3%A9%25%23");
    assert_eq!(call("a&b=c+d?"), "/cache/a%26b%3Dc%2Bd%3F?key=a%26b%3Dc%2Bd%3F");
    assert_eq!(call("."), "/cache/%2E?key=.");
    assert_eq!(call(".."), "/cache/%2E%2E?key=..");
    assert_eq!(call("a.b~c_d-e"), "/cache/a.b~c_d-e?key=a.b~c_d-e");
    assert_eq!(call("\r\n\0"), "/cache/%0D%0A%00?key=%0D%0A%00");
}

#[test]
fn an_event_to_send_has_its_source_and_its_bus() {
    let source = Name::try_from("orders").unwrap();
    let entry = set(60).to_entry(&source, Some("bus"));
    assert_eq!((entry.source(), entry.event_bus_name()), (Some("orders"), Some("bus")));
    assert_eq!((entry.detail_type(), entry.time()), (Some("cacheSet"), None));
    assert_eq!(serde_json::from_str::<Value>(entry.detail().unwrap()).unwrap(), set_detail());
    assert_eq!(set(60).to_entry(&source, None).event_bus_name(), None);
}

fn any_name() -> impl Strategy<Value = Name> {
    "(?s).+".prop_map(|name| name.try_into().unwrap())
}

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        any_name().prop_map(Key::Text),
        prop::collection::vec(any::<u8>(), 1..40).prop_map(|bytes| Key::Bytes(NotEmpty::try_from(bytes).unwrap())),
    ]
}

fn any_message() -> impl Strategy<Value = Message> {
    prop_oneof![any::<String>().prop_map(Message::Text), any::<Vec<u8>>().prop_map(Message::Bytes)]
}

pub(crate) fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        (any_name(), any_key(), any_message(), any::<NonZeroU64>())
            .prop_map(|(cache, key, message, ttl_seconds)| Command::CacheSet { cache, key, message, ttl_seconds }),
        (any_name(), any_key()).prop_map(|(cache, key)| Command::CacheDelete { cache, key }),
        (any_name(), any_name(), any_message()).prop_map(|(cache, topic, message)| Command::TopicPublish {
            cache,
            topic,
            message
        }),
    ]
}

/// The event of a command as it arrives.
pub(crate) fn event_of(command: &Command) -> String {
    let entry = command.to_entry(&Name::try_from("orders").unwrap(), None);
    event(entry.detail_type().unwrap(), &serde_json::from_str(entry.detail().unwrap()).unwrap())
}

proptest! {
    #[test]
    fn a_command_that_is_sent_is_the_one_that_arrives(command in any_command()) {
        prop_assert_eq!(Command::from_event(&event_of(&command)), Ok(command));
    }

    #[test]
    fn any_event_is_a_command_or_has_an_error_that_shows_nothing_of_it(
        detail_type in prop_oneof![Just("cacheSet"), Just("cacheDelete"), Just("topicPublish")],
        fields in prop::collection::hash_map(
            prop_oneof![
                Just("cacheName"), Just("topicName"), Just("key"), Just("key_base64"),
                Just("message"), Just("message_base64"), Just("ttl"),
            ],
            prop_oneof![any_json(), Just(json!("marmalade"))],
            0..8,
        ),
    ) {
        let detail: Value = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if let Err(error) = parse(detail_type, &detail) {
            prop_assert!(!error.to_string().contains("marmalade"));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        text in prop_oneof![any::<String>(), any_json().prop_map(|json| json.to_string())],
    ) {
        prop_assert!(Command::from_event(&text).is_err());
    }

    #[test]
    fn names_and_keys_come_back_from_the_url_as_they_were(command in any_command()) {
        let url = MomentoCall::from(&command).path_and_query;
        prop_assert!(url.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%/?=&".contains(&byte)));
        let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let segments: Vec<_> = path.split('/').skip(1).map(decode).collect();
        let query: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let of_key = |key: &Key| match key {
            Key::Text(key) => ("key", key.get().clone()),
            Key::Bytes(key) => ("key_base64", URL_SAFE_NO_PAD.encode(key.get())),
        };
        let expected = match &command {
            Command::CacheSet { cache, key, ttl_seconds, .. } =>
                (vec!["cache", cache.get()], vec![of_key(key), ("ttl_seconds", ttl_seconds.to_string())]),
            Command::CacheDelete { cache, key } => (vec!["cache", cache.get()], vec![of_key(key)]),
            Command::TopicPublish { cache, topic, .. } => (vec!["topics", cache.get(), topic.get()], vec![]),
        };
        let query: Vec<_> = query.into_iter().map(|(name, value)| (name, decode(value))).collect();
        prop_assert_eq!((segments.iter().map(String::as_str).collect(), query), expected);
        prop_assert!(!segments.iter().any(String::is_empty));
        prop_assert!(!path.split('/').any(|segment| segment == "." || segment == ".."));
    }
}
