//! What is asked of the AWS services, and what their answers are taken for.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_types::SdkConfig;
use md5::{Digest as _, Md5};
use momento_eventbridge::aws::{
    ApiKeyConnection, Checkpoints, DynamoDb, EventBridge, SecretsManager, Sqs, config_from,
};
use momento_eventbridge::bus::EventBus;
use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::checkpoints::CheckpointTable as _;
use momento_eventbridge::claims::{Claim, ClaimAnswer, ClaimTable, RequestId};
use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::connection::{Connection, ConnectionState};
use momento_eventbridge::momento::api_key::ApiKey;
use momento_eventbridge::queue::dead_letter::{DeadLetter, DeadLetterQueue, MessageAttribute};
use momento_eventbridge::queue::fallback::FallbackQueue;
use momento_eventbridge::queue::sqs_batch::SourceQueue;
use momento_eventbridge::secret::store::{
    CurrentSecret, SecretError, SecretSource, SecretValue, SecretVersion, VersionedSecret,
};
use momento_eventbridge::service_error::ServiceError;
use momento_signature::Signature;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A service that answers everything like this, and the JSON of the last request it got.
pub(crate) fn service(status: u16, answer: &Value) -> (SdkConfig, Arc<Mutex<Value>>) {
    let asked = Arc::new(Mutex::new(Value::Null));
    let (answer, keep) = (answer.to_string(), Arc::clone(&asked));
    let client = infallible_client_fn(move |request| {
        *keep.lock().unwrap() = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        http::Response::builder().status(status).body(answer.clone()).unwrap()
    });
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .region(Region::new("us-east-1"))
        .retry_config(RetryConfig::disabled())
        .http_client(client)
        .build();
    (config, asked)
}

fn event() -> BusEvent {
    BusEvent {
        source: "Momento".to_owned(),
        detail_type: "chat#room-281".to_owned(),
        detail: "{ \"text\" : \"\u{fffe}é\" }".to_owned(),
        time: 1_683_219_700_123,
        trace_header: Some("Root=1-a".to_owned()),
    }
}

fn unavailable(code: &str) -> ServiceError {
    ServiceError::Unavailable(code.to_owned())
}

fn refused(code: &str) -> ServiceError {
    ServiceError::Refused(code.to_owned())
}

/// What SQS answers when it has taken a message with this body.
fn receipt(body: &str) -> Value {
    json!({"MessageId": "1", "MD5OfMessageBody": base16ct::lower::encode_string(&Md5::digest(body.as_bytes()))})
}

#[tokio::test]
async fn a_queue_that_gives_no_receipt_has_not_taken_the_message() {
    let of_another = receipt("another message");
    for (answer, error) in [
        (json!({}), "NoMessageId"),
        (json!({"MessageId": "", "MD5OfMessageBody": receipt("{}")["MD5OfMessageBody"]}), "NoMessageId"),
        (json!({"MD5OfMessageBody": receipt("{}")["MD5OfMessageBody"]}), "NoMessageId"),
        (json!({"MessageId": "1"}), "NoChecksum"),
        (of_another, "ChecksumMismatch"),
    ] {
        let (config, _) = service(200, &answer);
        let queue = Sqs::new(&config, "https://q".to_owned());
        assert_eq!(queue.bury(&DeadLetter { body: "{}", attributes: vec![] }).await, Err(unavailable(error)));
        assert!(queue.park(&event(), &unavailable("x")).await.is_err());
    }
}

#[tokio::test]
async fn a_parked_event_and_a_dead_letter_say_which_bus_they_belong_to() {
    let queue = |body: &str| {
        let (config, asked) = service(200, &receipt(body));
        (Sqs::new(&config, "https://q".to_owned()).of_event_bus("orders".to_owned()), asked)
    };
    let bus = json!({"DataType": "String", "StringValue": "orders"});
    let (parked, asked) = queue(&event().to_parked());
    assert_eq!(parked.park(&event(), &unavailable("x")).await, Ok(()));
    assert_eq!(asked.lock().unwrap()["MessageAttributes"]["EventBus"], bus);
    let (dead, asked) = queue("{}");
    assert_eq!(dead.bury(&DeadLetter { body: "{}", attributes: vec![] }).await, Ok(()));
    assert_eq!(asked.lock().unwrap()["MessageAttributes"]["EventBus"], bus);
}

#[tokio::test]
async fn an_event_without_an_id_is_not_on_the_bus() {
    for entries in [json!([{}]), json!([{"EventId": ""}])] {
        let (config, _) = service(200, &json!({"FailedEntryCount": 0, "Entries": entries}));
        let results = EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await;
        assert_eq!(results, Ok(vec![Err(unavailable("NoEventId"))]));
    }
}

#[tokio::test]
async fn an_error_code_that_does_not_look_like_one_is_not_shown() {
    for code in ["she said hush", "a\u{202e}b", "", &"x".repeat(97)] {
        let (config, _) = service(400, &json!({"__type": code, "message": "no"}));
        let error = EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await.unwrap_err().to_string();
        assert!(error.ends_with("UnreadableCode") || error.ends_with("Unknown"), "{error}");
        let entry = json!({"Entries": [{"ErrorCode": code}]});
        let (config, _) = service(200, &entry);
        let results = EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await;
        assert_eq!(results, Ok(vec![Err(unavailable("UnreadableCode"))]));
    }
}

#[tokio::test]
async fn the_bus_gets_the_event_as_it_is() {
    let (config, asked) = service(200, &json!({"FailedEntryCount": 0, "Entries": [{"EventId": "id"}]}));
    assert_eq!(EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await, Ok(vec![Ok("id".to_owned())]));
    assert_eq!(
        *asked.lock().unwrap(),
        json!({"Entries": [{
            "EventBusName": "bus",
            "Source": "Momento",
            "DetailType": "chat#room-281",
            "Detail": event().detail,
            "Time": 1_683_219_700.123,
            "TraceHeader": "Root=1-a",
        }]})
    );
}

#[tokio::test]
async fn an_entry_that_failed_inside_a_success_is_a_failure() {
    let entry = |code: &str| json!({"FailedEntryCount": 1, "Entries": [{"ErrorCode": code, "ErrorMessage": "no"}]});
    for (answer, error) in [
        (entry("ThrottlingException"), unavailable("ThrottlingException")),
        (entry("InternalFailure"), unavailable("InternalFailure")),
        (entry("SomethingNew"), unavailable("SomethingNew")),
        (entry("MalformedDetail"), refused("MalformedDetail")),
        (entry("InvalidArgument"), refused("InvalidArgument")),
        (entry("AccessDeniedException"), refused("AccessDeniedException")),
        (json!({"FailedEntryCount": 0, "Entries": [{}]}), unavailable("NoEventId")),
    ] {
        let (config, _) = service(200, &answer);
        assert_eq!(EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await, Ok(vec![Err(error)]));
    }
}

#[tokio::test]
async fn a_call_that_failed_is_tried_again_unless_it_would_fail_again() {
    let error = |code: &str| json!({"__type": code, "message": "no"});
    for (status, code, expected) in [
        (400, "ThrottlingException", unavailable("ThrottlingException")),
        (400, "RequestLimitExceeded", unavailable("RequestLimitExceeded")),
        (429, "Whatever", unavailable("Whatever")),
        (500, "InternalException", unavailable("InternalException")),
        (503, "ServiceUnavailable", unavailable("ServiceUnavailable")),
        (400, "AccessDeniedException", refused("AccessDeniedException")),
        (400, "ValidationException", refused("ValidationException")),
    ] {
        let (config, _) = service(status, &error(code));
        assert_eq!(EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await, Err(expected.clone()));
        let queue = Sqs::new(&config, "https://sqs.us-east-1.amazonaws.com/1/q".to_owned());
        assert_eq!(queue.park(&event(), &unavailable("x")).await, Err(expected));
    }
    let (config, _) = service(500, &json!("no error document"));
    assert_eq!(EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await, Err(unavailable("Unknown")));
}

#[tokio::test]
async fn the_queue_gets_the_event_and_the_reason_why_it_is_there() {
    let (config, asked) = service(200, &receipt(&event().to_parked()));
    let queue = Sqs::new(&config, "https://sqs.us-east-1.amazonaws.com/1/q".to_owned());
    assert_eq!(queue.park(&event(), &refused("MalformedDetail")).await, Ok(()));
    let asked = asked.lock().unwrap();
    assert_eq!(asked["QueueUrl"], "https://sqs.us-east-1.amazonaws.com/1/q");
    assert_eq!(asked["MessageBody"], event().to_parked());
    let reason = json!({"Reason": {"DataType": "String", "StringValue": "refused: MalformedDetail"}});
    assert_eq!(asked["MessageAttributes"], reason);
}

#[tokio::test]
async fn a_secret_is_asked_for_by_version_and_says_when_that_was_made() {
    for (version, stage) in [(SecretVersion::Current, "AWSCURRENT"), (SecretVersion::Previous, "AWSPREVIOUS")] {
        let (config, asked) = service(200, &json!({"SecretString": "secret", "CreatedDate": 1_683_219_700.5}));
        let source = SecretsManager::new(&config, "id".to_owned());
        let created = Some(UnixMillis(1_683_219_700_500));
        assert_eq!(source.read(version).await, Ok(SecretValue { text: "secret".to_owned(), created }));
        assert_eq!(*asked.lock().unwrap(), json!({"SecretId": "id", "VersionStage": stage}));
    }
    let (config, _) = service(200, &json!({"SecretString": "secret"}));
    let read = SecretsManager::new(&config, "id".to_owned()).read(SecretVersion::Current).await;
    assert_eq!(read, Ok(SecretValue { text: "secret".to_owned(), created: None }));
}

#[tokio::test]
async fn a_secret_that_does_not_exist_one_without_a_value_and_a_failure_are_told_apart() {
    let not_found = |message: &str| json!({"__type": "ResourceNotFoundException", "Message": message});
    let no_value = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    for (status, answer, expected) in [
        (400, not_found("Secrets Manager can't find the specified secret."), SecretError::NotFound),
        (400, not_found(no_value), SecretError::NoValue),
        (400, json!({"__type": "AccessDeniedException"}), SecretError::Service(refused("AccessDeniedException"))),
        (400, json!({"__type": "ThrottlingException"}), SecretError::Service(unavailable("ThrottlingException"))),
        (500, json!({"__type": "InternalServiceError"}), SecretError::Service(unavailable("InternalServiceError"))),
        (200, json!({"VersionId": "v1", "SecretBinary": "c2VjcmV0"}), SecretError::Binary),
        (200, json!({"VersionId": "v1"}), SecretError::Service(unavailable("NoSecretValue"))),
    ] {
        let (config, _) = service(status, &answer);
        let secret = SecretsManager::new(&config, "id".to_owned());
        assert_eq!(secret.read(SecretVersion::Current).await, Err(expected.clone()));
        assert_eq!(VersionedSecret::current(&secret).await.map(|_| ()), Err(expected));
    }
}

#[tokio::test]
async fn each_event_of_a_call_has_a_result_of_its_own() {
    let entries = json!([{"EventId": "1"}, {"ErrorCode": "InternalFailure"}, {"EventId": "3"}]);
    let (config, asked) = service(200, &json!({"FailedEntryCount": 1, "Entries": entries}));
    let results = EventBridge::new(&config, "bus".to_owned()).put(&[event(), event(), event()]).await;
    assert_eq!(results, Ok(vec![Ok("1".to_owned()), Err(unavailable("InternalFailure")), Ok("3".to_owned())]));
    assert_eq!(asked.lock().unwrap()["Entries"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_dead_letter_keeps_its_body_and_says_why_it_is_one() {
    let (config, asked) = service(200, &receipt("{}"));
    let attributes =
        vec![("Reason", MessageAttribute::Text("refused: X".to_owned())), ("Attempts", MessageAttribute::Number(7))];
    let letter = DeadLetter { body: "{}", attributes };
    assert_eq!(Sqs::new(&config, "https://q".to_owned()).bury(&letter).await, Ok(()));
    let asked = asked.lock().unwrap();
    assert_eq!(asked["MessageBody"], "{}");
    assert_eq!(
        asked["MessageAttributes"],
        json!({
            "Reason": {"DataType": "String", "StringValue": "refused: X"},
            "Attempts": {"DataType": "Number", "StringValue": "7"},
        })
    );
}

#[tokio::test]
async fn a_dead_letter_that_fills_a_message_by_itself_is_kept_without_what_has_no_room_beside_it() {
    for (room, kept) in [(100, vec!["ERROR_CODE", "ERROR_MESSAGE"]), (40, vec!["ERROR_CODE"]), (0, vec![])] {
        let body = "x".repeat(1024 * 1024 - room);
        let (config, asked) = service(200, &receipt(&body));
        let attributes = vec![
            ("ERROR_CODE", MessageAttribute::Text("TIMEOUT".to_owned())),
            ("ERROR_MESSAGE", MessageAttribute::Text("x".repeat(30))),
        ];
        let letter = DeadLetter { body: &body, attributes };
        assert_eq!(Sqs::new(&config, "https://q".to_owned()).bury(&letter).await, Ok(()));
        let asked = asked.lock().unwrap();
        assert_eq!(asked["MessageBody"], letter.body);
        let mut names: Vec<_> = asked["MessageAttributes"].as_object().into_iter().flat_map(|all| all.keys()).collect();
        names.sort();
        assert_eq!(names, kept);
    }
}

#[tokio::test]
async fn a_message_is_postponed_by_its_visibility() {
    let (config, asked) = service(200, &json!({}));
    let wait = std::time::Duration::from_mins(15);
    assert_eq!(Sqs::new(&config, "https://q".to_owned()).postpone("handle", wait).await, Ok(()));
    let expected = json!({"QueueUrl": "https://q", "ReceiptHandle": "handle", "VisibilityTimeout": 900});
    assert_eq!(*asked.lock().unwrap(), expected);
}

fn claim() -> Claim {
    let signature = Signature::from_header(Some(&"0a".repeat(32))).unwrap();
    Claim { id: RequestId::of(&signature), claimant: 7, until: UnixMillis(16_000), expires: UnixMillis(80_001) }
}

#[tokio::test]
async fn a_claim_is_conditional_and_names_no_signature() {
    let (config, asked) = service(200, &json!({"ConsumedCapacity": {"CapacityUnits": 1}}));
    let table = DynamoDb::new(&config, "table".to_owned());
    assert_eq!(table.claim(&claim(), UnixMillis(10_000)).await, Ok(ClaimAnswer::Granted));
    let asked = asked.lock().unwrap();
    assert_eq!(asked["TableName"], "table");
    assert!(!asked.to_string().contains(&"0a".repeat(32)));
    assert_eq!(asked["Item"]["id"]["S"].as_str().unwrap().len(), 64);
    assert_eq!(asked["Item"]["expires"], json!({"N": "81"}));
    assert_eq!(asked["Item"]["claimedUntil"], json!({"N": "16000"}));
    assert_eq!(
        asked["ConditionExpression"],
        "attribute_not_exists(id) OR expires < :now_in_seconds \
         OR (attribute_not_exists(taken) AND (claimedUntil < :now OR claimant = :claimant))"
    );
    assert_eq!(asked["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
}

#[tokio::test]
async fn a_table_that_gives_no_receipt_has_not_heard() {
    let (config, asked) = service(200, &json!({}));
    let table = DynamoDb::new(&config, "table".to_owned());
    let no_receipt = unavailable("NoConsumedCapacity");
    assert_eq!(table.claim(&claim(), UnixMillis(0)).await, Err(no_receipt.clone()));
    assert_eq!(asked.lock().unwrap()["ReturnConsumedCapacity"], "TOTAL");
    assert_eq!(table.mark_taken(&claim()).await, Err(no_receipt.clone()));
    assert_eq!(asked.lock().unwrap()["ReturnConsumedCapacity"], "TOTAL");
    assert_eq!(table.release(&claim()).await, Err(no_receipt));
    assert_eq!(asked.lock().unwrap()["ReturnConsumedCapacity"], "TOTAL");
}

#[tokio::test]
async fn a_claim_that_is_not_granted_says_whether_the_request_was_taken() {
    let failed = |item: &Value| json!({"__type": "ConditionalCheckFailedException", "Item": item});
    for (item, expected) in [
        (json!({"id": {"S": "x"}, "taken": {"BOOL": true}}), ClaimAnswer::Taken),
        (json!({"id": {"S": "x"}, "claimedUntil": {"N": "1"}}), ClaimAnswer::InProgress),
    ] {
        let (config, _) = service(400, &failed(&item));
        let answer = DynamoDb::new(&config, "table".to_owned()).claim(&claim(), UnixMillis(0)).await;
        assert_eq!(answer, Ok(expected));
    }
    let (config, _) = service(400, &json!({"__type": "ProvisionedThroughputExceededException"}));
    let answer = DynamoDb::new(&config, "table".to_owned()).claim(&claim(), UnixMillis(0)).await;
    assert_eq!(answer, Err(unavailable("ProvisionedThroughputExceededException")));
}

#[tokio::test]
async fn a_claim_that_is_no_longer_ones_own_needs_no_release() {
    let (config, asked) = service(400, &json!({"__type": "ConditionalCheckFailedException"}));
    assert_eq!(DynamoDb::new(&config, "table".to_owned()).release(&claim()).await, Ok(()));
    let condition = "claimant = :claimant AND attribute_not_exists(taken)";
    assert_eq!(asked.lock().unwrap()["ConditionExpression"], condition);
}

#[tokio::test]
async fn a_secrets_current_value_comes_with_its_version() {
    let current = async |status, answer: Value| {
        let (config, asked) = service(status, &answer);
        let current = VersionedSecret::current(&SecretsManager::new(&config, "id".to_owned())).await;
        assert_eq!(*asked.lock().unwrap(), json!({"SecretId": "id", "VersionStage": "AWSCURRENT"}));
        current.map(|CurrentSecret { version_id, document }| (version_id, document))
    };
    let read = current(200, json!({"SecretString": "key", "VersionId": "v1"})).await;
    assert_eq!(read, Ok(("v1".to_owned(), "key".to_owned())));
    assert_eq!(current(200, json!({"SecretBinary": "c2VjcmV0", "VersionId": "v1"})).await, Err(SecretError::Binary));
}

#[tokio::test]
async fn a_connection_is_described_and_updated_with_the_raw_key_in_its_header() {
    let (config, _) = service(
        200,
        &json!({
            "Description": "Momento API key",
            "KmsKeyIdentifier": "kms",
            "InvocationConnectivityParameters": {"ResourceParameters": {
                "ResourceConfigurationArn": "configuration", "ResourceAssociationArn": "association",
            }},
        }),
    );
    let state = ConnectionState {
        description: Some("Momento API key".to_owned()),
        kms_key: Some("kms".to_owned()),
        private_resource: Some("configuration".to_owned()),
    };
    assert_eq!(ApiKeyConnection::new(&config, "name".to_owned()).describe().await, Ok(state.clone()));
    let key = ApiKey::from_document("the-key", None).unwrap();
    let api_key = json!({"ApiKeyName": "Authorization", "ApiKeyValue": "the-key"});
    let bare =
        json!({"Name": "name", "AuthorizationType": "API_KEY", "AuthParameters": {"ApiKeyAuthParameters": api_key}});
    let mut whole = bare.clone();
    whole["Description"] = "Momento API key".into();
    whole["KmsKeyIdentifier"] = "kms".into();
    whole["InvocationConnectivityParameters"] =
        json!({"ResourceParameters": {"ResourceConfigurationArn": "configuration"}});
    for (state, expected) in [(state, whole), (ConnectionState::default(), bare)] {
        let (config, asked) = service(200, &json!({"ConnectionArn": "arn"}));
        assert_eq!(ApiKeyConnection::new(&config, "name".to_owned()).update(&key, &state).await, Ok(()));
        assert_eq!(*asked.lock().unwrap(), expected);
    }
    let (config, _) = service(200, &json!({}));
    let unconfirmed = ApiKeyConnection::new(&config, "name".to_owned()).update(&key, &ConnectionState::default()).await;
    assert_eq!(unconfirmed, Err(unavailable("NoConnectionArn")));
    let (config, _) = service(400, &json!({"__type": "ResourceNotFoundException"}));
    let missing = ApiKeyConnection::new(&config, "name".to_owned()).describe().await;
    assert_eq!(missing, Err(refused("ResourceNotFoundException")));
}

/// The URL and the headers of what a client sends that is configured by these variables.
async fn request_of(variable: fn(&str) -> Option<String>) -> http::Request<()> {
    let sent = Arc::new(Mutex::new(None));
    let recorder = Arc::clone(&sent);
    let client = infallible_client_fn(move |request| {
        let mut copy = http::Request::builder().method(request.method()).uri(request.uri()).body(()).unwrap();
        *copy.headers_mut() = request.headers().clone();
        *recorder.lock().unwrap() = Some(copy);
        http::Response::builder().status(400).body("{}").unwrap()
    });
    let config = config_from(variable).to_builder().http_client(client).build();
    let _ = SecretsManager::new(&config, "id".to_owned()).read(SecretVersion::Current).await;
    sent.lock().unwrap().take().unwrap()
}

fn in_lambda(name: &str) -> Option<String> {
    let value = match name {
        "AWS_REGION" => "eu-central-1",
        "AWS_ACCESS_KEY_ID" => "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY" => "secret",
        "AWS_SESSION_TOKEN" => "token",
        "AWS_ENDPOINT_URL" => "",
        _ => return None,
    };
    Some(value.to_owned())
}

#[tokio::test]
async fn a_client_takes_its_region_and_role_from_the_variables_that_lambda_sets() {
    let request = request_of(in_lambda).await;
    assert_eq!(request.uri(), "https://secretsmanager.eu-central-1.amazonaws.com/");
    assert_eq!(request.headers()["x-amz-security-token"], "token");
    let authorization = request.headers()["authorization"].to_str().unwrap();
    assert!(authorization.contains("Credential=AKIDEXAMPLE/") && authorization.contains("/eu-central-1/"));
}

#[tokio::test]
async fn a_client_calls_the_endpoint_that_a_variable_names_first_that_of_its_own_service() {
    let everywhere =
        |name: &str| if name == "AWS_ENDPOINT_URL" { Some("http://all:1".to_owned()) } else { in_lambda(name) };
    assert_eq!(request_of(everywhere).await.uri(), "http://all:1/");
    let of_the_service = |name: &str| match name {
        "AWS_ENDPOINT_URL_SECRETS_MANAGER" => Some("http://one:2".to_owned()),
        "AWS_ENDPOINT_URL" => Some("http://all:1".to_owned()),
        name => in_lambda(name),
    };
    assert_eq!(request_of(of_the_service).await.uri(), "http://one:2/");
}

#[test]
fn fips_and_dual_stack_endpoints_are_used_where_variables_say_so() {
    let switched = |name: &str| match name {
        "AWS_USE_FIPS_ENDPOINT" => Some("True".to_owned()),
        "AWS_USE_DUALSTACK_ENDPOINT" => Some("false".to_owned()),
        name => in_lambda(name),
    };
    let (config, unset) = (config_from(switched), config_from(in_lambda));
    assert_eq!((config.use_fips(), config.use_dual_stack()), (Some(true), Some(false)));
    assert_eq!((unset.use_fips(), unset.use_dual_stack()), (None, None));
}

#[tokio::test]
async fn services_are_called_in_the_name_of_this_package_and_hear_nothing_else_of_the_caller() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let recorder = Arc::clone(&sent);
    let client = infallible_client_fn(move |request| {
        recorder.lock().unwrap().push(request.headers().clone());
        http::Response::builder().status(200).body("{}").unwrap()
    });
    let config = config_from(in_lambda).to_builder().http_client(client).build();
    let _ = EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await;
    let _ = ApiKeyConnection::new(&config, "name".to_owned()).describe().await;
    let _ = SecretsManager::new(&config, "id".to_owned()).read(SecretVersion::Current).await;
    let _ = Sqs::new(&config, "https://q".to_owned()).park(&event(), &unavailable("x")).await;
    let _ = DynamoDb::new(&config, "table".to_owned()).claim(&claim(), UnixMillis(0)).await;
    let _ = Checkpoints::new(&config, "table".to_owned()).lease().await;
    let sent = sent.lock().unwrap();
    assert_eq!(sent.len(), 6);
    for headers in &*sent {
        let user_agent = concat!("cdk-momento-eventbridge/", env!("CARGO_PKG_VERSION"));
        assert_eq!(headers["user-agent"], user_agent);
        let of_the_sdk = ["x-amz-user-agent", "amz-sdk-request", "amz-sdk-invocation-id"];
        assert!(of_the_sdk.iter().all(|name| !headers.contains_key(*name)), "{headers:?}");
    }
    let names: BTreeSet<&str> = sent[0].keys().map(http::HeaderName::as_str).collect();
    let needed = "authorization content-length content-type user-agent x-amz-date x-amz-security-token x-amz-target";
    assert_eq!(names, needed.split(' ').collect());
}

#[tokio::test]
async fn to_connect_to_the_bus_publishes_nothing_and_says_nothing_of_the_account() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let recorder = Arc::clone(&sent);
    let client = infallible_client_fn(move |request| {
        recorder.lock().unwrap().push((
            request.method().clone(),
            request.uri().to_string(),
            request.headers().len(),
            request.body().bytes().map(<[u8]>::len),
        ));
        http::Response::builder().status(404).body("<html>not found</html>").unwrap()
    });
    let config = config_from(in_lambda).to_builder().http_client(client).build();
    EventBridge::new(&config, "bus".to_owned()).connect().await;
    let get = (http::Method::GET, "https://events.eu-central-1.amazonaws.com/".to_owned(), 0, Some(0));
    assert_eq!(*sent.lock().unwrap(), [get]);
}

#[tokio::test]
async fn the_first_event_goes_over_the_connection_that_was_opened_for_it() {
    let answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 15\r\n\r\n<html>no</html>";
    let (config, connections) = counting_service(answer.to_owned()).await;
    let bus = EventBridge::new(&config, "bus".to_owned());
    bus.connect().await;
    let _ = bus.put(&[event()]).await;
    assert_eq!(*connections.lock().unwrap(), 1);
}

/// A server that answers every request with this, and how many connections it has accepted.
async fn counting_service(answer: String) -> (SdkConfig, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(Mutex::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            *count.lock().unwrap() += 1;
            let answer = answer.clone();
            tokio::spawn(async move {
                while stream.read(&mut [0; 8192]).await.is_ok_and(|bytes| bytes > 0) {
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (config_from(in_lambda).to_builder().endpoint_url(endpoint).build(), connections)
}

#[tokio::test]
async fn after_an_answer_that_blames_the_service_the_next_call_goes_over_another_connection() {
    for (status, connections) in [("200 OK", 1), ("400 Bad Request", 1), ("503 Service Unavailable", 2)] {
        let (config, accepted) = counting_service(format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}")).await;
        let bus = EventBridge::new(&config, "bus".to_owned());
        for _ in 0..2 {
            let _ = bus.put(&[event()]).await;
        }
        assert_eq!(*accepted.lock().unwrap(), connections, "{status}");
    }
}

/// A server that answers every request with a body that does not end, and how much of it was sent.
async fn endless_service() -> (SdkConfig, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(Mutex::new(0));
    let count = Arc::clone(&sent);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 8192]).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\n\r\n{\"SecretString\":\"";
                let mut sending = stream.write_all(head.as_bytes()).await;
                while sending.is_ok() {
                    sending = stream.write_all(&[b'x'; 8 * 1024]).await;
                    *count.lock().unwrap() += 8 * 1024;
                }
            });
        }
    });
    let config = config_from(in_lambda).to_builder().endpoint_url(endpoint).build();
    (config, sent)
}

#[tokio::test]
async fn an_answer_without_an_end_is_unreadable_and_takes_little_memory() {
    let (config, sent) = endless_service().await;
    let unreadable = || unavailable("UnreadableResponse");
    let secret = SecretsManager::new(&config, "id".to_owned()).read(SecretVersion::Current).await;
    assert_eq!(secret, Err(SecretError::Service(unreadable())));
    assert_eq!(EventBridge::new(&config, "bus".to_owned()).put(&[event()]).await, Err(unreadable()));
    let queue = Sqs::new(&config, "https://sqs.us-east-1.amazonaws.com/1/q".to_owned());
    assert_eq!(queue.park(&event(), &unavailable("x")).await, Err(unreadable()));
    let table = DynamoDb::new(&config, "table".to_owned());
    assert_eq!(table.claim(&claim(), UnixMillis(0)).await, Err(unreadable()));
    let described = ApiKeyConnection::new(&config, "name".to_owned()).describe().await;
    assert_eq!(described, Err(unreadable()));
    // Five answers of 1 MiB, and what the sockets hold.
    let sent = *sent.lock().unwrap();
    assert!(sent < 64 * 1024 * 1024, "{sent} bytes");
}
