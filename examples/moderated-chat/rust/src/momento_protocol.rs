//! What is said to Momento's token service: as much of its protocol buffers as this needs. Of a `oneof`, the one field that
//! is sent stands for it, which on the wire is the same.

use prost::{Enumeration, Message};

use crate::access::Grant;

/// `token._GenerateDisposableTokenRequest`
#[derive(Clone, PartialEq, Message)]
pub(crate) struct GenerateDisposableTokenRequest {
    #[prost(message, optional, tag = "1")]
    expires: Option<Expires>,
    #[prost(string, tag = "2")]
    auth_token: String,
    #[prost(message, optional, tag = "3")]
    permissions: Option<Permissions>,
    #[prost(string, tag = "4")]
    token_id: String,
}

/// `token._GenerateDisposableTokenResponse`
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct GenerateDisposableTokenResponse {
    #[prost(string, tag = "1")]
    pub(crate) api_key: String,
    /// In seconds since the Unix epoch.
    #[prost(uint64, tag = "3")]
    pub(crate) valid_until: u64,
}

/// `token._GenerateDisposableTokenRequest.Expires`
#[derive(Clone, Copy, PartialEq, Eq, Message)]
struct Expires {
    #[prost(uint32, tag = "1")]
    valid_for_seconds: u32,
}

/// `permission_messages.Permissions`
#[derive(Clone, PartialEq, Message)]
struct Permissions {
    #[prost(message, optional, tag = "2")]
    explicit: Option<ExplicitPermissions>,
}

/// `permission_messages.ExplicitPermissions`
#[derive(Clone, PartialEq, Message)]
struct ExplicitPermissions {
    #[prost(message, repeated, tag = "1")]
    permissions: Vec<Permission>,
}

/// `permission_messages.PermissionsType`
#[derive(Clone, PartialEq, Message)]
struct Permission {
    #[prost(message, optional, tag = "1")]
    cache_permissions: Option<CachePermissions>,
    #[prost(message, optional, tag = "2")]
    topic_permissions: Option<TopicPermissions>,
}

/// `permission_messages.PermissionsType.CachePermissions`
#[derive(Clone, PartialEq, Message)]
struct CachePermissions {
    #[prost(enumeration = "CacheRole", tag = "1")]
    role: i32,
    #[prost(message, optional, tag = "3")]
    cache: Option<CacheSelector>,
    #[prost(message, optional, tag = "5")]
    item: Option<ItemSelector>,
}

/// `permission_messages.CacheRole`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
enum CacheRole {
    None = 0,
    ReadOnly = 2,
}

/// `permission_messages.PermissionsType.CacheItemSelector`
#[derive(Clone, PartialEq, Eq, Message)]
struct ItemSelector {
    #[prost(bytes = "vec", optional, tag = "1")]
    key: Option<Vec<u8>>,
}

/// `permission_messages.PermissionsType.TopicPermissions`
#[derive(Clone, PartialEq, Message)]
struct TopicPermissions {
    #[prost(enumeration = "TopicRole", tag = "1")]
    role: i32,
    #[prost(message, optional, tag = "3")]
    cache: Option<CacheSelector>,
    #[prost(message, optional, tag = "5")]
    topic: Option<TopicSelector>,
}

/// `permission_messages.TopicRole`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
enum TopicRole {
    None = 0,
    ReadOnly = 2,
    WriteOnly = 3,
}

/// `permission_messages.PermissionsType.CacheSelector`
#[derive(Clone, PartialEq, Eq, Message)]
struct CacheSelector {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
}

/// `permission_messages.PermissionsType.TopicSelector`
#[derive(Clone, PartialEq, Eq, Message)]
struct TopicSelector {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
}

impl GenerateDisposableTokenRequest {
    pub(crate) fn new(api_key: String, token_id: &str, grant: &Grant) -> Self {
        let cache = || Some(CacheSelector { name: Some(grant.cache.clone()) });
        let topic = |role: TopicRole, name: &str| Permission {
            cache_permissions: None,
            topic_permissions: Some(TopicPermissions {
                role: role.into(),
                cache: cache(),
                topic: Some(TopicSelector { name: Some(name.to_owned()) }),
            }),
        };
        let item = |key: &str| Permission {
            cache_permissions: Some(CachePermissions {
                role: CacheRole::ReadOnly.into(),
                cache: cache(),
                item: Some(ItemSelector { key: Some(key.as_bytes().to_vec()) }),
            }),
            topic_permissions: None,
        };
        let mut permissions = vec![topic(TopicRole::WriteOnly, &grant.publish)];
        permissions.extend(grant.read.iter().flat_map(|name| [topic(TopicRole::ReadOnly, name), item(name)]));
        Self {
            expires: Some(Expires { valid_for_seconds: grant.valid_for_seconds }),
            auth_token: api_key,
            permissions: Some(Permissions { explicit: Some(ExplicitPermissions { permissions }) }),
            token_id: token_id.to_owned(),
        }
    }
}
