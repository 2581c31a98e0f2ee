//! How a Lambda's process ends: with one line that says why, where it could not start.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// What a process ends with that has served, or could not. Lambda logs what it wrote to its standard error.
pub(super) fn exit_code<E: Display>(handler: &str, served: Result<(), E>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the {handler} handler cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
