//! The local Momento as the process that a test starts.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn local_momento(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-momento"));
    command.args(arguments);
    command
}

#[tokio::test]
async fn it_says_where_it_listens_and_ends_when_its_input_closes() {
    let mut command = local_momento(&["--api-key", "k", "--cache", "chat", "--cache", "orders"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();

    for cache in ["chat", "orders"] {
        let url = format!("{}/cache/{cache}?key=missing&token=k", ready["endpoint"].as_str().unwrap());
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap()["message"], "Key Not Found");
    }

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_it_cannot_start_with_is_named() {
    for (arguments, reason) in [
        (&[][..], "--api-key is missing"),
        (&["--api-key"], "--api-key"),
        (&["--api-key", "k", "--port", "x"], "\"x\""),
        (&["--api-key", "k", "--caches", "c"], "--caches"),
    ] {
        let Output { status, stderr, .. } = local_momento(arguments).output().unwrap();
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(2), "{stderr}");
        assert!(stderr.lines().next().unwrap().contains(reason), "{arguments:?}: {stderr}");
    }
}
