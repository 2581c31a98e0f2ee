//! The real client of Momento's topics against a server on a loopback socket, which speaks gRPC over HTTP/2 by hand. The messages
//! are written down again, from the definitions of `cache_client.pubsub` in Momento's `client_protos`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use h2::RecvStream;
use h2::server::{self, SendResponse};
use http::{HeaderMap, HeaderValue, Request, Response};
use momento_eventbridge::momento::api_key::ApiKey;
use momento_eventbridge::momento::grpc::MomentoGrpc;
use momento_eventbridge::momento::pubsub::{
    ResumeAt, StreamError, StreamMessage, Topic, TopicItem, TopicSource, TopicStream, TopicValue,
};
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::https::{Authority, trusting_nobody};

const KEY: &str = "the-api-key";

#[derive(Clone, PartialEq, Message)]
struct SubscriptionRequest {
    #[prost(string, tag = "1")]
    cache_name: String,
    #[prost(string, tag = "2")]
    topic: String,
    #[prost(uint64, tag = "3")]
    resume_at_topic_sequence_number: u64,
    #[prost(uint64, tag = "4")]
    sequence_page: u64,
}

/// One of the first three. The last one is of a later version.
#[derive(Clone, PartialEq, Message)]
struct SubscriptionItem {
    #[prost(message, optional, tag = "1")]
    item: Option<Item>,
    #[prost(message, optional, tag = "2")]
    discontinuity: Option<Discontinuity>,
    #[prost(message, optional, tag = "3")]
    heartbeat: Option<Empty>,
    #[prost(message, optional, tag = "15")]
    of_tomorrow: Option<Empty>,
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
    #[prost(string, optional, tag = "1")]
    text: Option<String>,
    #[prost(bytes = "vec", optional, tag = "2")]
    binary: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Discontinuity {
    #[prost(uint64, tag = "1")]
    last_topic_sequence: u64,
    #[prost(uint64, tag = "2")]
    new_topic_sequence: u64,
    #[prost(uint64, tag = "3")]
    new_sequence_page: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Empty {}

/// A call as it came over the wire.
#[derive(Debug, Clone)]
struct Received {
    connection: usize,
    path: String,
    headers: HeaderMap,
    request: SubscriptionRequest,
}

/// How a call is answered: these messages, and then this status.
type Reply = (Vec<SubscriptionItem>, u8);

#[derive(Clone, Default)]
struct Server {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts one that answers each call with the next reply, and a client of it.
    async fn start(replies: impl IntoIterator<Item = Reply>) -> (Self, MomentoGrpc) {
        let (server, port) = Self::listen(None, replies).await;
        (server, MomentoGrpc::new(format!("http://127.0.0.1:{port}"), trusting_nobody()))
    }

    async fn listen(tls: Option<TlsAcceptor>, replies: impl IntoIterator<Item = Reply>) -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self::default();
        server.replies.lock().unwrap().extend(replies);
        let accepting = server.clone();
        tokio::spawn(async move {
            for connection in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                let (server, tls) = (accepting.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => server.serve(connection, socket).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(socket).await {
                                server.serve(connection, stream).await;
                            }
                        }
                    }
                });
            }
        });
        (server, port)
    }

    async fn serve(self, connection: usize, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut streams = server::handshake(stream).await.unwrap();
        while let Some(Ok((request, response))) = streams.accept().await {
            tokio::spawn(self.clone().answer(connection, request, response));
        }
    }

    async fn answer(self, connection: usize, request: Request<RecvStream>, mut response: SendResponse<Bytes>) {
        let (head, mut body) = request.into_parts();
        let mut bytes = Vec::new();
        while let Some(part) = body.data().await {
            bytes.extend(part.unwrap());
        }
        // Not compressed, and how long it is.
        assert_eq!((bytes[0], u32::from_be_bytes(bytes[1..5].try_into().unwrap()) as usize), (0, bytes.len() - 5));
        let request = SubscriptionRequest::decode(&bytes[5..]).unwrap();
        let path = head.uri.path().to_owned();
        self.received.lock().unwrap().push(Received { connection, path, headers: head.headers, request });
        let (messages, status) = self.replies.lock().unwrap().pop_front().unwrap();
        let answer = Response::builder().header("content-type", "application/grpc").body(()).unwrap();
        let mut stream = response.send_response(answer, false).unwrap();
        for message in messages {
            let message = message.encode_to_vec();
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            stream.send_data([&[0], &length[..], &message].concat().into(), false).unwrap();
        }
        stream.send_trailers(HeaderMap::from_iter([status_header(status)])).unwrap();
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn status_header(status: u8) -> (http::HeaderName, HeaderValue) {
    (http::HeaderName::from_static("grpc-status"), HeaderValue::from(u16::from(status)))
}

fn topic() -> Topic {
    Topic { cache: "chat".to_owned(), name: "room 281/é".to_owned() }
}

fn key() -> ApiKey {
    ApiKey::from_document(KEY, None).unwrap()
}

fn heartbeat() -> SubscriptionItem {
    SubscriptionItem { heartbeat: Some(Empty {}), ..SubscriptionItem::default() }
}

/// Subscribes, and returns what came until the stream ended, and why it did.
async fn read(client: &MomentoGrpc, at: ResumeAt) -> (Vec<StreamMessage>, StreamError) {
    let mut messages = Vec::new();
    let mut stream = match client.subscribe(&topic(), at, &key()).await {
        Ok(stream) => stream,
        Err(error) => return (messages, error),
    };
    loop {
        match stream.next().await {
            Ok(message) => messages.push(message),
            Err(error) => return (messages, error),
        }
    }
}

#[tokio::test]
async fn a_subscription_names_the_topic_where_to_begin_and_the_raw_key() {
    for (at, page, number) in [
        (ResumeAt::Newest, 0, 0),
        (ResumeAt::Available, 0, 1),
        (ResumeAt::Number { page: 7, number: 12 }, 7, 12),
        // By itself, 0 would mean the newest.
        (ResumeAt::Number { page: 7, number: 0 }, 0, 1),
    ] {
        let (server, client) = Server::start([(vec![heartbeat()], 0)]).await;
        read(&client, at).await;
        let Received { path, headers, request, .. } = server.received().remove(0);
        assert_eq!(path, "/cache_client.pubsub.Pubsub/Subscribe");
        assert_eq!(headers["authorization"], KEY);
        let Topic { cache: cache_name, name: topic } = topic();
        let expected =
            SubscriptionRequest { cache_name, topic, resume_at_topic_sequence_number: number, sequence_page: page };
        assert_eq!(request, expected);
    }
}

#[tokio::test]
async fn what_a_stream_brings_has_its_numbers_its_publisher_and_its_value() {
    let item = |number, value, publisher_id: &str| SubscriptionItem {
        item: Some(Item {
            topic_sequence_number: number,
            value,
            publisher_id: publisher_id.to_owned(),
            sequence_page: 7,
        }),
        ..SubscriptionItem::default()
    };
    let text = Value { text: Some("é".to_owned()), binary: None };
    let bytes = Value { text: None, binary: Some(vec![0xff, 0]) };
    let discontinuity = Discontinuity { last_topic_sequence: 3, new_topic_sequence: 9, new_sequence_page: 8 };
    let sent = vec![
        heartbeat(),
        item(1, Some(text), "user-17"),
        item(2, Some(bytes), ""),
        item(3, Some(Value::default()), ""),
        item(4, None, ""),
        SubscriptionItem { discontinuity: Some(discontinuity), ..SubscriptionItem::default() },
        SubscriptionItem { of_tomorrow: Some(Empty {}), ..SubscriptionItem::default() },
    ];
    let (_server, client) = Server::start([(sent, 0)]).await;
    let received = |number, value, publisher_id: Option<&str>| {
        let publisher_id = publisher_id.map(str::to_owned);
        StreamMessage::Item(TopicItem { page: 7, number, publisher_id, value })
    };
    let (messages, end) = read(&client, ResumeAt::Newest).await;
    assert_eq!(
        messages,
        [
            StreamMessage::Heartbeat,
            received(1, Some(TopicValue::Text("é".to_owned())), Some("user-17")),
            received(2, Some(TopicValue::Binary(vec![0xff, 0])), None),
            received(3, None, None),
            received(4, None, None),
            StreamMessage::Discontinuity { page: 8, number: 9 },
            StreamMessage::Heartbeat,
        ]
    );
    assert_eq!(end, StreamError::Unavailable("Momento has ended the stream"));
}

#[tokio::test]
async fn a_status_says_whether_the_key_the_topic_or_the_moment_is_to_blame() {
    for (status, expected) in [
        (1, StreamError::Unavailable("CANCELLED")),
        (3, StreamError::Refused("INVALID_ARGUMENT")),
        (5, StreamError::Refused("NOT_FOUND")),
        (7, StreamError::Refused("PERMISSION_DENIED")),
        (8, StreamError::Unavailable("RESOURCE_EXHAUSTED")),
        (12, StreamError::Refused("UNIMPLEMENTED")),
        (13, StreamError::Unavailable("INTERNAL")),
        (14, StreamError::Unavailable("UNAVAILABLE")),
        (16, StreamError::Unauthenticated),
    ] {
        for messages in [vec![], vec![heartbeat()]] {
            let count = messages.len();
            let (_server, client) = Server::start([(messages, status)]).await;
            let (messages, end) = read(&client, ResumeAt::Newest).await;
            assert_eq!((messages.len(), end), (count, expected.clone()), "{status}");
        }
    }
}

#[tokio::test]
async fn all_streams_share_a_connection_until_it_is_closed_and_its_first_call_says_who_calls() {
    let (server, client) = Server::start(vec![(vec![heartbeat()], 0); 3]).await;
    read(&client, ResumeAt::Newest).await;
    read(&client, ResumeAt::Newest).await;
    client.disconnect();
    read(&client, ResumeAt::Newest).await;
    let received = server.received();
    let agents: Vec<_> = received.iter().map(|call| call.headers.get("agent").map(HeaderValue::as_bytes)).collect();
    assert!(agents[0].unwrap().starts_with(b"cdk-momento-eventbridge:subscribe:"));
    assert_eq!((agents[1], agents[2]), (None, agents[0]));
    assert_eq!(received[0].headers["runtime-version"], "rust");
    assert_eq!(received.iter().map(|call| call.connection).collect::<Vec<_>>(), [0, 0, 1]);
}

#[tokio::test]
async fn an_endpoint_where_nobody_answers_is_unavailable() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (messages, end) =
        read(&MomentoGrpc::new(format!("http://{address}"), trusting_nobody()), ResumeAt::Newest).await;
    assert!(matches!((messages.len(), &end), (0, StreamError::Unavailable(_))), "{end:?}");
}

#[tokio::test]
async fn a_service_has_to_prove_its_name_by_a_trusted_root() {
    let (trusted, other) = (Authority::generate(), Authority::generate());
    for (authority, name, is_heard) in
        [(&trusted, "localhost", true), (&other, "localhost", false), (&trusted, "example.com", false)]
    {
        let reply = (vec![heartbeat()], 0);
        let (server, port) = Server::listen(Some(authority.server(name, &["h2"])), [reply]).await;
        let client = MomentoGrpc::new(format!("https://localhost:{port}"), trusted.roots());
        let (messages, end) = read(&client, ResumeAt::Newest).await;
        assert!(matches!(end, StreamError::Unavailable(_)), "{end:?}");
        assert_eq!((messages.len(), server.received().len()), if is_heard { (1, 1) } else { (0, 0) });
    }
}
