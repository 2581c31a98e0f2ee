//! What is stored: items with their times to live, and topics.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use axum::body::Bytes;

use crate::api_error::ApiError;
use crate::topic::Topic;

/// The caches that exist, by name.
#[derive(Debug, Default)]
pub(crate) struct Caches(HashMap<String, Cache>);

/// Items and topics of one cache. Topics need no creation: any name is one.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    items: BTreeMap<Vec<u8>, Item>,
    topics: HashMap<String, Topic>,
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) value: Bytes,
    pub(crate) time_to_live: Duration,
    pub(crate) expires_at: Duration,
}

impl Caches {
    /// Makes a cache, unless there is one of this name.
    pub(crate) fn create(&mut self, name: String) {
        self.0.entry(name).or_default();
    }

    pub(crate) fn delete(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    pub(crate) fn named(&mut self, name: &str) -> Result<&mut Cache, ApiError> {
        self.0.get_mut(name).ok_or(ApiError::NoSuchCache)
    }

    /// Empties every cache.
    pub(crate) fn clear(&mut self) {
        self.0.values_mut().for_each(|cache| *cache = Cache::default());
    }
}

impl Cache {
    pub(crate) fn set(&mut self, key: Vec<u8>, value: Bytes, time_to_live: Duration, now: Duration) {
        let expires_at = now.saturating_add(time_to_live);
        self.items.insert(key, Item { value, time_to_live, expires_at });
    }

    pub(crate) fn get(&self, key: &[u8], now: Duration) -> Option<&Item> {
        self.items.get(key).filter(|item| item.expires_at > now)
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        self.items.remove(key);
    }

    /// What has not expired, by key.
    pub(crate) fn items(&self, now: Duration) -> impl Iterator<Item = (&[u8], &Item)> {
        self.items.iter().filter(move |(_, item)| item.expires_at > now).map(|(key, item)| (key.as_slice(), item))
    }

    pub(crate) fn topic(&mut self, name: &str, now: Duration) -> &mut Topic {
        self.topics.entry(name.to_owned()).or_insert_with(|| Topic::new(now))
    }
}
