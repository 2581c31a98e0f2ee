//! The commands that templates make of events which are not commands.

use momento_eventbridge::command::sources::Sources;
use momento_eventbridge::command::{Command, Key, Message};
use momento_eventbridge::deliver::message::{MessageError, read};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn order() -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "OrderPlaced",
        "source": "shop",
        "account": "111122223333",
        "time": "2026-11-26T12:00:00Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:s3:::orders"],
        "detail": {
            "id": "A-1",
            "count": 2,
            "price": 12.50,
            "paid": true,
            "note": null,
            "ttl": 90,
            "text": "say \"hi\" \\ \n",
            "items": [{"sku": "x#1"}, {"sku": "y"}],
            "rows": [[1, 2], [3, 4]],
            "a-b": {"c_d": "deep"},
            "empty": "",
        },
    })
}

fn make(template: &Value, event: &Value) -> Result<Command, MessageError> {
    read(&json!({"template": template, "event": event}).to_string(), &Sources::default())
}

fn publish(message: &str) -> Value {
    json!({"command": "topicPublish", "cacheName": "shop", "topicName": "orders", "message": message})
}

fn published(message: &str, event: &Value) -> String {
    let Ok(Command::TopicPublish { message: Message::Text(text), .. }) = make(&publish(message), event) else {
        unreachable!("{message} is published as text")
    };
    text
}

/// What a cache item's key becomes.
fn key(template: &str, event: &Value) -> Result<String, String> {
    let delete = json!({"command": "cacheDelete", "cacheName": "shop", "key": template});
    match make(&delete, event).map_err(|error| error.to_string())? {
        Command::CacheDelete { key: Key::Text(key), .. } => Ok(key.get().clone()),
        other => unreachable!("{other:?} deletes by a text"),
    }
}

#[test]
fn an_event_becomes_each_of_the_three_commands() {
    let set = json!({"command": "cacheSet", "cacheName": "{source}", "key": "{detail.id}", "message": "{detail.count}", "ttl": 60});
    assert_eq!(
        make(&set, &order()).unwrap(),
        Command::CacheSet {
            cache: "shop".try_into().unwrap(),
            key: "A-1".try_into().unwrap(),
            message: "2".into(),
            ttl_seconds: 60.try_into().unwrap(),
        }
    );
    let delete = json!({"command": "cacheDelete", "cacheName": "shop", "key": "order-{detail.id}"});
    assert_eq!(
        make(&delete, &order()).unwrap(),
        Command::CacheDelete { cache: "shop".try_into().unwrap(), key: "order-A-1".try_into().unwrap() }
    );
    let publish = json!({"command": "topicPublish", "cacheName": "shop", "topicName": "{region}", "message": "{time}"});
    assert_eq!(
        make(&publish, &order()).unwrap(),
        Command::TopicPublish {
            cache: "shop".try_into().unwrap(),
            topic: "eu-west-1".try_into().unwrap(),
            message: "2026-11-26T12:00:00Z".into(),
        }
    );
}

#[test]
fn a_placeholder_reaches_every_part_of_an_event() {
    for (template, name) in [
        ("{detail.id}", "A-1"),
        ("{detail.count}", "2"),
        ("{detail.price}", "12.5"),
        ("{detail.paid}", "true"),
        ("{detail.items[1].sku}", "y"),
        ("{detail.rows[1][0]}", "3"),
        ("{detail.a-b.c_d}", "deep"),
        ("{resources[0]}", "arn:aws:s3:::orders"),
        ("{detail-type}/{account}", "OrderPlaced/111122223333"),
        ("{{{detail.id}}}", "{A-1}"),
        ("{detail.items[0].sku}#{detail.id}", "x%231#A-1"),
    ] {
        assert_eq!(key(template, &order()).unwrap(), name, "{template}");
    }
}

#[test]
fn a_detail_is_published_byte_for_byte() {
    let detail =
        r#"{ "n": 12345678901234567890.10, "e": 1E5 , "text":"\u00e9\ud83d\ude00", "half": "\ud83d", "n": 2 }"#;
    let template = publish("{detail}");
    let body = format!(r#"{{"template":{template},"event":{{"detail-type":"x","detail":{detail}}}}}"#);
    let Ok(Command::TopicPublish { message: Message::Text(text), .. }) = read(&body, &Sources::default()) else {
        panic!()
    };
    assert_eq!(text, detail);
}

#[test]
fn a_message_that_is_json_escapes_what_is_in_its_strings_and_another_is_as_it_is() {
    let made = published(r#"{{"note":"{detail.text}","price":{detail.price},"items":{detail.items}}}"#, &order());
    let expected = json!({"note": "say \"hi\" \\ \n", "price": 12.5, "items": [{"sku": "x#1"}, {"sku": "y"}]});
    assert_eq!(serde_json::from_str::<Value>(&made).unwrap(), expected);
    assert_eq!(published("{detail.id}: {detail.text}", &order()), "A-1: say \"hi\" \\ \n");
    assert_eq!(published("note: {detail.note}", &order()), "note: null");
    assert_eq!(published("{detail.empty}", &order()), "");
    assert_eq!(published("{{detail.id}}", &order()), "{detail.id}");
}

#[test]
fn what_an_event_lacks_is_named_by_its_placeholder_and_nothing_of_the_event_is_said() {
    let not_text = "is not a string, a number or a boolean";
    for (template, reason) in [
        ("{detail.nothing}", "`{detail.nothing}` is not in the event".to_owned()),
        ("{detail.id.deeper}", "`{detail.id.deeper}` is not in the event".to_owned()),
        ("{detail.items[2].sku}", "`{detail.items[2].sku}` is not in the event".to_owned()),
        ("{detail.id[0]}", "`{detail.id[0]}` is not in the event".to_owned()),
        ("{detail}", format!("`{{detail}}` {not_text}")),
        ("{detail.items}", format!("`{{detail.items}}` {not_text}")),
        ("{detail.note}", format!("`{{detail.note}}` {not_text}")),
        ("{details.id}", "`{details.id}` is not a path in an event".to_owned()),
        ("{detail.items[-1]}", "`{detail.items[-1]}` is not a path in an event".to_owned()),
        ("{detail.items[]}", "`{detail.items[]}` is not a path in an event".to_owned()),
        ("{detail..id}", "`{detail..id}` is not a path in an event".to_owned()),
    ] {
        assert_eq!(key(template, &order()), Err(format!("no `key` can be made of the event: {reason}")), "{template}");
    }
    assert_eq!(key("{detail.empty}", &order()), Err("the `key` made of the event is empty".to_owned()));
    for (detail, reason) in [
        (r#"{"id":"a","id":"b"}"#, "`{detail.id}` is in the event more than once"),
        (r#"{"id":"\ud83d"}"#, "`{detail.id}` has half of a surrogate pair, such as \\ud83d, which is not a character"),
    ] {
        let template = publish("{detail.id}");
        let body = format!(r#"{{"template":{template},"event":{{"detail":{detail}}}}}"#);
        let error = read(&body, &Sources::default()).unwrap_err().to_string();
        assert_eq!(error, format!("no `message` can be made of the event: {reason}"));
    }
}

#[test]
fn a_path_is_one_exactly_if_the_construct_says_so_and_leads_where_python_finds_it() {
    #[derive(serde::Deserialize)]
    struct Vectors {
        event: Value,
        paths: Vec<Vector>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Vector {
        path: String,
        is_path: bool,
        json: Option<String>,
    }
    let vectors = include_str!("../../../../test/vectors/event-paths.json");
    let Vectors { event, paths } = serde_json::from_str(vectors).unwrap();
    let set = |ttl: &str| json!({"command": "cacheSet", "cacheName": "c", "key": "k", "message": "m", "ttl": ttl});
    for Vector { path, is_path, json } in paths {
        // A time to live is a path in braces, whatever is in it.
        let made = make(&set(&format!("{{{path}}}")), &event).map_err(|error| error.to_string());
        let is_refused = made.is_err_and(|error| error.ends_with("is not a path in an event"));
        assert_eq!(!is_refused, is_path, "{path}");
        if path.contains(['{', '}']) {
            continue;
        }
        // A message that is JSON has the value as it is.
        let found = match make(&publish(&format!("[{{{path}}}]")), &event) {
            Ok(Command::TopicPublish { message: Message::Text(text), .. }) => Some(text),
            _ => None,
        };
        assert_eq!(
            found.map(|text| serde_json::from_str::<Value>(&text).unwrap()),
            json.map(|json| serde_json::from_str(&format!("[{json}]")).unwrap()),
            "{path}"
        );
    }
}

#[test]
fn a_time_to_live_is_a_number_of_the_template_or_of_the_event() {
    let set = |ttl: Value| {
        let template = json!({"command": "cacheSet", "cacheName": "c", "key": "k", "message": "m", "ttl": ttl});
        match make(&template, &order()) {
            Ok(Command::CacheSet { ttl_seconds, .. }) => Ok(ttl_seconds.get()),
            Err(error) => Err(error.to_string()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(set(json!(60)), Ok(60));
    assert_eq!(set(json!("{detail.ttl}")), Ok(90));
    for path in ["detail.id", "detail.price", "detail"] {
        let reason = format!("`{{{path}}}` is not a whole number of seconds from 1");
        assert_eq!(set(json!(format!("{{{path}}}"))), Err(format!("no `ttl` can be made of the event: {reason}")));
    }
    for ttl in [json!(0), json!(null), json!("60"), json!("{detail.ttl} "), json!({})] {
        assert!(
            set(ttl.clone()).unwrap_err().starts_with("invalid template of a command: the field `ttl` is not "),
            "{ttl}"
        );
    }
}

#[test]
fn a_template_that_is_invalid_says_why() {
    for (template, error) in [
        (json!([]), "invalid template of a command: the event is not a JSON object"),
        (json!({}), "invalid template of a command: the field `command` is missing"),
        (
            json!({"command": "flush"}),
            "invalid template of a command: the field `command` is not cacheSet, cacheDelete or topicPublish",
        ),
        (
            json!({"command": "cacheDelete", "cacheName": "c"}),
            "invalid template of a command: the field `key` is missing",
        ),
        (
            json!({"command": "cacheDelete", "cacheName": "", "key": "k"}),
            "invalid template of `cacheName`: it is empty",
        ),
        (
            json!({"command": "cacheDelete", "cacheName": "c", "key": "{id}{time}"}),
            "invalid template of `key`: two placeholders have no separator between them",
        ),
        (publish("{id"), "invalid template of `message`: a `{` is not closed"),
    ] {
        assert_eq!(make(&template, &order()).unwrap_err().to_string(), error, "{template}");
    }
}

#[test]
fn an_event_with_a_template_is_not_asked_for_the_sources_of_commands() {
    let sources = r#"["orders"]"#.parse().unwrap();
    let body = json!({"template": publish("{detail}"), "event": order()}).to_string();
    assert!(read(&body, &sources).is_ok());
}

/// JSON with few names, so that paths lead somewhere, and a word in its strings that no error may repeat.
fn json_of_few_names() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(|text| Value::from(format!("{SECRET}{text}"))),
        Just(Value::from("")),
    ];
    leaf.prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[ab]", inner), 0..3).prop_map(|m| Value::Object(Map::from_iter(m))),
        ]
    })
}

const SECRET: &str = "what-the-event-holds";

/// A text of literals, with braces among them, and of placeholders.
fn parts() -> impl Strategy<Value = Vec<Result<String, String>>> {
    let literal = any::<String>().prop_map(Ok);
    let path = "detail(\\.[ab]|\\[[012]\\]){0,3}|id|nothing".prop_map(Err);
    prop::collection::vec(prop_oneof![literal, Just(Ok("{}{".to_owned())), path], 1..5)
}

fn template_of(parts: &[Result<String, String>]) -> String {
    let part = |part: &Result<String, String>| match part {
        Ok(literal) => literal.replace('{', "{{").replace('}', "}}"),
        Err(path) => format!("{{{path}}}"),
    };
    parts.iter().map(part).collect()
}

/// The value at a path, found without our code.
fn naive<'a>(event: &'a Value, path: &str) -> Option<&'a Value> {
    let steps = path.replace('[', ".").replace(']', "");
    steps.split('.').try_fold(event, |value, step| match value {
        Value::Array(elements) => step.parse::<usize>().ok().and_then(|index| elements.get(index)),
        Value::Object(members) => members.get(step).filter(|_| !step.bytes().all(|byte| byte.is_ascii_digit())),
        _ => None,
    })
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

proptest! {
    #[test]
    fn what_a_template_makes_of_an_event_is_what_a_naive_reader_makes(detail in json_of_few_names(), parts in parts()) {
        let event = json!({"id": "1", "detail": {"a": detail.clone(), "b": detail}});
        let template = template_of(&parts);
        prop_assume!(!template.is_empty());
        let expected: Option<String> = parts.iter().map(|part| match part {
            Ok(literal) => Some(literal.clone()),
            Err(path) => naive(&event, path).map(text_of),
        }).collect();
        match (make(&publish(&template), &event), expected) {
            (Ok(Command::TopicPublish { message: Message::Text(text), .. }), Some(expected)) => {
                // A template that is JSON escapes: that is the next test's.
                let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok() && text.trim_start().starts_with(['{', '[', '"']);
                prop_assert!(text == expected || is_json(&text), "{}: {} is not {}", template, text, expected);
            }
            (Err(error), None) => {
                prop_assert!(!error.to_string().contains(SECRET), "{}", error);
                prop_assert!(parts.iter().any(|part| part.as_ref().is_err_and(|path| error.to_string().contains(path))));
            }
            other => prop_assert!(false, "{}: {:?}", template, other),
        }
    }

    #[test]
    fn in_a_json_template_any_value_comes_back_as_text_and_as_json(value in json_of_few_names(), literal in any::<String>()) {
        let event = json!({"detail": {"a": value.clone()}});
        let literal_json = Value::from(literal.clone()).to_string().replace('{', "{{").replace('}', "}}");
        let template = format!(r#"{{{{"text":"-{{detail.a}}-","json":{{detail.a}},"literal":{literal_json}}}}}"#);
        let text = published(&template, &event);
        let made: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&made["text"], &Value::from(format!("-{}-", text_of(&value))));
        let json = format!(r#""json":{value},"#);
        prop_assert!(text.contains(&json), "{} is not in {}", json, text);
        prop_assert_eq!(&made["literal"], &Value::from(literal));
    }

    #[test]
    fn no_template_and_no_event_panics(
        template in prop_oneof![any::<String>(), "\\{(detail|id)?[.\\[\\]{}a0-9]{0,8}\\}?"],
        event in crate::properties::any_json(),
    ) {
        let fields = json!({
            "command": "cacheSet", "cacheName": template, "key": template, "message": template, "ttl": template,
        });
        let _ = make(&fields, &event);
        let _ = key(&template, &event);
    }
}
