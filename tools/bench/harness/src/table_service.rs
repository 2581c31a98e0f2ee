//! A fake DynamoDB: one table with the partition key `id`. It keeps what it is told, whatever the conditions: here only one
//! holder writes at a time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::aws::json_response;
use crate::http::status;

/// The items by their id.
#[derive(Default)]
pub(crate) struct Table {
    items: Mutex<HashMap<String, Map<String, Value>>>,
}

impl Table {
    pub(crate) fn clear(&self) {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn get(&self, call: &[u8]) -> Response<Bytes> {
        let call: Value = serde_json::from_slice(call).unwrap_or_default();
        let Some(id) = id(&call) else { return status(StatusCode::BAD_REQUEST) };
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        json_response(StatusCode::OK, &items.get(id).map_or_else(|| json!({}), |item| json!({ "Item": item })))
    }

    pub(crate) fn update(&self, call: &[u8]) -> Response<Bytes> {
        let call: Value = serde_json::from_slice(call).unwrap_or_default();
        let Some(id) = id(&call) else { return status(StatusCode::BAD_REQUEST) };
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let item = items.entry(id.to_owned()).or_default();
        match update(item, &call) {
            Some(()) => {
                item.insert("id".to_owned(), json!({ "S": id }));
                json_response(StatusCode::OK, &json!({ "Attributes": item }))
            }
            None => status(StatusCode::BAD_REQUEST),
        }
    }
}

fn id(call: &Value) -> Option<&str> {
    call.pointer("/Key/id/S")?.as_str()
}

/// Does what an update expression says: `SET name = :value, #name = :value REMOVE name`.
fn update(item: &mut Map<String, Value>, call: &Value) -> Option<()> {
    let expression = call.get("UpdateExpression")?.as_str()?.strip_prefix("SET ")?;
    let (set, removed) = expression.split_once(" REMOVE ").unwrap_or((expression, ""));
    let name = |name: &str| match call.get("ExpressionAttributeNames").and_then(|names| names.get(name)) {
        Some(name) => name.as_str().map(str::to_owned),
        None => Some(name.to_owned()),
    };
    for assignment in set.split(',') {
        let (attribute, value) = assignment.split_once('=')?;
        let value = call.get("ExpressionAttributeValues")?.get(value.trim())?;
        item.insert(name(attribute.trim())?, value.clone());
    }
    for attribute in removed.split(',').map(str::trim) {
        item.remove(&name(attribute)?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_and_removes_attributes() {
        let mut item = Map::from_iter([("old".to_owned(), json!({"S": "x"}))]);
        let call = json!({
            "UpdateExpression": "SET fence = :fence, #plan = :plan REMOVE old",
            "ExpressionAttributeNames": {"#plan": "plan"},
            "ExpressionAttributeValues": {":fence": {"N": "1"}, ":plan": {"S": "p"}},
        });
        assert_eq!(update(&mut item, &call), Some(()));
        assert_eq!(Value::Object(item), json!({"fence": {"N": "1"}, "plan": {"S": "p"}}));
    }

    #[test]
    fn knows_no_other_expressions() {
        assert_eq!(update(&mut Map::new(), &json!({"UpdateExpression": "ADD count :one"})), None);
        let unset = json!({"UpdateExpression": "SET fence = :fence", "ExpressionAttributeValues": {}});
        assert_eq!(update(&mut Map::new(), &unset), None);
    }
}
