//! How the page gets in: it says a name, and gets a token that lets it publish under this name and subscribe, for a while.

use std::future::Future;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest name, in characters. Momento takes ids of tokens of 64 bytes.
const MAX_NAME_CHARACTERS: usize = 16;

/// What a token is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The cache of the topics.
    pub cache: String,
    /// The topic that may be published to.
    pub publish: String,
    /// How the names of the topics begin that may be subscribed to.
    pub subscribe_prefix: String,
    /// How long.
    pub valid_for_seconds: u32,
}

/// A token.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// What goes into the header `Authorization` of Momento's HTTP API.
    pub token: String,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_at: u64,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The API key could not be read.
    #[error("the API key cannot be read: {0}")]
    NoApiKey(String),
    /// Momento gave none.
    #[error("Momento gave no token: {0}")]
    Refused(String),
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
struct Http {
    method: String,
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
}

/// Answers a call: a token for who says a name.
///
/// # Errors
/// See [`TokenError`]. The caller learns nothing of it.
pub async fn admit<S: TokenSource>(call: &UrlCall, grant: &Grant, source: &S) -> Result<UrlAnswer, TokenError> {
    if call.request_context.http.method != "POST" {
        return Ok(UrlAnswer::error(405, "POST a name: {\"name\":\"Ada\"}"));
    }
    let Some(name) = name_in(call) else {
        return Ok(UrlAnswer::error(400, "The body must be a JSON object with a `name` that is a string"));
    };
    // Here an application would look at who is calling, and take the name from there.
    if !is_acceptable(&name) {
        let message =
            format!("A name has 1 to {MAX_NAME_CHARACTERS} characters: letters, digits, and single spaces inside");
        return Ok(UrlAnswer::error(400, &message));
    }
    let token = source.token(&name, grant).await?;
    Ok(UrlAnswer::new(200, &json!(token)))
}

fn name_in(call: &UrlCall) -> Option<String> {
    let body = call.body.as_deref()?;
    let entry = if call.is_base64_encoded {
        serde_json::from_slice::<Entry>(&STANDARD.decode(body).ok()?).ok()?
    } else {
        serde_json::from_str::<Entry>(body).ok()?
    };
    Some(entry.name)
}

fn is_acceptable(name: &str) -> bool {
    name.chars().count() <= MAX_NAME_CHARACTERS
        && name.split(' ').all(|word| !word.is_empty() && word.chars().all(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Grant, Token, TokenError, TokenSource, UrlAnswer, UrlCall, admit};

    struct Echo;

    impl TokenSource for Echo {
        async fn token(&self, id: &str, grant: &Grant) -> Result<Token, TokenError> {
            Ok(Token { token: format!("{id} {}", grant.publish), expires_at: grant.valid_for_seconds.into() })
        }
    }

    async fn answer(call: Value) -> (u16, Value) {
        let call: UrlCall = serde_json::from_value(call).unwrap();
        let grant = Grant {
            cache: "chat".to_owned(),
            publish: "friends-publish".to_owned(),
            subscribe_prefix: "friends-subscribe-".to_owned(),
            valid_for_seconds: 600,
        };
        let UrlAnswer { status_code, body, .. } = admit(&call, &grant, &Echo).await.unwrap();
        (status_code, serde_json::from_str(&body).unwrap())
    }

    fn posted(body: &str) -> Value {
        json!({ "requestContext": { "http": { "method": "POST" } }, "body": body })
    }

    #[tokio::test]
    async fn who_says_a_name_gets_a_token_with_this_id() {
        let expected = (200, json!({ "token": "Ada 2 friends-publish", "expiresAt": 600 }));
        assert_eq!(answer(posted(r#"{"name":"Ada 2"}"#)).await, expected);
        let mut encoded = posted("eyJuYW1lIjoiQWRhIDIifQ==");
        encoded["isBase64Encoded"] = json!(true);
        assert_eq!(answer(encoded).await, expected);
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
        let (status, _) = answer(json!({ "requestContext": { "http": { "method": "GET" } } })).await;
        assert_eq!(status, 405);
    }
}
