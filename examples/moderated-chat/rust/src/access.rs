//! How the page gets in: it says a name, and gets a token that lets it publish under this name and read the languages of
//! its plan, for a while.

use std::future::Future;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api_key::ApiKeyError;
use crate::asking_limit::{Asks, counted_as};
use crate::plans::{PlanError, Plans};

/// The longest name, in characters. Momento takes ids of tokens of 64 bytes.
const MAX_NAME_CHARACTERS: usize = 16;

/// What a token is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The cache of the topics.
    pub cache: String,
    /// The topic that may be published to.
    pub publish: String,
    /// The topics that may be subscribed to, and the items of the same names that may be read.
    pub read: Vec<String>,
    /// How long.
    pub valid_for_seconds: u32,
}

/// What the function is set to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The cache of the topics.
    pub cache: String,
    /// The topic that everyone may publish to.
    pub publish: String,
    /// How the topics of the languages begin.
    pub subscribe_prefix: String,
    /// How long tokens are valid.
    pub valid_for_seconds: u32,
    /// How often an address may ask in a minute.
    pub asks_a_minute: u32,
}

/// A token.
#[derive(Clone)]
pub struct Token {
    /// What goes into the header `Authorization` of Momento's HTTP API.
    pub token: String,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_at: u64,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is no API key.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
    /// The API key has characters that no key has.
    #[error("the API key is invalid")]
    InvalidApiKey,
    /// Momento gave none.
    #[error("Momento gave no token: {0}")]
    Refused(String),
    /// The access codes could not be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It is not known how often the address has asked.
    #[error("the asks of an address cannot be counted: {0}")]
    Count(String),
}

/// Makes tokens.
pub trait TokenSource {
    /// Makes one. What is published with it carries `id` as its `token_id`.
    fn token(&self, id: &str, grant: &Grant) -> impl Future<Output = Result<Token, TokenError>> + Send;
}

/// A call of the Function URL.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlCall {
    request_context: RequestContext,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: String,
}

/// The answer to it.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlAnswer {
    status_code: u16,
    headers: Value,
    body: String,
}

impl UrlAnswer {
    fn new(status_code: u16, content: &Value) -> Self {
        let headers = json!({ "content-type": "application/json", "cache-control": "no-store" });
        Self { status_code, headers, body: content.to_string() }
    }

    fn error(status_code: u16, message: &str) -> Self {
        Self::new(status_code, &json!({ "message": message }))
    }
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    /// What a reader has bought the languages of their plan with.
    code: Option<String>,
}

/// What answers calls.
#[derive(Debug)]
pub struct Entrance<S, P, A> {
    /// What the function is set to.
    pub settings: Settings,
    /// Makes the tokens.
    pub tokens: S,
    /// Knows who may read which languages.
    pub plans: P,
    /// Counts who asks.
    pub asks: A,
}

impl<S: TokenSource, P: Plans, A: Asks> Entrance<S, P, A> {
    /// Answers a call: with a token for who says a name.
    ///
    /// # Errors
    /// See [`TokenError`]. The caller learns nothing of it.
    pub async fn admit(&self, call: &UrlCall) -> Result<UrlAnswer, TokenError> {
        let Http { method, source_ip } = &call.request_context.http;
        if method != "POST" {
            return Ok(UrlAnswer::error(405, "POST a name: {\"name\":\"Ada\"}"));
        }
        let settings = &self.settings;
        // Codes could be guessed too, so it is counted whatever is asked.
        let asks = self.asks.count(&counted_as(source_ip)).await.map_err(TokenError::Count)?;
        if asks > settings.asks_a_minute {
            return Ok(UrlAnswer::error(429, "Too many people ask from your address. Try again in a minute"));
        }
        let Some(entry) = entry_in(call) else {
            return Ok(UrlAnswer::error(400, "The body must be a JSON object with a `name` that is a string"));
        };
        // Here an application would look at who is calling, and take the name and the plan from there.
        if !is_acceptable(&entry.name) {
            let message =
                format!("A name has 1 to {MAX_NAME_CHARACTERS} characters: letters, digits, and single spaces inside");
            return Ok(UrlAnswer::error(400, &message));
        }
        let Some(languages) = self.plans.languages(entry.code.as_deref()).await? else {
            return Ok(UrlAnswer::error(403, "This access code is not valid"));
        };
        let grant = Grant {
            cache: settings.cache.clone(),
            publish: settings.publish.clone(),
            read: languages.iter().map(|language| format!("{}{language}", settings.subscribe_prefix)).collect(),
            valid_for_seconds: settings.valid_for_seconds,
        };
        let Token { token, expires_at } = self.tokens.token(&entry.name, &grant).await?;
        Ok(UrlAnswer::new(200, &json!({ "token": token, "expiresAt": expires_at, "languages": languages })))
    }
}

fn entry_in(call: &UrlCall) -> Option<Entry> {
    let body = call.body.as_deref()?;
    if call.is_base64_encoded {
        serde_json::from_slice(&STANDARD.decode(body).ok()?).ok()
    } else {
        serde_json::from_str(body).ok()
    }
}

fn is_acceptable(name: &str) -> bool {
    name.chars().count() <= MAX_NAME_CHARACTERS
        && name.split(' ').all(|word| !word.is_empty() && word.chars().all(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use serde_json::{Value, json};

    use super::{Entrance, Grant, Settings, Token, TokenError, TokenSource, UrlAnswer, UrlCall};
    use crate::asking_limit::Asks;
    use crate::plans::{PlanError, Plans};

    struct Echo;

    impl TokenSource for Echo {
        async fn token(&self, id: &str, grant: &Grant) -> Result<Token, TokenError> {
            let token = format!("{id}: {} {}", grant.publish, grant.read.join(" "));
            Ok(Token { token, expires_at: grant.valid_for_seconds.into() })
        }
    }

    struct OneCode;

    impl Plans for OneCode {
        async fn languages(&self, code: Option<&str>) -> Result<Option<Vec<String>>, PlanError> {
            Ok(match code {
                None => Some(vec!["english".to_owned()]),
                Some("paid") => Some(vec!["english".to_owned(), "spanish".to_owned()]),
                Some(_) => None,
            })
        }
    }

    #[derive(Default)]
    struct Counter(AtomicU32);

    impl Asks for Counter {
        async fn count(&self, _: &str) -> Result<u32, String> {
            Ok(self.0.fetch_add(1, Ordering::Relaxed) + 1)
        }
    }

    fn entrance() -> Entrance<Echo, OneCode, Counter> {
        let settings = Settings {
            cache: "chat".to_owned(),
            publish: "in".to_owned(),
            subscribe_prefix: "out-".to_owned(),
            valid_for_seconds: 600,
            asks_a_minute: 3,
        };
        Entrance { settings, tokens: Echo, plans: OneCode, asks: Counter::default() }
    }

    async fn answer_of(entrance: &Entrance<Echo, OneCode, Counter>, call: Value) -> (u16, Value) {
        let call: UrlCall = serde_json::from_value(call).unwrap();
        let UrlAnswer { status_code, body, .. } = entrance.admit(&call).await.unwrap();
        (status_code, serde_json::from_str(&body).unwrap())
    }

    async fn answer(call: Value) -> (u16, Value) {
        answer_of(&entrance(), call).await
    }

    fn posted(body: &str) -> Value {
        json!({ "requestContext": { "http": { "method": "POST", "sourceIp": "192.0.2.1" } }, "body": body })
    }

    #[tokio::test]
    async fn who_says_a_name_gets_a_token_with_this_id() {
        let expected = (200, json!({ "token": "Ada 2: in out-english", "expiresAt": 600, "languages": ["english"] }));
        assert_eq!(answer(posted(r#"{"name":"Ada 2"}"#)).await, expected);
        let mut encoded = posted("eyJuYW1lIjoiQWRhIDIifQ==");
        encoded["isBase64Encoded"] = json!(true);
        assert_eq!(answer(encoded).await, expected);
    }

    #[tokio::test]
    async fn a_token_reads_the_languages_of_the_plan_and_no_others() {
        let (_, content) = answer(posted(r#"{"name":"Ada","code":"paid"}"#)).await;
        assert_eq!(content["token"], "Ada: in out-english out-spanish");
        assert_eq!(content["languages"], json!(["english", "spanish"]));
        let (status, content) = answer(posted(r#"{"name":"Ada","code":"guessed"}"#)).await;
        assert_eq!((status, &content["message"]), (403, &json!("This access code is not valid")));
    }

    #[tokio::test]
    async fn an_address_that_asks_too_often_is_refused_whatever_it_asks() {
        let entrance = entrance();
        for body in [r#"{"name":"Ada"}"#, "guess", r#"{"name":"Ada"}"#] {
            assert_ne!(answer_of(&entrance, posted(body)).await.0, 429);
        }
        assert_eq!(answer_of(&entrance, posted(r#"{"name":"Ada"}"#)).await.0, 429);
    }

    #[tokio::test]
    async fn a_name_that_could_be_mistaken_or_break_the_page_is_refused() {
        for name in ["", " ", " Ada", "Ada ", "Ada  Lovelace", "<b>", "a\nb", "a\u{202e}b", "a-name-too-long-for-this"]
        {
            let (status, _) = answer(posted(&json!({ "name": name }).to_string())).await;
            assert_eq!(status, 400, "{name:?}");
        }
    }

    #[tokio::test]
    async fn anything_but_a_posted_name_is_told_what_is_wrong() {
        for body in ["", "name=Ada", "[]", r#"{"name":1}"#] {
            let (status, content) = answer(posted(body)).await;
            assert_eq!(status, 400, "{body}");
            assert_eq!(content["message"], "The body must be a JSON object with a `name` that is a string");
        }
        let mut got = posted("");
        got["requestContext"]["http"]["method"] = json!("GET");
        assert_eq!(answer(got).await.0, 405);
    }
}
