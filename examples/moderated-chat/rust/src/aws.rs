//! The AWS services behind the traits of this crate.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_comprehend::types::{LanguageCode, TextSegment};
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_translate::operation::translate_text::TranslateTextError;
use aws_sdk_translate::types::{Profanity, TranslationSettings};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::event_bus::{Event, SOURCE};
use crate::moderation::{ModerationError, Moderator, Verdict, mask_all};
use crate::translation::{Translation, TranslationError, Translator};

/// The most bytes of a segment that `DetectToxicContent` takes. It takes ten, and a message of Momento's has 4 KB.
const SEGMENT_BYTES: usize = 1024;

/// The configuration that all clients share: region, role and endpoints from the environment. Calls are tried three times,
/// which all in all takes less than the 10 s that the functions have; after that it is for the queue to try again.
pub async fn shared_config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(8))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .timeout_config(timeouts)
        .load()
        .await
}

/// An EventBridge bus.
#[derive(Debug, Clone)]
pub struct EventBridge {
    client: aws_sdk_eventbridge::Client,
    bus_name: String,
}

impl EventBridge {
    /// The bus with this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, bus_name: String) -> Self {
        Self { client: aws_sdk_eventbridge::Client::new(config), bus_name }
    }
}

impl crate::event_bus::EventBus for EventBridge {
    type Error = String;

    async fn put(&self, event: Event<'_>) -> Result<(), String> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus_name)
            .source(SOURCE)
            .detail_type(event.detail_type())
            .detail(event.detail().to_string());
        let answer = self.client.put_events().entries(entry.build()).send().await.map_err(|error| code_of(&error))?;
        // EventBridge answers 200 also when it has not taken an entry.
        answer.entries().first().and_then(|entry| entry.error_code()).map_or(Ok(()), |code| Err(code.to_owned()))
    }
}

/// Amazon Translate. It detects the language, and masks profanity that it meets in the translation.
#[derive(Debug, Clone)]
pub struct AmazonTranslate(aws_sdk_translate::Client);

impl AmazonTranslate {
    /// The service in the configuration's region, which must have Amazon Comprehend too: that detects the language.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self(aws_sdk_translate::Client::new(config))
    }

    async fn translate_from(
        &self,
        source: &str,
        text: &str,
        target: &str,
    ) -> Result<Translation, TranslateTextFailure> {
        let answer = self
            .0
            .translate_text()
            .source_language_code(source)
            .target_language_code(target)
            .text(text)
            .settings(TranslationSettings::builder().profanity(Profanity::Mask).build())
            .send()
            .await?;
        Ok(Translation {
            text: answer.translated_text().to_owned(),
            original_language: answer.source_language_code().to_owned(),
        })
    }
}

type TranslateTextFailure = SdkError<TranslateTextError, aws_sdk_translate::config::http::HttpResponse>;

impl Translator for AmazonTranslate {
    async fn translate(&self, text: &str, language: &str) -> Result<Translation, TranslationError> {
        let error = match self.translate_from("auto", text, language).await {
            Ok(translation) => return Ok(translation),
            Err(error) => error,
        };
        // A chat's "ok" or "haha" could be in any language: what it is taken for, with little confidence, is good enough.
        let guess = match error.as_service_error() {
            Some(TranslateTextError::DetectedLanguageLowConfidenceException(low)) => low.detected_language_code(),
            _ => None,
        };
        match guess {
            Some(guess) if guess == language => {
                Ok(Translation { text: text.to_owned(), original_language: guess.to_owned() })
            }
            Some(guess) => self
                .translate_from(guess, text, language)
                .await
                .map_err(|error| TranslationError::Unavailable(code_of(&error))),
            None => Err(TranslationError::Unavailable(code_of(&error))),
        }
    }
}

/// Amazon Comprehend's detection of toxic content, which knows English only: what it says of other languages is a guess.
#[derive(Debug, Clone)]
pub struct ToxicityDetection {
    client: aws_sdk_comprehend::Client,
    threshold: f32,
}

impl ToxicityDetection {
    /// Texts of at least this toxicity, from 0 to 1, are masked as a whole.
    #[must_use]
    pub fn new(config: &SdkConfig, threshold: f32) -> Self {
        Self { client: aws_sdk_comprehend::Client::new(config), threshold }
    }
}

impl Moderator for ToxicityDetection {
    async fn moderate(&self, text: &str) -> Result<Verdict, ModerationError> {
        let mut call = self.client.detect_toxic_content().language_code(LanguageCode::En);
        for segment in segments(text) {
            let segment = TextSegment::builder().text(segment).build();
            call = call.text_segments(segment.map_err(|error| ModerationError::Unavailable(error.to_string()))?);
        }
        let answer = call.send().await.map_err(|error| ModerationError::Unavailable(code_of(&error)))?;
        let is_toxic =
            answer.result_list().iter().any(|segment| segment.toxicity().is_some_and(|it| it >= self.threshold));
        Ok(if is_toxic { Verdict::Masked(mask_all(text)) } else { Verdict::Clean })
    }
}

/// The text in pieces that `DetectToxicContent` takes.
fn segments(text: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (segment, more) = rest.split_at(rest.floor_char_boundary(SEGMENT_BYTES));
        segments.push(segment);
        rest = more;
    }
    segments
}

/// The service's error code, or what happened to the connection. Never what was sent.
pub(crate) fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ConstructionFailure(_) => "ConstructionFailure",
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "ConnectionFailed",
        SdkError::ResponseError(_) => "UnreadableResponse",
        error => error.code().unwrap_or("Unknown"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_sdk_comprehend::config::{Credentials, SharedCredentialsProvider};
    use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
    use aws_smithy_types::body::SdkBody;
    use serde_json::{Value, json};

    use super::{AmazonTranslate, EventBridge, ToxicityDetection, segments};
    use crate::event_bus::{Event, EventBus as _};
    use crate::message::Moderated;
    use crate::moderation::{ModerationError, Moderator as _, Verdict};
    use crate::translation::{Translation, TranslationError, Translator as _};

    /// How a service's answers are written, and its requests read: of the SDK's clients each has its own way.
    #[derive(Clone, Copy)]
    enum Protocol {
        Json,
        Cbor,
    }

    impl Protocol {
        fn write(self, value: &Value) -> Vec<u8> {
            let mut bytes = Vec::new();
            match self {
                Self::Json => serde_json::to_writer(&mut bytes, value).unwrap(),
                Self::Cbor => ciborium::into_writer(value, &mut bytes).unwrap(),
            }
            bytes
        }

        fn read(self, bytes: &[u8]) -> Value {
            match self {
                Self::Json => serde_json::from_slice(bytes).unwrap(),
                Self::Cbor => ciborium::from_reader(bytes).unwrap(),
            }
        }
    }

    /// A configuration whose clients get these answers, one after the other, and the client that recorded the requests.
    fn answering(protocol: Protocol, answers: &[(u16, Value)]) -> (SdkConfig, StaticReplayClient) {
        let event = |(status, body): &(u16, Value)| {
            let response = http::Response::builder().status(*status).header("smithy-protocol", "rpc-v2-cbor");
            let response = response.body(SdkBody::from(protocol.write(body))).unwrap();
            ReplayEvent::new(http::Request::new(SdkBody::empty()), response)
        };
        let http = StaticReplayClient::new(answers.iter().map(event).collect());
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .http_client(http.clone())
            .build();
        (config, http)
    }

    fn requests(protocol: Protocol, http: &StaticReplayClient) -> Vec<Value> {
        http.actual_requests().map(|request| protocol.read(request.body().bytes().unwrap())).collect()
    }

    fn asked_for(source: &str) -> Value {
        json!({
            "Text": "haha", "SourceLanguageCode": source, "TargetLanguageCode": "es", "Settings": { "Profanity": "MASK" },
        })
    }

    fn translated() -> (u16, Value) {
        (200, json!({ "TranslatedText": "jaja", "SourceLanguageCode": "en", "TargetLanguageCode": "es" }))
    }

    #[tokio::test]
    async fn translate_detects_the_language_and_masks_profanity() {
        let (config, http) = answering(Protocol::Cbor, &[translated()]);
        let translation = AmazonTranslate::new(&config).translate("haha", "es").await;
        let expected = Translation { text: "jaja".to_owned(), original_language: "en".to_owned() };
        assert_eq!(translation, Ok(expected));
        assert_eq!(requests(Protocol::Cbor, &http), [asked_for("auto")]);
    }

    #[tokio::test]
    async fn translate_goes_by_its_best_guess_where_the_language_is_uncertain() {
        let low = json!({ "__type": "DetectedLanguageLowConfidenceException", "DetectedLanguageCode": "en" });
        let (config, http) = answering(Protocol::Cbor, &[(400, low.clone()), translated()]);
        assert!(AmazonTranslate::new(&config).translate("haha", "es").await.is_ok());
        assert_eq!(requests(Protocol::Cbor, &http), [asked_for("auto"), asked_for("en")]);

        let (config, _) = answering(Protocol::Cbor, &[(400, low)]);
        let same = Translation { text: "haha".to_owned(), original_language: "en".to_owned() };
        assert_eq!(AmazonTranslate::new(&config).translate("haha", "en").await, Ok(same));
    }

    #[tokio::test]
    async fn translate_names_the_error_and_not_the_text() {
        let (config, _) = answering(
            Protocol::Cbor,
            &[(400, json!({ "__type": "UnsupportedLanguagePairException", "Message": "haha" }))],
        );
        let error = AmazonTranslate::new(&config).translate("haha", "xx").await;
        assert_eq!(error, Err(TranslationError::Unavailable("UnsupportedLanguagePairException".to_owned())));
    }

    async fn judged(toxicity: f32) -> Verdict {
        let (config, _) = answering(
            Protocol::Json,
            &[(200, json!({ "ResultList": [{ "Toxicity": 0.1 }, { "Toxicity": toxicity }] }))],
        );
        ToxicityDetection::new(&config, 0.5).moderate("Go away!").await.unwrap()
    }

    #[tokio::test]
    async fn a_text_with_a_toxic_segment_is_masked_as_a_whole() {
        assert_eq!(judged(0.5).await, Verdict::Masked("** ****!".to_owned()));
        assert_eq!(judged(0.49).await, Verdict::Clean);
    }

    #[tokio::test]
    async fn a_text_whose_toxicity_is_not_known_is_not_clean() {
        let (config, _) = answering(Protocol::Json, &[(400, json!({ "__type": "TextSizeLimitExceededException" }))]);
        let error = ModerationError::Unavailable("TextSizeLimitExceededException".to_owned());
        assert_eq!(ToxicityDetection::new(&config, 0.5).moderate("Go away!").await, Err(error));
    }

    #[test]
    fn segments_are_small_enough_and_leave_nothing_out() {
        let text = "aéあ🎉".repeat(400);
        let segments = segments(&text);
        assert!(segments.iter().all(|segment| segment.len() <= 1024));
        assert_eq!(segments.concat(), text);
    }

    #[tokio::test]
    async fn an_entry_that_the_bus_did_not_take_is_an_error() {
        let failed = json!({ "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "ThrottlingException" }] });
        let (config, _) = answering(Protocol::Json, &[(200, failed)]);
        let message = Moderated {
            cache: "chat".to_owned(),
            id: "1-1".to_owned(),
            sequence: 1,
            published_at: 1,
            author: "Ada".to_owned(),
            text: "hi".to_owned(),
            masked: false,
        };
        let put = EventBridge::new(&config, "default".to_owned()).put(Event::Moderated(&message)).await;
        assert_eq!(put, Err("ThrottlingException".to_owned()));
    }
}
