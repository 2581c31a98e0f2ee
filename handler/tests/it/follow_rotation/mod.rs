mod settings;

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use momento_eventbridge::connection::{Connection, ConnectionState};
use momento_eventbridge::follow_rotation::FollowRotation;
use momento_eventbridge::follow_rotation::followed::{FollowError, Followed};
use momento_eventbridge::momento::api_key::{ApiKey, ApiKeyError};
use momento_eventbridge::secret::store::SecretError;
use momento_eventbridge::secret::store::{CurrentSecret, VersionedSecret};
use momento_eventbridge::service_error::ServiceError;
use tokio::time::Instant;

type Read = Result<CurrentSecret, SecretError>;

/// A secret that plays its script, then stays what it was at last.
#[derive(Clone)]
struct Secret(Arc<Mutex<VecDeque<Read>>>);

impl VersionedSecret for Secret {
    async fn current(&self) -> Read {
        let mut script = self.0.lock().unwrap();
        if script.len() > 1 { script.pop_front().unwrap() } else { script[0].clone() }
    }
}

fn version(version_id: &str, document: &str) -> CurrentSecret {
    CurrentSecret { version_id: version_id.to_owned(), document: document.to_owned() }
}

#[derive(Clone, Default)]
struct FakeConnection {
    state: Arc<Mutex<ConnectionState>>,
    keys: Arc<Mutex<Vec<String>>>,
    broken: bool,
    hangs: bool,
}

impl Connection for FakeConnection {
    async fn describe(&self) -> Result<ConnectionState, ServiceError> {
        if self.hangs {
            pending::<()>().await;
        }
        Ok(self.state.lock().unwrap().clone())
    }

    async fn update(&self, key: &ApiKey, state: &ConnectionState) -> Result<(), ServiceError> {
        if self.broken {
            return Err(ServiceError::Refused("AccessDeniedException".to_owned()));
        }
        self.keys.lock().unwrap().push(key.expose().to_owned());
        *self.state.lock().unwrap() = state.clone();
        Ok(())
    }
}

impl FakeConnection {
    fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    /// What an environment does that has just started.
    async fn follow(&self, versions: impl IntoIterator<Item = CurrentSecret>) -> Result<Followed, FollowError> {
        self.follow_field(versions.into_iter().map(Ok), None).await
    }

    async fn follow_field(
        &self,
        secret: impl IntoIterator<Item = Read>,
        field: Option<&str>,
    ) -> Result<Followed, FollowError> {
        let secret = Secret(Arc::new(Mutex::new(secret.into_iter().collect())));
        FollowRotation::new(secret, field.map(str::to_owned), self.clone()).follow().await
    }
}

fn updated(version_id: &str) -> Followed {
    Followed::Updated(version_id.to_owned())
}

#[tokio::test]
async fn a_connection_gets_each_version_of_the_key_once_however_many_environments_start() {
    let connection = FakeConnection::default();
    for (version_id, key) in [("1", "first"), ("2", "second")] {
        assert_eq!(connection.follow([version(version_id, key)]).await, Ok(updated(version_id)));
        for _ in 0..3 {
            let followed = connection.follow([version(version_id, key)]).await;
            assert_eq!(followed, Ok(Followed::Unchanged(version_id.to_owned())));
        }
    }
    assert_eq!(connection.keys(), ["first", "second"]);
}

#[tokio::test]
async fn a_deployment_that_sets_the_connection_back_is_noticed() {
    let connection = FakeConnection::default();
    connection.follow([version("1", "first")]).await.unwrap();
    connection.state.lock().unwrap().description = Some("Momento API key".to_owned());
    assert_eq!(connection.follow([version("1", "first")]).await, Ok(updated("1")));
}

#[tokio::test]
async fn an_update_repeats_what_it_would_otherwise_set_back() {
    let connection = FakeConnection::default();
    let state = ConnectionState {
        description: None,
        kms_key: Some("arn:aws:kms:key".to_owned()),
        private_resource: Some("arn:aws:vpc-lattice:resource".to_owned()),
    };
    *connection.state.lock().unwrap() = state.clone();
    connection.follow_field([Ok(version("1", r#"{"apiKey":"first"}"#))], Some("apiKey")).await.unwrap();
    let description = Some("Momento API key, version 1 of the secret".to_owned());
    assert_eq!(*connection.state.lock().unwrap(), ConnectionState { description, ..state });
    assert_eq!(connection.keys(), ["first"]);
}

#[tokio::test]
async fn a_secret_without_a_key_leaves_the_connection_as_it_is_and_says_so() {
    for (secret, field, error) in [
        (Ok(version("1", "")), None, ApiKeyError::Empty.into()),
        (Ok(version("1", r#"{"apiKey":""}"#)), Some("apiKey"), ApiKeyError::Empty.into()),
        (Ok(version("1", "{}")), Some("apiKey"), ApiKeyError::NoField("apiKey".to_owned()).into()),
        (Err(SecretError::NoValue), None, SecretError::NoValue),
        (Err(SecretError::Binary), None, SecretError::Binary),
    ] {
        let connection = FakeConnection::default();
        let followed = connection.follow_field([secret], field).await.unwrap_err();
        assert!(followed.to_string().starts_with("the connection keeps the key it has: "));
        assert_eq!(followed, FollowError::Secret(error));
        assert_eq!(connection.keys(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_key_that_changes_meanwhile_is_not_left_behind() {
    let connection = FakeConnection::default();
    let secret = [version("1", "first"), version("2", "second")];
    assert_eq!(connection.follow(secret).await, Ok(updated("2")));
    assert_eq!(connection.keys(), ["first", "second"]);
    let secret = ["3", "4", "5", "6"].map(|id| version(id, id));
    assert_eq!(connection.follow(secret).await, Err(FollowError::TooFast));
}

#[tokio::test]
async fn a_connection_that_cannot_be_updated_is_an_error() {
    let connection = FakeConnection { broken: true, ..FakeConnection::default() };
    let refused = ServiceError::Refused("AccessDeniedException".to_owned());
    assert_eq!(connection.follow([version("1", "first")]).await, Err(FollowError::Update(refused)));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_is_given_up_after_5_s() {
    let connection = FakeConnection { hangs: true, ..FakeConnection::default() };
    let started = Instant::now();
    let followed = connection.follow([version("1", "first")]).await;
    assert_eq!(followed, Err(FollowError::Describe(ServiceError::TimedOut)));
    assert_eq!(started.elapsed(), Duration::from_secs(5));
}
