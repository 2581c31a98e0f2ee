//! `cache_client.pubsub.Pubsub` of Momento's gRPC: <https://github.com/momentohq/client_protos>, `proto/cachepubsub.proto`

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::ConnectInfo;
use axum::middleware::map_response;
use axum::response::Response as HttpResponse;
use futures_util::StreamExt as _;
use http_body_util::{BodyStream, StreamBody};
use momento_protos::cache_client::pubsub::pubsub_server::{Pubsub, PubsubServer};
use momento_protos::cache_client::pubsub::{PublishRequest, SubscriptionRequest, TopicValue, topic_value};
use momento_protos::common::Empty;
use tonic::{Request, Response, Status};

use crate::Momento;
use crate::api_error::ApiError;
use crate::connection::Connection;
use crate::credentials::Operation;
use crate::publication;
use crate::query::Query;
use crate::subscription::{RESET, Subscription, SubscriptionStream};
use crate::topic::Value;

pub(crate) fn routes(momento: &Arc<Momento>) -> Router<Arc<Momento>> {
    let service = PubsubServer::new(PubsubApi(Arc::clone(momento)));
    Router::new().route_service("/cache_client.pubsub.Pubsub/{method}", service).layer(map_response(reset_where_told))
}

struct PubsubApi(Arc<Momento>);

#[tonic::async_trait]
impl Pubsub for PubsubApi {
    type SubscribeStream = SubscriptionStream;

    async fn publish(&self, request: Request<PublishRequest>) -> Result<Response<Empty>, Status> {
        let Self(momento) = self;
        let (metadata, _, PublishRequest { cache_name: cache, topic, value }) = request.into_parts();
        let operation = Operation::Publish { cache: &cache, topic: &topic };
        let (query, now) = (Query::default(), momento.clock.now());
        let caller = momento.state().credentials.authorize(metadata.as_ref(), &query, operation, now)?;
        named(&cache, &topic)?;
        publication::publish(momento, caller, &cache, &topic, known(value)?)?;
        Ok(Response::new(Empty {}))
    }

    async fn subscribe(
        &self,
        request: Request<SubscriptionRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let Self(momento) = self;
        let (metadata, extensions, request) = request.into_parts();
        named(&request.cache_name, &request.topic)?;
        let connection = extensions.get::<ConnectInfo<Connection>>().map(|ConnectInfo(connection)| connection.clone());
        let connection = connection.ok_or_else(|| Status::internal("the request came on no connection"))?;
        let subscription = Subscription::begin(momento, metadata.into_headers(), connection, request)?;
        Ok(Response::new(subscription.into_stream()))
    }
}

fn named(cache: &str, topic: &str) -> Result<(), ApiError> {
    match (cache, topic) {
        ("", _) => Err(ApiError::BadRequest("the cache has no name".to_owned())),
        (_, "") => Err(ApiError::BadRequest("the topic has no name".to_owned())),
        _ => Ok(()),
    }
}

fn known(value: Option<TopicValue>) -> Result<Value, ApiError> {
    match value.and_then(|value| value.kind) {
        Some(topic_value::Kind::Text(text)) => Ok(Value::Text(text)),
        Some(topic_value::Kind::Binary(bytes)) => Ok(Value::Binary(bytes.into())),
        None => Err(ApiError::BadRequest("the message has neither text nor binary".to_owned())),
    }
}

/// Resets the stream whose trailers ask for it: a body that fails is how hyper is told to.
async fn reset_where_told(response: HttpResponse) -> HttpResponse {
    let (parts, body) = response.into_parts();
    if body.is_end_stream() {
        return HttpResponse::from_parts(parts, body);
    }
    let frames = BodyStream::new(body).map(|frame| match frame {
        Ok(frame) if frame.trailers_ref().is_some_and(|trailers| trailers.contains_key(RESET)) => {
            Err(axum::Error::new(io::Error::from(io::ErrorKind::ConnectionReset)))
        }
        frame => frame,
    });
    HttpResponse::from_parts(parts, Body::new(StreamBody::new(frames)))
}
