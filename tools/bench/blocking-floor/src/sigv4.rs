//! AWS's Signature Version 4, for requests without a query:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::env::{self, VarError};
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base16ct::lower::encode_string as hex;
use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, sign};

/// Signs as the role of the function.
pub(crate) struct Signer {
    key_id: String,
    secret: String,
    token: Option<String>,
    region: String,
    service: &'static str,
}

impl Signer {
    pub(crate) fn from_environment(service: &'static str) -> Result<Self, VarError> {
        Ok(Self {
            key_id: env::var("AWS_ACCESS_KEY_ID")?,
            secret: env::var("AWS_SECRET_ACCESS_KEY")?,
            token: env::var("AWS_SESSION_TOKEN").ok(),
            region: env::var("AWS_REGION")?,
            service,
        })
    }

    /// A signed request. The headers are in order, and come before `x-amz-`.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        now: SystemTime,
    ) -> Vec<u8> {
        let time = basic_format(now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs());
        let mut headers = headers.to_vec();
        headers.push(("x-amz-date", &time));
        headers.extend(self.token.as_deref().map(|token| ("x-amz-security-token", token)));
        headers.sort_unstable();
        let authorization = self.authorization(method, path, &headers, body, &time);
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        for (name, value) in headers {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        let _ = write!(request, "authorization: {authorization}\r\ncontent-length: {}\r\n\r\n", body.len());
        [request.as_bytes(), body].concat()
    }

    fn authorization(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8], time: &str) -> String {
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let mut canonical = format!("{method}\n{path}\n\n");
        for (name, value) in headers {
            let _ = writeln!(canonical, "{name}:{value}");
        }
        let _ = write!(canonical, "\n{names}\n{}", hash(body));
        let day = time.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hash(canonical.as_bytes()));
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = [day, &self.region, self.service, "aws4_request"]
            .into_iter()
            .fold(first, |key, part| mac(&key, part.as_bytes()));
        let signature = hex(&mac(&key, to_sign.as_bytes()));
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", self.key_id)
    }
}

fn hash(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), message).as_ref().to_vec()
}

/// A time as `20150830T123600Z`. The calendar is Howard Hinnant's `civil_from_days`.
fn basic_format(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let from_march = days + 719_468;
    let (era, day_of_era) = (from_march / 146_097, from_march % 146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (400 * era + year, if month < 10 { month + 3 } else { month - 9 });
    let year = if month <= 2 { year + 1 } else { year };
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// `get-vanilla` of AWS's own test suite for signatures.
    #[test]
    fn signs_as_aws_does() {
        let signer = Signer {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
            region: "us-east-1".to_owned(),
            service: "service",
        };
        let now = UNIX_EPOCH + Duration::from_mins(24_015_636);
        let request = signer.request("GET", "/", &[("host", "example.amazonaws.com")], b"", now);
        let expected = "GET / HTTP/1.1\r\n\
            host: example.amazonaws.com\r\n\
            x-amz-date: 20150830T123600Z\r\n\
            authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
            SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\r\n\
            content-length: 0\r\n\r\n";
        assert_eq!(String::from_utf8(request).unwrap(), expected);
    }

    #[test]
    fn knows_the_calendar() {
        for (seconds, time) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_735_689_599, "20241231T235959Z"),
            (1_772_323_200, "20260301T000000Z"),
        ] {
            assert_eq!(basic_format(seconds), time);
        }
    }
}
