//! The parameters of a request's query.

use percent_encoding::percent_decode_str;

use crate::api_error::ApiError;

/// The decoded parameters of a query, none of them given twice when asked for.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(raw: Option<&str>) -> Result<Self, ApiError> {
        let parameters = raw.unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty());
        parameters
            .map(|parameter| {
                let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// A parameter's value, if there is one.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut values = self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(ApiError::BadRequest(format!("{name} is given twice"))),
            (value, None) => Ok(value),
        }
    }

    /// A whole number that is not negative, if there is one.
    pub(crate) fn whole_number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let not_whole = |value| ApiError::BadRequest(format!("{name} is not a whole number from 0: {value}"));
        self.get(name)?.map(|value| value.parse().map_err(|_| not_whole(value))).transpose()
    }
}

/// `+` is a space, as forms and many libraries write it.
fn decode(text: &str) -> Result<String, ApiError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(String::from).map_err(|_| ApiError::BadRequest("the query is not UTF-8".to_owned()))
}
