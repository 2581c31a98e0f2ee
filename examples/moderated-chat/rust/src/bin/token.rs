//! The Lambda function behind the Function URL that the page gets its token from.

use std::env;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use moderated_chat::access::{Entrance, Settings, UrlAnswer, UrlCall};
use moderated_chat::api_key::ApiKey;
use moderated_chat::aws::shared_config;
use moderated_chat::momento_tokens::MomentoTokens;
use moderated_chat::plans::AccessCodes;
use moderated_chat::tables::AskTable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings {
        cache: env::var("CACHE")?,
        publish: env::var("PUBLISH_TOPIC")?,
        subscribe_prefix: env::var("SUBSCRIBE_PREFIX")?,
        valid_for_seconds: env::var("VALID_FOR_SECONDS")?.parse()?,
        asks_a_minute: env::var("ASKS_A_MINUTE")?.parse()?,
    };
    let languages = serde_json::from_str(&env::var("LANGUAGES")?)?;
    let url = match env::var("MOMENTO_TOKEN_SERVICE") {
        Ok(url) => url,
        Err(_) => token_service(&env::var("MOMENTO_ENDPOINT")?)?,
    };
    let config = shared_config().await;
    let tokens = MomentoTokens::new(ApiKey::new(&config, env::var("API_KEY_SECRET")?), url)?;
    let plans = AccessCodes::new(&config, languages, env::var("ACCESS_CODES_SECRET").ok());
    let asks = AskTable::new(&config, env::var("ASK_TABLE")?);
    let entrance = Entrance { settings, tokens, plans, asks };
    lambda_runtime::run(service_fn(async |call: LambdaEvent<UrlCall>| -> Result<UrlAnswer, Error> {
        Ok(entrance.admit(&call.payload).await?)
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
