//! Momento's topics over gRPC, all on one connection.
//!
//! The messages are our own, six of them, from the definitions of `cache_client.pubsub` in Momento's `client_protos`. The crate
//! `momento-protos` has all of Momento's, and brings 22 crates more: tonic's server and router, a second RPC framework, and
//! aws-lc, which costs some 25 ms of every cold start. This way the handler's zip is 0.42 MB larger than that of `deliver` (for
//! `x86_64`), the clients of DynamoDB and EventBridge included.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;
use prost::{Message, Oneof};
use rustls::RootCertStore;
use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::codec::Streaming;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use super::api_key::ApiKey;
use super::pubsub::{ResumeAt, StreamError, StreamMessage, Topic, TopicItem, TopicSource, TopicStream, TopicValue};

const SUBSCRIBE: &str = "/cache_client.pubsub.Pubsub/Subscribe";
/// What Momento is told at the first call about who calls, as by its own clients.
const AGENT: &str = concat!("cdk-momento-eventbridge:subscribe:", env!("CARGO_PKG_VERSION"));
const RUNTIME: &str = "rust";
/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest wait for Momento to accept a subscription.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the connection is asked whether it lives, and how long it may take to answer: one that has silently died is
/// noticed within 15 s.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many bytes Momento may send ahead on each stream, HTTP/2's own default: it bounds the memory of a topic that is not
/// read for a while.
const STREAM_WINDOW: u32 = 64 * 1024 - 1;
/// How many streams Momento allows on one connection, and so how many topics one function can hold.
const MAX_STREAMS: u32 = 100;
/// How many bytes Momento may send ahead on all streams: those that are not read must not stop the others.
const CONNECTION_WINDOW: u32 = STREAM_WINDOW * MAX_STREAMS;
/// The largest message that is decoded, in bytes. Momento's have at most 4 KB unless it was asked for more.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// Momento's topics over gRPC.
#[derive(Debug)]
pub struct MomentoGrpc {
    endpoint: String,
    roots: Arc<RootCertStore>,
    connection: RefCell<Option<Channel>>,
    is_first_call: Cell<bool>,
}

impl MomentoGrpc {
    /// The service at this endpoint, such as `https://cache.cell-us-east-1-1.prod.a.momentohq.com`, if its certificate goes back to
    /// these roots. Connects when it is first called, and again when the connection has broken.
    #[must_use]
    pub fn new(endpoint: String, roots: Arc<RootCertStore>) -> Self {
        Self { endpoint, roots, connection: RefCell::default(), is_first_call: Cell::new(true) }
    }

    fn connection(&self) -> Result<Channel, StreamError> {
        let mut connection = self.connection.borrow_mut();
        if let Some(channel) = &*connection {
            return Ok(channel.clone());
        }
        let channel = channel(&self.endpoint, &self.roots)
            .map_err(|_| StreamError::Unavailable("the endpoint or its TLS is unusable"))?;
        Ok(connection.insert(channel).clone())
    }

    fn request(&self, topic: &Topic, at: ResumeAt, key: &ApiKey) -> Result<Request<SubscriptionRequest>, StreamError> {
        let (page, number) = match at {
            ResumeAt::Newest => (0, 0),
            // A number 0 would mean the newest, and 1 of its page would skip the message 0.
            ResumeAt::Available | ResumeAt::Number { number: 0, .. } => (0, 1),
            ResumeAt::Number { page, number } => (page, number),
        };
        let mut request = Request::new(SubscriptionRequest {
            cache_name: topic.cache.clone(),
            topic: topic.name.clone(),
            resume_at_topic_sequence_number: number,
            sequence_page: page,
        });
        // The raw key: Momento has no scheme such as Bearer. One that no header can carry is not an `ApiKey`.
        let key = MetadataValue::try_from(key.expose()).map_err(|_| StreamError::Unauthenticated)?;
        let metadata = request.metadata_mut();
        metadata.insert("authorization", key);
        if self.is_first_call.replace(false) {
            metadata.insert("agent", MetadataValue::from_static(AGENT));
            metadata.insert("runtime-version", MetadataValue::from_static(RUNTIME));
        }
        Ok(request)
    }
}

impl TopicSource for MomentoGrpc {
    type Stream = GrpcStream;

    async fn subscribe(&self, topic: &Topic, at: ResumeAt, key: &ApiKey) -> Result<GrpcStream, StreamError> {
        let call = call(self.connection()?, self.request(topic, at, key)?);
        match timeout(ACCEPT_TIMEOUT, call).await {
            Ok(Ok(stream)) => Ok(GrpcStream(stream)),
            Ok(Err(status)) => Err(stream_error(&status)),
            Err(_) => Err(StreamError::Unavailable("no answer in time")),
        }
    }

    fn disconnect(&self) {
        self.connection.take();
        self.is_first_call.set(true);
    }
}

/// A connection to an endpoint, not opened yet.
fn channel(endpoint: &str, roots: &RootCertStore) -> Result<Channel, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(endpoint.to_owned())?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .tcp_nodelay(true);
    let is_tls = endpoint.uri().scheme_str() == Some("https");
    if !is_tls {
        return Ok(endpoint.connect_lazy());
    }
    let tls = ClientTlsConfig::new().trust_anchors(roots.roots.iter().cloned());
    Ok(endpoint.tls_config(tls)?.connect_lazy())
}

async fn call(channel: Channel, request: Request<SubscriptionRequest>) -> Result<Streaming<SubscriptionItem>, Status> {
    let mut client = Grpc::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES);
    client.ready().await.map_err(|error| Status::from_error(error.into()))?;
    let path = PathAndQuery::from_static(SUBSCRIBE);
    Ok(client.server_streaming(request, path, ProstCodec::default()).await?.into_inner())
}

/// A stream of a topic's messages over gRPC.
#[derive(Debug)]
pub struct GrpcStream(Streaming<SubscriptionItem>);

impl TopicStream for GrpcStream {
    async fn next(&mut self) -> Result<StreamMessage, StreamError> {
        match self.0.message().await {
            Ok(Some(message)) => Ok(message.into()),
            Ok(None) => Err(StreamError::Unavailable("Momento has ended the stream")),
            Err(status) => Err(stream_error(&status)),
        }
    }
}

/// What a status means to who wants to read a topic.
fn stream_error(status: &Status) -> StreamError {
    let code = status.code();
    match code {
        Code::Unauthenticated => StreamError::Unauthenticated,
        Code::PermissionDenied | Code::NotFound | Code::InvalidArgument | Code::Unimplemented => {
            StreamError::Refused(code_name(code))
        }
        _ => StreamError::Unavailable(code_name(code)),
    }
}

/// gRPC's own name of a code.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

impl From<SubscriptionItem> for StreamMessage {
    fn from(message: SubscriptionItem) -> Self {
        match message.kind {
            Some(Kind::Item(item)) => Self::Item(TopicItem {
                page: item.sequence_page,
                number: item.topic_sequence_number,
                publisher_id: Some(item.publisher_id).filter(|id| !id.is_empty()),
                value: item.value.and_then(|value| value.kind).map(|kind| match kind {
                    ValueKind::Text(text) => TopicValue::Text(text),
                    ValueKind::Binary(bytes) => TopicValue::Binary(bytes),
                }),
            }),
            Some(Kind::Discontinuity(discontinuity)) => {
                Self::Discontinuity { page: discontinuity.new_sequence_page, number: discontinuity.new_topic_sequence }
            }
            // A kind that this version does not know says that the stream works, too.
            Some(Kind::Heartbeat(Heartbeat {})) | None => Self::Heartbeat,
        }
    }
}

#[derive(Clone, PartialEq, Message)]
struct SubscriptionRequest {
    #[prost(string, tag = "1")]
    cache_name: String,
    #[prost(string, tag = "2")]
    topic: String,
    /// 0: begin with the newest. 1: with what is still available.
    #[prost(uint64, tag = "3")]
    resume_at_topic_sequence_number: u64,
    #[prost(uint64, tag = "4")]
    sequence_page: u64,
}

#[derive(Clone, PartialEq, Message)]
struct SubscriptionItem {
    #[prost(oneof = "Kind", tags = "1, 2, 3")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Kind {
    #[prost(message, tag = "1")]
    Item(Item),
    #[prost(message, tag = "2")]
    Discontinuity(Discontinuity),
    #[prost(message, tag = "3")]
    Heartbeat(Heartbeat),
}

#[derive(Clone, PartialEq, Message)]
struct Item {
    #[prost(uint64, tag = "1")]
    topic_sequence_number: u64,
    #[prost(message, optional, tag = "2")]
    value: Option<Value>,
    #[prost(string, tag = "3")]
    publisher_id: String,
    #[prost(uint64, tag = "4")]
    sequence_page: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(oneof = "ValueKind", tags = "1, 2")]
    kind: Option<ValueKind>,
}

#[derive(Clone, PartialEq, Oneof)]
enum ValueKind {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bytes, tag = "2")]
    Binary(Vec<u8>),
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Discontinuity {
    #[prost(uint64, tag = "2")]
    new_topic_sequence: u64,
    #[prost(uint64, tag = "3")]
    new_sequence_page: u64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Heartbeat {}
