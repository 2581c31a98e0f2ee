//! Who may read which languages: everyone the free ones, and who has an access code those of its plan.

use std::collections::HashMap;
use std::future::Future;

use aws_config::SdkConfig;
use serde::Deserialize;

use crate::aws::code_of;

/// Why it is not known what a code is good for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Secrets Manager did not give the codes. The text is its error code.
    #[error("the access codes cannot be read: {0}")]
    Unavailable(String),
    /// They are not a JSON object of arrays of languages.
    #[error("the access codes are not a JSON object such as {{\"a code\":[\"spanish\"]}}")]
    Malformed,
}

/// Knows the languages of plans.
pub trait Plans {
    /// The names of the languages that a reader with this code may read, or nothing if the code is not valid.
    fn languages(&self, code: Option<&str>) -> impl Future<Output = Result<Option<Vec<String>>, PlanError>> + Send;
}

/// A language, by what the stack says of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Offer {
    name: String,
    #[serde(rename = "needsCode")]
    needs_code: bool,
}

/// Plans by access codes, which are in Secrets Manager: `{"a code":["spanish"]}`.
#[derive(Debug)]
pub struct AccessCodes {
    /// All languages of the chat.
    pub languages: Vec<Offer>,
    /// Where the codes are.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// The secret's name, if any language needs a code.
    pub secret_id: Option<String>,
}

impl AccessCodes {
    /// The codes are read each time, so a code that is taken away opens nothing any more.
    #[must_use]
    pub fn new(config: &SdkConfig, languages: Vec<Offer>, secret_id: Option<String>) -> Self {
        Self { languages, secrets: aws_sdk_secretsmanager::Client::new(config), secret_id }
    }
}

impl Plans for AccessCodes {
    async fn languages(&self, code: Option<&str>) -> Result<Option<Vec<String>>, PlanError> {
        let (Some(code), Some(secret_id)) = (code.filter(|code| !code.is_empty()), &self.secret_id) else {
            return Ok(Some(readable(&self.languages, &[])));
        };
        let read = self.secrets.get_secret_value().secret_id(secret_id).send().await;
        let secret = read.map_err(|error| PlanError::Unavailable(code_of(&error)))?;
        let mut codes: HashMap<String, Vec<String>> =
            serde_json::from_str(secret.secret_string().unwrap_or_default()).map_err(|_| PlanError::Malformed)?;
        Ok(codes.remove(code).map(|plan| readable(&self.languages, &plan)))
    }
}

/// The free languages and those of a plan, in the order of the chat.
fn readable(offers: &[Offer], plan: &[String]) -> Vec<String> {
    let readable = offers.iter().filter(|offer| !offer.needs_code || plan.contains(&offer.name));
    readable.map(|offer| offer.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Offer, readable};

    #[test]
    fn a_plan_adds_the_languages_of_the_chat_that_are_in_it() {
        let offers = r#"[{"name":"english","needsCode":false},{"name":"spanish","needsCode":true},{"name":"japanese","needsCode":true}]"#;
        let offers: Vec<Offer> = serde_json::from_str(offers).unwrap();
        assert_eq!(readable(&offers, &[]), ["english"]);
        assert_eq!(readable(&offers, &["spanish".to_owned(), "klingon".to_owned()]), ["english", "spanish"]);
        assert_eq!(readable(&offers, &["japanese".to_owned(), "english".to_owned()]), ["english", "japanese"]);
    }
}
