//! Verifies the signature of a webhook's body, and exits with 1 if it is wrong:
//!
//! ```sh
//! SIGNING_SECRET=… cargo run -p cdk-momento-eventbridge-signature --example verify_signature -- SIGNATURE <body.json
//! ```
use std::error::Error;
use std::io::Read;
use std::process::ExitCode;

use momento_signature::{Signature, SignatureAlgorithm, SigningSecret};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let secret = SigningSecret::new(&std::env::var("SIGNING_SECRET")?).ok_or("SIGNING_SECRET is empty")?;
    let signature = Signature::from_header(std::env::args().nth(1).as_deref())?;
    // The bytes as they came: a body that was parsed and written again has another signature.
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let is_genuine = SignatureAlgorithm::HmacSha3_256.verify(&secret, &body, &signature);
    println!("{}", if is_genuine { "genuine" } else { "not genuine" });
    Ok(if is_genuine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
