mod metrics;
mod output;

use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use momento_eventbridge::changes::attribute::Item;
use momento_eventbridge::changes::lifetime::Lifetime;
use momento_eventbridge::changes::mapping::{CacheItem, MAX_BYTES_A_CHANGE, Mapping, Topic};
use momento_eventbridge::changes::metrics::Tally;
use momento_eventbridge::changes::pipe_event::PipeEvent;
use momento_eventbridge::changes::settings::ChangesSettings;
use momento_eventbridge::changes::{BatchError, Changes};
use momento_eventbridge::command::{Command, Message};
use momento_eventbridge::lambda::environment::SettingsError;
use momento_eventbridge::queue::dead_letter::{DeadLetter, DeadLetterQueue, MessageAttribute};
use momento_eventbridge::service_error::ServiceError;
use momento_eventbridge::template::{NameTemplate, TemplateError, ValueTemplate};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fakes::{FakeClock, NOW};

const NOW_SECONDS: u64 = NOW / 1000;

/// A queue that plays its script of failures, then takes everything.
#[derive(Clone, Default)]
struct Letters {
    failures: Arc<Mutex<Vec<ServiceError>>>,
    taken: Arc<Mutex<Vec<Letter>>>,
}

#[derive(Clone)]
struct Letter {
    record: String,
    reason: String,
}

impl DeadLetterQueue for Letters {
    async fn bury(&self, letter: &DeadLetter<'_>) -> Result<(), ServiceError> {
        if let Some(failure) = self.failures.lock().unwrap().pop() {
            return Err(failure);
        }
        let reason = match &letter.attributes[..] {
            [("Reason", MessageAttribute::Text(reason))] => reason.clone(),
            others => format!("{others:?}"),
        };
        self.taken.lock().unwrap().push(Letter { record: letter.body.to_owned(), reason });
        Ok(())
    }
}

impl Letters {
    fn reasons(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|letter| letter.reason.clone()).collect()
    }
}

fn template<T: FromStr<Err = TemplateError>>(text: &str) -> T {
    text.parse().unwrap()
}

fn weather() -> Mapping {
    Mapping {
        cache: "weather".try_into().unwrap(),
        cache_item: Some(CacheItem {
            key: template("weather-{Location}"),
            value: None,
            lifetime: Lifetime::Constant(Duration::from_mins(1)),
        }),
        topic: None,
    }
}

fn weather_with(value: Option<&str>, lifetime: Lifetime) -> Mapping {
    let key = template("weather-{Location}");
    Mapping { cache_item: Some(CacheItem { key, value: value.map(template), lifetime }), ..weather() }
}

fn record(kind: &str, item: &Value) -> Value {
    let mut record = json!({
        "eventID": "id-1",
        "eventName": kind,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": NOW_SECONDS,
            "Keys": {"Location": item["Location"]},
            "NewImage": item,
            "SequenceNumber": "300000000000000499659",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:111111111111:table/weather/stream/2026-11-22T00:00:00.000",
    });
    if kind == "REMOVE" {
        record["dynamodb"].as_object_mut().unwrap().remove("NewImage");
    }
    record
}

fn oslo() -> Value {
    json!({"Location": {"S": "Oslo"}, "MaxTemp": {"N": "3"}, "MinTemp": {"N": "-7.5"}})
}

async fn handle(mapping: Mapping, records: &[Value]) -> (Vec<Command>, Letters) {
    let letters = Letters::default();
    let handler = Changes::new(mapping, letters.clone(), FakeClock::starting_at(NOW).into(), || 0.5);
    let (events, tally) = handler.handle(records).await.unwrap();
    let dead_lettered = letters.taken.lock().unwrap().len();
    assert_eq!(tally, Tally { changes: records.len(), commands: events.len(), dead_lettered });
    (events.into_iter().map(|PipeEvent(command)| command).collect(), letters)
}

fn set(message: &str, ttl: u64) -> Command {
    Command::CacheSet {
        cache: "weather".try_into().unwrap(),
        key: "weather-Oslo".try_into().unwrap(),
        message: message.into(),
        ttl_seconds: ttl.try_into().unwrap(),
    }
}

fn delete(key: &str) -> Command {
    Command::CacheDelete { cache: "weather".try_into().unwrap(), key: key.try_into().unwrap() }
}

async fn command_for(mapping: Mapping, item: &Value) -> Command {
    let (commands, letters) = handle(mapping, &[record("MODIFY", item)]).await;
    assert_eq!(letters.reasons(), Vec::<String>::new());
    assert_eq!(commands.len(), 1);
    commands[0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_new_and_a_changed_item_is_set_as_plain_json_and_a_removed_one_deleted() {
    let records = ["INSERT", "MODIFY", "REMOVE"].map(|kind| record(kind, &oslo()));
    let (commands, letters) = handle(weather(), &records).await;
    let value = r#"{"Location":"Oslo","MaxTemp":3,"MinTemp":-7.5}"#;
    assert_eq!(commands, [set(value, 60), set(value, 60), delete("weather-Oslo")]);
    assert_eq!(letters.reasons(), Vec::<String>::new());
}

#[test]
fn a_command_is_the_detail_of_an_event_with_the_detail_type_beside() {
    assert_eq!(
        serde_json::to_value([set("v", 60), delete("k")].map(PipeEvent)).unwrap(),
        json!([
            {"command": "cacheSet", "cacheName": "weather", "key": "weather-Oslo", "message": "v", "ttl": 60},
            {"command": "cacheDelete", "cacheName": "weather", "key": "k"},
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn every_type_of_attribute_becomes_plain_json_with_no_digit_lost() {
    let item = json!({
        "Location": {"S": "Oslo \"N\" \\ \u{1f389}"},
        "a": {"N": "12345678901234567890123456789012345678"},
        "b": {"N": "-1.5E-130"},
        "c": {"B": "3q2+7w=="},
        "d": {"BOOL": false},
        "e": {"NULL": true},
        "f": {"M": {"z": {"S": "1"}, "y": {"L": [{"N": "1"}, {"S": "x"}, {"L": []}]}}},
        "g": {"SS": ["x", "y"]},
        "h": {"NS": ["1", "2.50"]},
        "i": {"BS": ["AA=="]},
    });
    let Command::CacheSet { message: Message::Text(message), .. } = command_for(weather(), &item).await else {
        panic!()
    };
    assert_eq!(
        message,
        "{\"Location\":\"Oslo \\\"N\\\" \\\\ \u{1f389}\",\"a\":12345678901234567890123456789012345678,\
         \"b\":-1.5E-130,\"c\":\"3q2+7w==\",\"d\":false,\"e\":null,\"f\":{\"y\":[1,\"x\",[]],\"z\":\"1\"},\
         \"g\":[\"x\",\"y\"],\"h\":[1,2.50],\"i\":[\"AA==\"]}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_value_template_has_texts_and_numbers_as_they_are_and_the_rest_as_json() {
    let mapping = weather_with(Some("{{{Location}}}: {MinTemp} {Wind}"), Lifetime::Constant(Duration::from_mins(1)));
    let mut item = oslo();
    item["Wind"] = json!({"M": {"from": {"S": "N"}}});
    assert_eq!(command_for(mapping, &item).await, set(r#"{Oslo}: -7.5 {"from":"N"}"#, 60));
}

#[test]
fn a_text_that_is_no_template_says_why() {
    for (text, error) in [
        ("", TemplateError::Empty),
        ("a{", TemplateError::Open),
        ("{a{b}}", TemplateError::Open),
        ("{a", TemplateError::Open),
        ("a}", TemplateError::Closed),
        ("{a}}", TemplateError::Closed),
        ("a{}b", TemplateError::Nameless),
    ] {
        assert_eq!(text.parse::<NameTemplate>(), Err(error), "{text}");
        assert_eq!(text.parse::<ValueTemplate>(), Err(error), "{text}");
    }
    for text in ["{a}{b}", "{a}and{b}", "{a}%{b}", "{a}#{b}2{c}"] {
        assert_eq!(text.parse::<NameTemplate>(), Err(TemplateError::Unseparated), "{text}");
    }
}

fn item_of(record: Value) -> Item {
    serde_json::from_value(record).unwrap()
}

fn name_of(text: &str, item: &Value) -> String {
    template::<NameTemplate>(text).render(&item_of(item.clone())).unwrap()
}

fn value_of(text: &str, item: &Value) -> String {
    template::<ValueTemplate>(text).render(&item_of(item.clone())).unwrap()
}

#[test]
fn a_key_of_several_attributes_encodes_the_separators_in_their_values_and_nothing_else() {
    let item = |pk: &str, sk: &str| json!({"pk": {"S": pk}, "sk": {"S": sk}});
    assert_eq!(name_of("{pk}#{sk}", &item("a#b", "c")), "a%23b#c");
    assert_eq!(name_of("{pk}#{sk}", &item("a", "b#c")), "a#b%23c");
    assert_eq!(name_of("item-{pk} and {sk}#", &item("100%-#", "two words")), "item-100%25-# and two%20words#");
    assert_eq!(name_of("{pk}\u{b7}{sk}", &item("a\u{b7}", "\u{e9}")), "a%C2%B7\u{b7}\u{e9}");
    assert_eq!(name_of("#{pk}%#", &item("100%#", "")), "#100%#%#", "one attribute needs no encoding");
}

#[test]
fn a_value_template_is_json_exactly_if_the_construct_says_so() {
    #[derive(serde::Deserialize)]
    struct Vector {
        template: String,
        kind: String,
    }
    let vectors = include_str!("../../../../test/vectors/value-templates.json");
    let quote = json!({"S": "say \"hi\""});
    let item =
        json!({"a": quote, "b": quote, "c": quote, "n": quote, "name": quote, "MinTemp": quote, "MaxTemp": quote});
    for Vector { template, kind } in serde_json::from_str::<Vec<Vector>>(vectors).unwrap() {
        let value = value_of(&template, &item);
        // Only in a template that is JSON, the quotation marks are escaped. Without an attribute, nothing is.
        if value.matches('"').count() != template.matches('"').count() {
            assert_eq!(serde_json::from_str::<Value>(&value).is_ok(), kind == "json", "{template}: {value}");
        }
    }
}

proptest! {
    #[test]
    fn different_values_never_make_the_same_key(
        text in "[ab%2]{0,2}\\{a\\}[a%2#:-]{1,3}\\{b\\}([a%2#:-]{1,3}\\{c\\})?[ab%2#]{0,2}",
        values in prop::array::uniform2(prop::array::uniform3("[ab%#:23-]{0,4}")),
    ) {
        let Ok(template) = text.parse::<NameTemplate>() else { return Ok(()) };
        let [one, other] = values.map(|[a, b, c]| {
            let named = ["{a}", "{b}", "{c}"].map(|name| text.contains(name));
            let item = json!({"a": {"S": a}, "b": {"S": b}, "c": {"S": c}});
            let name = template.render(&item_of(item)).unwrap();
            ([a, b, c].into_iter().zip(named).filter(|(_, named)| *named).collect::<Vec<_>>(), name)
        });
        prop_assert_eq!(one.0 == other.0, one.1 == other.1, "{}: {:?} {:?}", text, one, other);
    }

    #[test]
    fn a_separator_in_a_value_is_never_taken_for_the_one_of_the_template(
        separator in "[#:%-]{1,2}",
        pieces in prop::array::uniform3("[ab%#:-]{0,2}"),
    ) {
        let Ok(template) = format!("{{a}}{separator}{{b}}").parse::<NameTemplate>() else { return Ok(()) };
        let name = |a: &str, b: &str| {
            template.render(&item_of(json!({"a": {"S": a}, "b": {"S": b}}))).unwrap()
        };
        // Without encoding, both would be the three pieces with a separator between any two.
        let [one, two, three] = pieces;
        let early = name(&one, &format!("{two}{separator}{three}"));
        let late = name(&format!("{one}{separator}{two}"), &three);
        prop_assert_ne!(early, late);
    }

    #[test]
    fn a_value_template_that_is_json_stays_json_whatever_the_item_holds(
        text in "[{}\\[\\]:,\"\\\\ ux0-]{0,3}(\"[\\\\u0x\" ]{0,2}\\{a\\}[\\\\u0x]{0,4}\"|\\{a\\}|\\{\\{\"k\":\\{a\\}\\}\\})[\\]:, ]{0,2}",
        value in prop_oneof![
            any::<String>().prop_map(|text| json!({"S": text})),
            any::<i64>().prop_map(|number| json!({"N": number.to_string()})),
            any::<String>().prop_map(|text| json!({"M": {"k": {"S": text}}})),
            Just(json!({"NULL": true})),
        ],
    ) {
        let Ok(template) = text.parse::<ValueTemplate>() else { return Ok(()) };
        // Some of the texts name another attribute, which the item lacks.
        let render = |item: Value| template.render(&item_of(item)).unwrap_or_default();
        // A template is JSON if it makes JSON of harmless values.
        let probe = |value: Value| render(json!({"a": value}));
        let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        if is_json(&probe(json!({"S": "x"}))) && is_json(&probe(json!({"NULL": true}))) {
            prop_assert!(is_json(&render(json!({"a": value.clone()}))), "{} of {}", text, value);
        }
    }
}

#[test]
fn a_value_template_that_is_json_escapes_what_is_in_its_strings_and_writes_json_elsewhere() {
    let item = json!({
        "name": {"S": "say \"hi\" \\ \n"}, "n": {"N": "1"}, "m": {"M": {"k": {"S": "v\""}}}, "none": {"NULL": true},
    });
    for (text, value) in [
        (r#"{{"name":"{name}","n":{n}}}"#, json!({"name": "say \"hi\" \\ \n", "n": 1})),
        (r"[{name}, {n}, {m}, {none}]", json!(["say \"hi\" \\ \n", 1, {"k": "v\""}, null])),
        (r#" {{"a \\\"{n}": "{m} {none}"}}"#, json!({"a \\\"1": "{\"k\":\"v\\\"\"} null"})),
        (r#""{name}""#, json!("say \"hi\" \\ \n")),
    ] {
        assert_eq!(serde_json::from_str::<Value>(&value_of(text, &item)).unwrap(), value, "{text}");
    }
    for (text, value) in [
        ("{name}", "say \"hi\" \\ \n"),
        ("{n}", "1"),
        (r#"He said "{name}""#, "He said \"say \"hi\" \\ \n\""),
        ("[{n}] {m}", r#"[1] {"k":"v\""}"#),
        (r#""\u00{n}1""#, r#""\u0011""#),
    ] {
        assert_eq!(value_of(text, &item), value, "{text}, which is not JSON, is left as it is");
    }
}

#[tokio::test(start_paused = true)]
async fn the_lifetime_is_a_constant_or_from_the_item_and_never_longer_than_a_day() {
    let constant = |seconds| Lifetime::Constant(Duration::from_secs(seconds));
    let seconds_in = || Lifetime::SecondsIn("TTL".to_owned());
    let expiry_in = || Lifetime::ExpiryIn("TTL".to_owned());
    let at = |seconds: u64| Some((NOW_SECONDS + seconds).to_string());
    let number = |text: &str| Some(text.to_owned());
    for (lifetime, attribute, ttl) in [
        (constant(5), None, 5),
        (constant(100_000), None, 86_400),
        (seconds_in(), number("300"), 300),
        (seconds_in(), number("300.9"), 300),
        (seconds_in(), number("3E+2"), 300),
        (seconds_in(), number("9E+125"), 86_400),
        (seconds_in(), None, 86_400),
        (expiry_in(), at(90), 90),
        (expiry_in(), at(90_000), 86_400),
        (expiry_in(), None, 86_400),
    ] {
        let mut item = oslo();
        if let Some(number) = &attribute {
            item["TTL"] = json!({"N": number});
        }
        let Command::CacheSet { ttl_seconds, .. } = command_for(weather_with(None, lifetime.clone()), &item).await
        else {
            panic!("{lifetime:?} of {attribute:?}")
        };
        assert_eq!(ttl_seconds.get(), ttl, "{lifetime:?} of {attribute:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_whose_time_is_over_is_deleted() {
    for (lifetime, number) in [
        (Lifetime::ExpiryIn("TTL".to_owned()), NOW_SECONDS.to_string()),
        (Lifetime::ExpiryIn("TTL".to_owned()), "0".to_owned()),
        (Lifetime::SecondsIn("TTL".to_owned()), "0".to_owned()),
        (Lifetime::SecondsIn("TTL".to_owned()), "0.9".to_owned()),
        (Lifetime::SecondsIn("TTL".to_owned()), "-9E+125".to_owned()),
    ] {
        let mut item = oslo();
        item["TTL"] = json!({"N": number});
        assert_eq!(command_for(weather_with(None, lifetime), &item).await, delete("weather-Oslo"), "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_change_is_published_with_its_keys_the_item_and_its_place_in_the_stream() {
    let topic = |includes_item| Mapping {
        cache_item: None,
        topic: Some(Topic { name: template("weather-{Location}"), includes_item }),
        ..weather()
    };
    let published = |message: &str| Command::TopicPublish {
        cache: "weather".try_into().unwrap(),
        topic: "weather-Oslo".try_into().unwrap(),
        message: message.into(),
    };
    let item = json!({"Location": {"S": "Oslo"}, "MaxTemp": {"N": "3"}});
    let records = [record("INSERT", &item), record("REMOVE", &item)];
    let removed = r#"{"change":"REMOVE","keys":{"Location":"Oslo"},"sequenceNumber":"300000000000000499659"}"#;
    let inserted = r#"{"change":"INSERT","keys":{"Location":"Oslo"},"item":{"Location":"Oslo","MaxTemp":3},"sequenceNumber":"300000000000000499659"}"#;
    assert_eq!(handle(topic(true), &records).await.0, [published(inserted), published(removed)]);
    let without = r#"{"change":"INSERT","keys":{"Location":"Oslo"},"sequenceNumber":"300000000000000499659"}"#;
    assert_eq!(handle(topic(false), &records).await.0, [published(without), published(removed)]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_set_is_a_dead_letter_its_cache_item_deleted_and_the_others_go_on() {
    let mapping = weather_with(Some("{MaxTemp}"), Lifetime::ExpiryIn("TTL".to_owned()));
    let poison = [
        (json!({"Location": {"S": "a"}}), "no value of a cache item: there is no attribute `MaxTemp`"),
        (
            json!({"Location": {"S": "b"}, "MaxTemp": {"N": "1"}, "TTL": {"S": "tomorrow"}}),
            "no lifetime of a cache item: the attribute `TTL` is not a number of seconds",
        ),
    ];
    let mut records: Vec<Value> = poison.iter().map(|(item, _)| record("INSERT", item)).collect();
    let mut no_image = record("MODIFY", &json!({"Location": {"S": "c"}}));
    no_image["dynamodb"].as_object_mut().unwrap().remove("NewImage");
    records.push(no_image);
    records.push(record("MODIFY", &oslo()));
    let (commands, letters) = handle(mapping, &records).await;
    assert_eq!(
        commands,
        [delete("weather-a"), delete("weather-b"), delete("weather-c"), set("3", 86_400)],
        "in the order of the records"
    );
    assert_eq!(letters.reasons(), [poison[0].1, poison[1].1, "the record has no new image"]);
    let taken = letters.taken.lock().unwrap();
    let bodies: Vec<Value> = taken.iter().map(|letter| serde_json::from_str(&letter.record).unwrap()).collect();
    assert_eq!(bodies, records[..3], "whole");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_record_is_a_dead_letter_too() {
    let mut nameless = record("MODIFY", &oslo());
    nameless["eventName"] = json!("EXPLODE");
    let mut untyped = record("MODIFY", &oslo());
    untyped["dynamodb"]["NewImage"]["MaxTemp"] = json!(3);
    let mut no_number = record("MODIFY", &oslo());
    no_number["dynamodb"]["NewImage"]["MaxTemp"] = json!({"N": "{}"});
    let mut keyless = record("REMOVE", &oslo());
    keyless["dynamodb"]["Keys"] = json!({"City": {"S": "Oslo"}});
    let records = [json!(null), json!("a secret text"), nameless, untyped, no_number, keyless];
    let (commands, letters) = handle(weather(), &records).await;
    assert_eq!(commands, []);
    let reasons = letters.reasons();
    assert_eq!(reasons.len(), records.len());
    let fields = ["eventName", "eventName", "eventName", "dynamodb.NewImage", "dynamodb.NewImage"];
    let expected = fields.map(|field| format!("invalid record of a DynamoDB stream: {field} is missing or invalid"));
    assert_eq!(reasons[..5], expected, "which name the field, and no value");
    assert_eq!(reasons[5], "no key of a cache item: there is no attribute `Location`");
}

#[tokio::test(start_paused = true)]
async fn the_topic_hears_of_an_item_that_cannot_be_set() {
    let topic = Some(Topic { name: template("changes"), includes_item: true });
    let mapping = Mapping { topic, ..weather_with(Some("{Missing}"), Lifetime::Constant(Duration::from_mins(1))) };
    let (commands, letters) = handle(mapping, &[record("INSERT", &oslo())]).await;
    assert!(matches!(&commands[..], [Command::CacheDelete { .. }, Command::TopicPublish { .. }]), "{commands:?}");
    assert_eq!(letters.reasons().len(), 1);
}

fn large(characters: usize) -> Value {
    json!({"Location": {"S": "Oslo"}, "text": {"S": "x".repeat(characters)}})
}

#[tokio::test(start_paused = true)]
async fn commands_that_do_not_fit_on_the_bus_are_left_out_and_said_so() {
    let (commands, letters) = handle(weather(), &[record("INSERT", &large(MAX_BYTES_A_CHANGE))]).await;
    assert_eq!(commands, [delete("weather-Oslo")]);
    assert!(letters.reasons()[0].starts_with("the commands are larger than EventBridge takes: "));

    let topic = Some(Topic { name: template("changes"), includes_item: true });
    let (commands, letters) = handle(Mapping { topic, ..weather() }, &[record("INSERT", &large(600_000))]).await;
    assert!(matches!(&commands[..], [Command::CacheSet { .. }]), "the message is what has to go");
    assert_eq!(letters.reasons().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_record_larger_than_sqs_takes_is_a_dead_letter_without_its_images() {
    let (_, letters) = handle(weather(), &[record("INSERT", &large(1_100_000))]).await;
    let letter = letters.taken.lock().unwrap()[0].clone();
    let body: Value = serde_json::from_str(&letter.record).unwrap();
    assert_eq!(body["dynamodb"]["Keys"], json!({"Location": {"S": "Oslo"}}));
    assert_eq!(body["dynamodb"].get("NewImage"), None);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_has_only_characters_that_sqs_takes() {
    let item = json!({"Location": {"S": "Oslo"}, "text": {"N": "\u{fffe}\u{ffff}\u{1}"}});
    let (_, letters) = handle(weather(), &[record("INSERT", &item)]).await;
    let letter = letters.taken.lock().unwrap()[0].record.clone();
    assert!(letter.contains("\\ufffe\\uffff\\u0001"), "{letter}");
    assert_eq!(serde_json::from_str::<Value>(&letter).unwrap()["dynamodb"]["NewImage"], item);
}

#[tokio::test(start_paused = true)]
async fn a_batch_too_large_for_one_call_fails_before_anything_is_done_so_that_the_pipe_halves_it() {
    let letters = Letters::default();
    let handler = Changes::new(weather(), letters.clone(), FakeClock::starting_at(NOW).into(), || 0.5);
    let records = [record("INSERT", &large(600_000)), json!(null), record("INSERT", &large(600_000))];
    let error = handler.handle(&records).await.unwrap_err();
    assert!(matches!(error, BatchError::TooLarge { records: 3, .. }), "{error}");
    assert_eq!(letters.reasons(), Vec::<String>::new());
    assert!(handler.handle(&records[..2]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_queue_that_fails_is_asked_again_and_then_the_batch_fails() {
    let letters = Letters::default();
    let throttled = || ServiceError::Unavailable("Throttled".to_owned());
    let handler = Changes::new(weather(), letters.clone(), FakeClock::starting_at(NOW).into(), || 0.5);
    letters.failures.lock().unwrap().extend([throttled(), throttled()]);
    assert!(handler.handle(&[json!(null)]).await.is_ok());
    assert_eq!(letters.reasons().len(), 1);

    let denied = ServiceError::Refused("AccessDenied".to_owned());
    letters.failures.lock().unwrap().push(denied.clone());
    assert_eq!(handler.handle(&[json!(null)]).await, Err(BatchError::DeadLetterQueue(denied)));
}

fn settings(variables: &[(&str, &str)]) -> Result<ChangesSettings, SettingsError> {
    ChangesSettings::read(|name| {
        variables.iter().find(|variable| variable.0 == name).map(|variable| variable.1.to_owned())
    })
}

#[test]
fn the_settings_say_what_the_items_are_in_momento() {
    let required = [("CACHE_NAME", "weather"), ("DEAD_LETTER_QUEUE_URL", "url")];
    let read = |more: &[(&str, &str)]| settings(&[&required[..], more].concat());
    let key = ("KEY_TEMPLATE", "weather-{Location}");
    assert_eq!(read(&[key, ("TTL_SECONDS", "60")]).unwrap().mapping, weather());
    let lifetime = Lifetime::SecondsIn("T".to_owned());
    let all = [key, ("VALUE_TEMPLATE", "{a}"), ("TTL_ATTRIBUTE", "T")];
    assert_eq!(read(&all).unwrap().mapping, weather_with(Some("{a}"), lifetime));
    let expiry = read(&[key, ("EXPIRY_ATTRIBUTE", "T")]).unwrap().mapping;
    assert_eq!(expiry, weather_with(None, Lifetime::ExpiryIn("T".to_owned())));
    let published = read(&[("TOPIC_TEMPLATE", "t"), ("MESSAGE_HAS_ITEM", "false")]).unwrap();
    let topic = Some(Topic { name: template("t"), includes_item: false });
    assert_eq!(published.mapping, Mapping { cache_item: None, topic, ..weather() });
    assert_eq!(published.dead_letter_queue_url, "url");
}

#[test]
fn settings_that_are_no_use_are_named() {
    let good = [
        ("CACHE_NAME", "weather"),
        ("DEAD_LETTER_QUEUE_URL", "url"),
        ("KEY_TEMPLATE", "{a}"),
        ("TTL_SECONDS", "60"),
        ("MESSAGE_HAS_ITEM", "true"),
    ];
    for missing in ["CACHE_NAME", "DEAD_LETTER_QUEUE_URL", "KEY_TEMPLATE", "TTL_SECONDS"] {
        let rest: Vec<_> = good.into_iter().filter(|(name, _)| *name != missing).collect();
        assert_eq!(settings(&rest), Err(SettingsError::Missing(missing)));
    }
    for (name, value) in [
        ("KEY_TEMPLATE", "{a"),
        ("VALUE_TEMPLATE", "}"),
        ("TOPIC_TEMPLATE", "{}"),
        ("TTL_SECONDS", "0"),
        ("TTL_SECONDS", "1 h"),
        ("MESSAGE_HAS_ITEM", "yes"),
    ] {
        let changed: Vec<_> = good.into_iter().filter(|setting| setting.0 != name).chain([(name, value)]).collect();
        let error = settings(&changed).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(value), "{error}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "-?[0-9]{1,20}([.][0-9]{1,5})?(E[+-][0-9]{1,3})?".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("S".to_owned()),
        Just("N".to_owned()),
        Just("M".to_owned()),
        Just("L".to_owned()),
        Just("NS".to_owned()),
        Just("Location".to_owned()),
        Just("TTL".to_owned()),
        any::<String>(),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn any_record_becomes_commands_or_a_dead_letter_and_never_a_panic(image in any_json(), keys in any_json()) {
        let mut record = record("MODIFY", &oslo());
        record["dynamodb"]["NewImage"] = image;
        record["dynamodb"]["Keys"] = keys;
        let mapping = weather_with(None, Lifetime::ExpiryIn("TTL".to_owned()));
        let mapped = mapping.apply(&record, momento_eventbridge::clock::UnixMillis(NOW));
        prop_assert!(!mapped.events.is_empty() || !mapped.errors.is_empty());
        for PipeEvent(command) in &mapped.events {
            if let Command::CacheSet { message: Message::Text(message), ttl_seconds, .. } = command {
                prop_assert!(serde_json::from_str::<Value>(message).is_ok());
                prop_assert!((1..=86_400).contains(&ttl_seconds.get()));
            }
        }
    }
}
