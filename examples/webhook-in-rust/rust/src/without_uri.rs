//! Keeps `lambda_http` from building the URI of a request.

use lambda_http::LambdaEvent;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::http::HeaderMap;
use lambda_http::http::header::HOST;
use lambda_http::request::LambdaRequest;

/// Removes from an event what the URI is built from.
///
/// `lambda_http` 1.3 builds it from `X-Forwarded-Proto`, the host, path and query, and panics if it is invalid, as with
/// `X-Forwarded-Proto: https, http` or a `<` in the query. A panic ends the process, so anybody could turn every request
/// into a cold start, without a signature. A webhook needs no URI: without one, the signature alone decides on the request.
pub(crate) fn without_uri(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    match &mut event.payload {
        LambdaRequest::ApiGatewayV2(request) => {
            request.raw_path = None;
            request.raw_query_string = None;
            request.request_context.domain_name = None;
            remove_origin(&mut request.headers);
        }
        LambdaRequest::ApiGatewayV1(request) => {
            request.path = None;
            request.query_string_parameters = QueryMap::default();
            request.multi_value_query_string_parameters = QueryMap::default();
            request.request_context.domain_name = None;
            remove_origin(&mut request.headers);
            remove_origin(&mut request.multi_value_headers);
        }
        // Other kinds of events are not enabled in Cargo.toml.
        _ => {}
    }
    event
}

fn remove_origin(headers: &mut HeaderMap) {
    headers.remove(HOST);
    headers.remove("x-forwarded-proto");
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use lambda_http::request::LambdaRequest;
    use lambda_http::tower::ServiceExt;
    use lambda_http::{Adapter, Context, Error, LambdaEvent, Request, service_fn};
    use serde_json::{Value, json};

    use super::without_uri;

    /// As a function URL and an HTTP API send it.
    fn http_api(proto: &str, query: &str) -> Value {
        let host = "abc.lambda-url.eu-west-1.on.aws";
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/",
            "rawQueryString": query,
            "headers": { "host": host, "x-forwarded-proto": proto, "momento-signature": "5" },
            "requestContext": {
                "domainName": host,
                "stage": "$default",
                "http": { "method": "POST", "path": "/" },
            },
            "body": "eyJhIjogIsO8In0=",
            "isBase64Encoded": true,
        })
    }

    /// As a REST API sends it.
    fn rest_api(proto: &str) -> Value {
        let host = "abc.execute-api.eu-west-1.amazonaws.com";
        json!({
            "resource": "/",
            "path": "/",
            "httpMethod": "POST",
            "headers": { "Host": host, "X-Forwarded-Proto": proto, "momento-signature": "5" },
            "multiValueHeaders": { "Host": [host], "X-Forwarded-Proto": [proto], "momento-signature": ["5"] },
            "queryStringParameters": null,
            "multiValueQueryStringParameters": null,
            "requestContext": { "domainName": host, "stage": "prod", "httpMethod": "POST" },
            "body": "{\"a\": \"ü\"}",
            "isBase64Encoded": false,
        })
    }

    fn events() -> [Value; 5] {
        [
            http_api("https", ""),
            http_api("https, http", ""),
            http_api("https", "a=<"),
            rest_api("https"),
            rest_api("https, http"),
        ]
    }

    fn read(event: &Value) -> LambdaEvent<LambdaRequest> {
        LambdaEvent::new(serde_json::from_value(event.clone()).unwrap(), Context::default())
    }

    #[tokio::test]
    async fn every_request_is_answered_with_its_method_header_and_bytes_unchanged() {
        let echo = service_fn(async |request: Request| {
            let signature = request.headers().get("momento-signature").unwrap().to_str().unwrap();
            let body = std::str::from_utf8(request.body()).unwrap();
            Ok::<_, Error>(format!("{} {signature} {body}", request.method()))
        });
        for event in events() {
            let service = Adapter::from(echo).map_request(without_uri);
            let answer = serde_json::to_value(service.oneshot(read(&event)).await.unwrap()).unwrap();
            assert_eq!(answer.get("statusCode"), Some(&json!(200)), "{event}");
            assert_eq!(answer.get("body"), Some(&json!("POST 5 {\"a\": \"ü\"}")), "{event}");
        }
    }

    #[test]
    fn it_is_still_needed_because_lambda_http_panics_on_some() {
        let panics = events().map(|event| catch_unwind(|| Request::from(read(&event).payload)).is_err());
        assert_eq!(panics, [false, true, true, false, true]);
    }
}
