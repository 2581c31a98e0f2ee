//! Who calls, and what they may do: API keys everything, tokens what they name, for a while.

use std::collections::HashMap;
use std::iter::repeat_with;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::query::Query;
use crate::topic_selector::TopicSelector;

/// <https://docs.momentohq.com/auth/limits>
const LONGEST_TOKEN_LIFE: Duration = Duration::from_hours(25);
/// <https://docs.momentohq.com/auth/limits>
const MOST_PERMISSIONS: usize = 20;

/// The keys and tokens that are let in.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    by_value: HashMap<String, Credential>,
    api_keys_added: usize,
}

#[derive(Debug)]
struct Credential {
    caller: Caller,
    /// Nothing for an API key, which may do everything.
    limits: Option<Limits>,
}

#[derive(Debug)]
struct Limits {
    permissions: Vec<Permission>,
    expires_at: Duration,
}

/// Who made a request, without the secret.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// `api-key-1`, `api-key-2`, … in the order in which they came, or `token`.
    pub(crate) name: String,
    /// What the token was minted with; empty for API keys.
    pub(crate) token_id: String,
}

/// What a token may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Permission {
    Topic(TopicPermission),
    Item(ItemPermission),
}

/// What a token may do with an item of a cache, or with all of them. The name of the role is that of Momento's SDKs.
#[derive(Debug, Clone, Deserialize)]
struct ItemPermission {
    role: ItemRole,
    cache: String,
    /// All items, if there is none.
    key: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ItemRole {
    ReadOnly,
}

/// What a token may do with topics. The names of the roles are those of Momento's SDKs.
#[derive(Debug, Clone, Deserialize)]
struct TopicPermission {
    role: TopicRole,
    cache: String,
    #[serde(flatten)]
    topics: TopicSelector,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TopicRole {
    PublishOnly,
    SubscribeOnly,
    PublishSubscribe,
}

/// A token to mint.
#[derive(Debug, Deserialize)]
pub(crate) struct NewToken {
    permissions: Vec<Permission>,
    expires_in_seconds: u64,
    #[serde(default)]
    token_id: String,
}

/// A minted token, in the shape in which Momento's Functions hand theirs on.
#[derive(Debug, Serialize)]
pub(crate) struct MintedToken {
    api_key: String,
    /// In seconds since the Unix epoch.
    valid_until: u64,
}

/// What a request is about to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation<'a> {
    ReadItem { cache: &'a str, key: &'a [u8] },
    ChangeItem,
    Publish { cache: &'a str, topic: &'a str },
    Subscribe { cache: &'a str, topic: &'a str },
    MintToken,
}

impl Credentials {
    /// Lets a key in, and says by which name the request log knows it.
    pub(crate) fn add_api_key(&mut self, key: String) -> String {
        self.api_keys_added += 1;
        let name = format!("api-key-{}", self.api_keys_added);
        let caller = Caller { name: name.clone(), token_id: String::new() };
        self.by_value.insert(key, Credential { caller, limits: None });
        name
    }

    pub(crate) fn revoke(&mut self, key: &str) -> bool {
        self.by_value.remove(key).is_some()
    }

    pub(crate) fn mint(&mut self, token: NewToken, now: Duration) -> Result<MintedToken, ApiError> {
        let life = Duration::from_secs(token.expires_in_seconds);
        if life.is_zero() || life > LONGEST_TOKEN_LIFE {
            return Err(ApiError::BadRequest("expires_in_seconds is not from 1 to 90000".to_owned()));
        }
        if token.permissions.is_empty() || token.permissions.len() > MOST_PERMISSIONS {
            return Err(ApiError::BadRequest("permissions are not from 1 to 20".to_owned()));
        }
        let api_key: String = repeat_with(fastrand::alphanumeric).take(32).collect();
        let expires_at = now.saturating_add(life);
        let caller = Caller { name: "token".to_owned(), token_id: token.token_id };
        let limits = Some(Limits { permissions: token.permissions, expires_at });
        self.by_value.insert(api_key.clone(), Credential { caller, limits });
        Ok(MintedToken { api_key, valid_until: expires_at.as_secs() })
    }

    /// Who calls, whether or not they may.
    pub(crate) fn caller(&self, headers: &HeaderMap, query: &Query) -> Option<Caller> {
        let credential = self.by_value.get(given(headers, query).ok()??)?;
        Some(credential.caller.clone())
    }

    /// Who calls, if they may do that.
    pub(crate) fn authorize(
        &self,
        headers: &HeaderMap,
        query: &Query,
        operation: Operation<'_>,
        now: Duration,
    ) -> Result<Caller, ApiError> {
        let key = given(headers, query)?.ok_or(ApiError::Unauthorized)?;
        let Credential { caller, limits } = self.by_value.get(key).ok_or(ApiError::Unauthorized)?;
        if let Some(Limits { permissions, expires_at }) = limits {
            if now >= *expires_at {
                return Err(ApiError::Unauthorized);
            }
            if !permissions.iter().any(|permission| permission.covers(operation)) {
                return Err(ApiError::Forbidden);
            }
        }
        Ok(caller.clone())
    }
}

impl Permission {
    fn covers(&self, operation: Operation<'_>) -> bool {
        match (self, operation) {
            (
                Self::Item(ItemPermission { role: ItemRole::ReadOnly, cache: of, key: only }),
                Operation::ReadItem { cache, key },
            ) => of == cache && only.as_ref().is_none_or(|only| only.as_bytes() == key),
            (Self::Topic(permission), Operation::Publish { cache, topic }) => {
                permission.covers(cache, topic, TopicRole::PublishOnly)
            }
            (Self::Topic(permission), Operation::Subscribe { cache, topic }) => {
                permission.covers(cache, topic, TopicRole::SubscribeOnly)
            }
            _ => false,
        }
    }
}

impl TopicPermission {
    fn covers(&self, cache: &str, topic: &str, lesser_role: TopicRole) -> bool {
        self.cache == cache
            && self.topics.matches(topic)
            && (self.role == lesser_role || self.role == TopicRole::PublishSubscribe)
    }
}

/// The key or token of a request, from the header or the query but not from both.
fn given<'a>(headers: &'a HeaderMap, query: &'a Query) -> Result<Option<&'a str>, ApiError> {
    let header = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    match (header, query.get("token")?) {
        (Some(_), Some(_)) => Err(ApiError::BadRequest(
            "the Authorization header and the token parameter are both given: only one must be".to_owned(),
        )),
        (header, parameter) => Ok(header.or(parameter)),
    }
}
