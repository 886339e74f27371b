//! [`RateLimit`]: how many requests one client may send.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

/// Requests after which clients that have been quiet for long enough are forgotten.
const FORGET_INTERVAL: u32 = 4096;

/// How many requests one client may send in a second.
#[derive(Debug)]
pub struct RateLimit {
    clients: DefaultKeyedRateLimiter<IpAddr>,
    requests: AtomicU32,
}

impl RateLimit {
    pub fn new(per_second: NonZeroU32) -> Self {
        Self { clients: DefaultKeyedRateLimiter::keyed(Quota::per_second(per_second)), requests: AtomicU32::new(0) }
    }

    /// Counts a request of a client; of one too many, in how many seconds it may come again.
    pub fn admit(&self, client: IpAddr) -> Result<(), u64> {
        if self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_INTERVAL) {
            self.clients.retain_recent();
        }
        self.clients.check_key(&network(client)).map_err(|wait| {
            let wait = wait.wait_time_from(DefaultClock::default().now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

/// What one client has: an IPv4 address, or a network of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The address that a request comes from. Where none is known, as in an application that does not tell, all requests
/// come from one.
pub fn client(extensions: &Extensions) -> IpAddr {
    let info = extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(address)| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_limit() {
        let limit = RateLimit::new(NonZeroU32::new(2).expect("not 0"));
        let rows = [
            ("192.0.2.1", Ok(())),
            ("192.0.2.1", Ok(())),
            ("192.0.2.1", Err(1)),
            ("::ffff:192.0.2.1", Err(1)),
            ("192.0.2.2", Ok(())),
            ("2001:db8::1", Ok(())),
            ("2001:db8::2", Ok(())),
            ("2001:db8::3", Err(1)),
            ("2001:db8:0:1::1", Ok(())),
        ];
        for (client, expected) in rows {
            assert_eq!(limit.admit(client.parse().expect("an address")), expected, "{client}");
        }
    }
}
