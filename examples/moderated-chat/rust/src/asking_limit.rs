//! How often an address may ask for a token: the function is open to everyone.

use std::future::Future;
use std::net::IpAddr;

/// What is counted: asks in the same minute by the clock.
pub const WINDOW_SECONDS: u64 = 60;

/// Counts who asks.
pub trait Asks {
    /// How often an address has asked in this window, this time included.
    fn count(&self, address: &str) -> impl Future<Output = Result<u32, String>> + Send;
}

/// What is counted as one address. Anyone with an IPv6 address has 2^64 of them, with the same first half.
#[must_use]
pub fn counted_as(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::counted_as;

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        assert_eq!(counted_as("2001:db8:1:2:3:4:5:6"), counted_as("2001:db8:1:2::9"));
        assert_ne!(counted_as("2001:db8:1:2::9"), counted_as("2001:db8:1:3::9"));
        assert_ne!(counted_as("192.0.2.1"), counted_as("192.0.2.2"));
        assert_ne!(counted_as("::ffff:192.0.2.1"), counted_as("::ffff:192.0.2.2"));
    }
}
