//! The real client against a server on a loopback socket.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::join_all;
use momento_eventbridge::clock::{Clock, UnixMillis};
use momento_eventbridge::command::{Command, Message};
use momento_eventbridge::deliver::call_rates::CallRates;
use momento_eventbridge::deliver::retry_policy::RetryPolicy;
use momento_eventbridge::deliver::{Deliver, Queues};
use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::momento::api::{CallError, ErrorResponse, MomentoApi, RetryAfter};
use momento_eventbridge::momento::api_key::{ApiKey, ApiKeyReader};
use momento_eventbridge::momento::http::MomentoHttp;
use momento_eventbridge::queue::sqs_batch::SqsBatch;
use momento_eventbridge::queue::tally::Tally;
use momento_eventbridge::secret::store::SecretStore;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::level_filters::LevelFilter;

use crate::command::event_of;
use crate::deliver::Queue;
use crate::fakes::Secrets;
use crate::https::trusting_nobody;
use crate::webhook::log::Lines;

const KEY: &str = "the-api-key";

/// A request as it came over the wire.
#[derive(Debug, Clone)]
struct Received {
    connection: usize,
    method: String,
    target: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// What the server does with a request.
#[derive(Clone)]
enum Reaction {
    Answer(String),
    Hang,
    Close,
}

/// The head of an answer and its body.
fn answer(status: u16, headers: &str, body: &str) -> Reaction {
    Reaction::Answer(format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
}

fn done() -> Reaction {
    Reaction::Answer("HTTP/1.1 204 No Content\r\n\r\n".to_owned())
}

/// A server that plays its script, then does all that it is asked. It stops with the test.
struct Server {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
    _connections: JoinSet<()>,
}

impl Server {
    async fn start(script: impl IntoIterator<Item = Reaction>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        let received = Arc::default();
        let mut tasks = JoinSet::new();
        let log = Arc::clone(&received);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, connection, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { url, received, _connections: tasks }
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(
    stream: TcpStream,
    connection: usize,
    script: Arc<Mutex<VecDeque<Reaction>>>,
    received: Arc<Mutex<Vec<Received>>>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream, connection).await {
        received.lock().unwrap().push(request);
        let reaction = script.lock().unwrap().pop_front().unwrap_or_else(done);
        match reaction {
            Reaction::Answer(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            Reaction::Hang => pending().await,
            Reaction::Close => return,
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>, connection: usize) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let mut start = lines[0].split(' ').map(str::to_owned);
    let headers: HashMap<_, _> =
        lines[1..].iter().filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { connection, method: start.next()?, target: start.next()?, headers, body })
}

fn publish(message: impl Into<Message>) -> Command {
    Command::TopicPublish {
        cache: "chat".try_into().unwrap(),
        topic: "room".try_into().unwrap(),
        message: message.into(),
    }
}

fn set(key: &str, message: &str) -> Command {
    Command::CacheSet {
        cache: "a/b é%#".try_into().unwrap(),
        key: key.try_into().unwrap(),
        message: message.into(),
        ttl_seconds: 60.try_into().unwrap(),
    }
}

fn key() -> ApiKey {
    ApiKey::from_document(KEY, None).unwrap()
}

#[tokio::test]
async fn a_call_arrives_as_momento_documents_it_with_the_raw_key() {
    let server = Server::start([]).await;
    let momento = MomentoHttp::new(&format!("{}/", server.url), trusting_nobody());
    let delete = Command::CacheDelete { cache: "c".try_into().unwrap(), key: vec![0xfb, 0xff].try_into().unwrap() };
    for command in [set("k&v", "she said \"no\"\n"), delete, publish("hello world!"), publish(vec![0, 255])] {
        assert_eq!(momento.send(&command, &key()).await, Ok(()));
    }
    let [set, delete, text, binary] = &server.received()[..] else { unreachable!("four calls were made") };
    assert_eq!(
        (set.method.as_str(), set.target.as_str()),
        ("PUT", "/cache/a%2Fb%20%C3%A9%25%23?key=k%26v&ttl_seconds=60")
    );
    assert_eq!(
        (&set.body[..], set.headers["content-type"].as_str()),
        (&b"she said \"no\"\n"[..], "application/octet-stream")
    );
    assert_eq!((delete.method.as_str(), delete.target.as_str()), ("DELETE", "/cache/c?key_base64=-_8"));
    assert!(delete.body.is_empty() && !delete.headers.contains_key("content-type"));
    assert_eq!((text.method.as_str(), text.target.as_str()), ("POST", "/topics/chat/room"));
    assert_eq!((&text.body[..], text.headers["content-type"].as_str()), (&b"hello world!"[..], "text/plain"));
    assert_eq!(
        (&binary.body[..], binary.headers["content-type"].as_str()),
        (&[0, 255][..], "application/octet-stream")
    );
    for call in server.received() {
        assert_eq!(call.headers["authorization"], KEY);
    }
}

#[tokio::test]
async fn one_connection_serves_call_after_call_refusals_included() {
    let responses = [400, 404, 429, 500].map(|status| answer(status, "", &"x".repeat(2_000)));
    let server = Server::start(responses).await;
    let momento = MomentoHttp::new(&server.url, trusting_nobody());
    for _ in 0..20 {
        let _ = momento.send(&publish("m"), &key()).await;
    }
    assert_eq!(server.received().len(), 20);
    assert!(server.received().iter().all(|call| call.connection == 0));
}

#[tokio::test]
async fn a_megabyte_arrives_whole() {
    let server = Server::start([]).await;
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    assert_eq!(MomentoHttp::new(&server.url, trusting_nobody()).send(&publish(bytes.clone()), &key()).await, Ok(()));
    assert_eq!(server.received()[0].body, bytes);
}

#[tokio::test]
async fn only_the_answer_that_momento_documents_for_a_command_done_is_a_success() {
    let page = "<html>Please log in</html>";
    for (reaction, status) in [
        (answer(200, "content-type: text/html\r\n", page), 200),
        (answer(200, "", ""), 200),
        (answer(201, "", ""), 201),
        (answer(202, "", "{}"), 202),
        (answer(206, "", page), 206),
        (answer(302, "location: /login\r\n", ""), 302),
    ] {
        let server = Server::start([reaction]).await;
        let error = MomentoHttp::new(&server.url, trusting_nobody()).send(&publish("m"), &key()).await.unwrap_err();
        assert_eq!(error, CallError::Answered(ErrorResponse { status, retry_after: None }));
        assert!(!error.is_retryable(), "{error}");
    }
}

#[tokio::test]
async fn nothing_of_momentos_own_text_is_kept() {
    for repeated in ["hush hush", "HUSH%20HUSH", "aHVzaCBodXNo", "the-api-", "\u{202e}hsuh", &"hush ".repeat(30_000)] {
        for status in [200, 400, 401, 403, 404, 413, 418, 429, 500, 503] {
            let server = Server::start([answer(status, "", repeated)]).await;
            let error = MomentoHttp::new(&server.url, trusting_nobody())
                .send(&set("user-17", "hush hush"), &key())
                .await
                .unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(&status.to_string()) && !shown.contains(repeated), "{shown}");
        }
    }
}

#[tokio::test]
async fn retry_after_is_read_as_seconds_or_as_a_date() {
    let wait = |seconds| Some(RetryAfter::Wait(Duration::from_secs(seconds)));
    for (header, expected) in [
        ("retry-after: 0", wait(0)),
        ("Retry-After: 120 ", wait(120)),
        ("retry-after: 99999999999999999999", wait(u64::MAX)),
        ("retry-after: Sun, 06 Nov 1994 08:49:37 GMT", Some(RetryAfter::At(UnixMillis(784_111_777_000)))),
        ("retry-after: Thu, 01 Jan 1900 00:00:00 GMT", Some(RetryAfter::At(UnixMillis(0)))),
        ("retry-after: -1", None),
        ("retry-after: soon", None),
        ("retry-after: ", None),
        ("x: y", None),
    ] {
        let server = Server::start([answer(429, &format!("{header}\r\n"), "")]).await;
        let error = MomentoHttp::new(&server.url, trusting_nobody()).send(&publish("m"), &key()).await.unwrap_err();
        assert_eq!(error, CallError::Answered(ErrorResponse { status: 429, retry_after: expected }));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_or_is_not_accepted_failed() {
    let server = Server::start([Reaction::Close, Reaction::Answer("nonsense\r\n\r\n".to_owned())]).await;
    let momento = MomentoHttp::new(&server.url, trusting_nobody());
    for _ in 0..2 {
        assert_eq!(momento.send(&publish("m"), &key()).await, Err(CallError::ConnectionFailed));
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let momento = MomentoHttp::new(&format!("http://{closed}"), trusting_nobody());
    assert_eq!(momento.send(&publish("m"), &key()).await, Err(CallError::ConnectionFailed));
}

#[tokio::test]
async fn a_key_that_is_too_long_for_a_url_is_told_apart_from_a_failure() {
    let server = Server::start([]).await;
    let sent = MomentoHttp::new(&server.url, trusting_nobody()).send(&set(&"é".repeat(40_000), "m"), &key()).await;
    assert_eq!(sent, Err(CallError::TooLong));
    assert!(server.received().is_empty());
}

async fn deliver(server: &Server, secrets: &Secrets, commands: &[Command], time: Duration) -> (Tally, Queue) {
    let queue = Queue::default();
    let deliver = Deliver::new(
        MomentoHttp::new(&server.url, trusting_nobody()),
        SecretStore::new(ApiKeyReader { source: secrets.clone(), field: None, random: || 0.5 }),
        Queues { commands: queue.clone(), dead_letters: queue.clone() },
        RetryPolicy { max_event_age: Duration::from_hours(1), retry_attempts: 185 },
        CallRates::default(),
        4,
        Clock::system(),
    );
    deliver.warm_up().await;
    secrets.rotate_to("the-next-key");
    let records: Vec<_> = commands
        .iter()
        .enumerate()
        .map(|(number, command)| {
            let attributes = json!({
                "ApproximateReceiveCount": "1",
                "SentTimestamp": Clock::system().now().0.to_string(),
            });
            json!({
                "messageId": number.to_string(),
                "receiptHandle": number.to_string(),
                "body": event_of(command),
                "attributes": attributes,
            })
        })
        .collect();
    let batch: SqsBatch = serde_json::from_value(json!({"Records": records})).unwrap();
    (deliver.handle(batch, Clock::system().now().plus(time)).await.1.tally, queue)
}

#[tokio::test]
async fn a_key_that_momento_does_not_know_is_read_again_and_the_command_sent_with_the_new_one() {
    let server = Server::start([answer(401, "", "")]).await;
    let (tally, _) = deliver(&server, &Secrets::of(KEY), &[publish("m")], Duration::from_secs(30)).await;
    assert_eq!(tally, Tally { done: 1, postponed: 0, dead_lettered: 0 });
    let keys: Vec<_> = server.received().iter().map(|call| call.headers["authorization"].clone()).collect();
    assert_eq!(keys, [KEY, "the-next-key"]);
}

#[tokio::test]
async fn a_momento_that_hangs_holds_up_neither_the_rest_of_the_batch_nor_the_invocation() {
    let server = Server::start([Reaction::Hang]).await;
    let commands: Vec<_> = (0..20).map(|number| publish(number.to_string())).collect();
    let time = Duration::from_secs(5);
    let started = Clock::system().now();
    let (tally, queue) = deliver(&server, &Secrets::of(KEY), &commands, time).await;
    assert_eq!(tally, Tally { done: 19, postponed: 1, dead_lettered: 0 });
    assert_eq!(queue.waits(), [2]);
    assert!(Clock::system().now().since(started) < time);
}

#[tokio::test]
async fn a_batch_needs_no_more_connections_than_calls_at_a_time() {
    let server = Server::start([]).await;
    let commands: Vec<_> = (0..100).map(|number| publish(number.to_string())).collect();
    let (tally, _) = deliver(&server, &Secrets::of(KEY), &commands, Duration::from_mins(1)).await;
    assert_eq!(tally.done, 100);
    let received = server.received();
    assert!(received.iter().all(|call| call.connection < 4));
    let mut bodies: Vec<_> = received.iter().map(|call| String::from_utf8(call.body.clone()).unwrap()).collect();
    bodies.sort_by_key(|body| body.parse::<usize>().unwrap());
    assert_eq!(bodies, (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn no_log_has_the_key_or_a_message_even_if_momento_repeats_them() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::TRACE, move || writer.clone()));
    let repeated = format!("{KEY} said: hush hush");
    let server = Server::start([
        answer(500, "", &repeated),
        answer(400, "", &repeated),
        answer(401, "", &repeated),
        answer(401, "", &repeated.replace(KEY, "the-next-key")),
        Reaction::Close,
        Reaction::Close,
    ])
    .await;
    let commands = std::iter::repeat_n(publish("hush hush"), 6).collect::<Vec<_>>();
    deliver(&server, &Secrets::of(KEY), &commands, Duration::from_secs(30)).await;
    let log = lines.text();
    assert!(log.lines().count() >= 4 && log.contains("Momento answered 400"), "{log}");
    assert!(!log.contains(KEY) && !log.contains("the-next-key") && !log.contains("hush"), "{log}");
}

#[tokio::test]
async fn an_answer_that_does_not_end_keeps_its_status() {
    let head = "HTTP/1.1 404 X\r\ncontent-length: 1000000\r\n\r\nno such";
    let server = Server::start([Reaction::Answer(head.to_owned())]).await;
    let started = SystemTime::now();
    let answered = MomentoHttp::new(&server.url, trusting_nobody()).send(&publish("m"), &key()).await;
    assert!(matches!(&answered, Err(CallError::Answered(ErrorResponse { status: 404, .. }))), "{answered:?}");
    assert!(started.elapsed().unwrap() < Duration::from_secs(2));
}

#[tokio::test]
async fn ten_calls_at_once_do_not_open_ten_connections_so_that_later_ones_can_resume() {
    let server = Server::start([]).await;
    let momento = MomentoHttp::new(&server.url, trusting_nobody());
    let (command, key) = (publish("hello"), key());
    let calls: Vec<_> = (0..10).map(|_| momento.send(&command, &key)).collect();
    assert_eq!(join_all(calls).await, vec![Ok(()); 10]);
    let connections: HashSet<usize> = server.received().iter().map(|request| request.connection).collect();
    assert!(connections.len() < 8, "{connections:?}");
}

#[tokio::test]
async fn calls_that_momento_does_not_answer_keep_no_others_from_their_turn() {
    let server = Server::start([Reaction::Hang, Reaction::Hang]).await;
    let momento = MomentoHttp::new(&server.url, trusting_nobody());
    let (command, key) = (publish("hello"), key());
    let hanging = join_all((0..2).map(|_| momento.send(&command, &key)));
    let others = async {
        sleep(Duration::from_millis(150)).await;
        join_all((0..8).map(|_| momento.send(&command, &key))).await
    };
    tokio::select! {
        others = timeout(Duration::from_secs(5), others) => assert_eq!(others.unwrap(), vec![Ok(()); 8]),
        _ = hanging => unreachable!("they hang"),
    }
}

#[tokio::test]
async fn calls_without_an_answer_let_one_begin_each_100_ms_and_not_all_at_once() {
    let server = Server::start(std::iter::repeat_n(Reaction::Hang, 10)).await;
    let momento = MomentoHttp::new(&server.url, trusting_nobody());
    let (command, key) = (publish("hello"), key());
    let started = Instant::now();
    let calls = join_all((0..10).map(|_| momento.send(&command, &key)));
    let all_begin = async {
        loop {
            let begun = server.received().len();
            assert!(begun as u128 <= 1 + started.elapsed().as_millis() / 100, "{begun} after {:?}", started.elapsed());
            if begun == 10 {
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        all_begin = timeout(Duration::from_secs(10), all_begin) => all_begin.unwrap(),
        _ = calls => unreachable!("they hang"),
    }
}
