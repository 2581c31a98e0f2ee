//! The Lambda function behind the Function URL that the page gets its token from.

use std::env;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use moderated_chat::access::{Grant, UrlAnswer, UrlCall, admit};
use moderated_chat::aws::shared_config;
use moderated_chat::momento_tokens::MomentoTokens;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let grant = Grant {
        cache: env::var("CACHE")?,
        publish: env::var("PUBLISH_TOPIC")?,
        subscribe_prefix: env::var("SUBSCRIBE_PREFIX")?,
        valid_for_seconds: env::var("VALID_FOR_SECONDS")?.parse()?,
    };
    let secret_id = env::var("API_KEY_SECRET")?;
    let url = match env::var("MOMENTO_TOKEN_SERVICE") {
        Ok(url) => url,
        Err(_) => token_service(&env::var("MOMENTO_ENDPOINT")?)?,
    };
    let tokens = MomentoTokens::new(&shared_config().await, secret_id, url)?;
    lambda_runtime::run(service_fn(async |call: LambdaEvent<UrlCall>| -> Result<UrlAnswer, Error> {
        Ok(admit(&call.payload, &grant, &tokens).await?)
    }))
    .await
}

/// Where the token service is of the cell whose HTTP API is at this URL.
fn token_service(endpoint: &str) -> Result<String, Error> {
    let cell = endpoint.strip_prefix("https://api.cache.");
    let cell =
        cell.ok_or_else(|| format!("MOMENTO_ENDPOINT is {endpoint}, and not https://api.cache. and a domain"))?;
    Ok(format!("https://token.{cell}"))
}
