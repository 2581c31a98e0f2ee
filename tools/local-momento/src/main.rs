//! The local Momento as a process: prints one line of JSON with its address when it listens, and ends when its standard
//! input closes, so never outlives the process that started it.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::{env, io};

use lexopt::{Arg, Parser, ValueExt as _};
use local_momento::{Settings, serve};
use serde_json::json;
use tokio::net::TcpListener;

const USAGE: &str = "usage: local-momento --api-key KEY... [--cache NAME]... [--port N]

  --api-key KEY   a key that may do everything
  --cache NAME    a cache that exists; any other is not found
  --port N        of 127.0.0.1; a free one unless given

Prints {\"endpoint\":\"http://127.0.0.1:…\"} when it listens. Ends when its standard input closes.";

enum Asked {
    Help,
    Run { port: u16, settings: Settings },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (port, settings) = match asked(Parser::from_iter(env::args_os())) {
        Ok(Asked::Run { port, settings }) => (port, settings),
        Ok(Asked::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("local-momento: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(port, settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local-momento: {error}");
            ExitCode::FAILURE
        }
    }
}

fn asked(mut arguments: Parser) -> Result<Asked, lexopt::Error> {
    let (mut port, mut settings) = (0, Settings::default());
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("api-key") => settings.api_keys.push(arguments.value()?.string()?),
            Arg::Long("cache") => settings.caches.push(arguments.value()?.string()?),
            Arg::Long("port") => port = arguments.value()?.parse()?,
            Arg::Long("help") | Arg::Short('h') => return Ok(Asked::Help),
            other => return Err(other.unexpected()),
        }
    }
    if settings.api_keys.is_empty() {
        return Err("--api-key is missing: without a key, no request is let in".into());
    }
    Ok(Asked::Run { port, settings })
}

async fn run(port: u16, settings: Settings) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let ready = json!({ "endpoint": format!("http://{}", listener.local_addr()?) });
    writeln!(io::stdout(), "{ready}")?;
    tokio::select! {
        result = serve(listener, settings) => result?,
        result = input_closed() => result?,
    }
    Ok(())
}

async fn input_closed() -> io::Result<()> {
    tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await?;
    Ok(())
}
