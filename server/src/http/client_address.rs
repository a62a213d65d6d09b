//! From which address a request comes: the peer's own, or what the reverse proxies that the operator trusts say of it
//! (`--trusted-proxies`). Throttling and the log count by it, so a client must not be able to choose it.
//!
//! `X-Forwarded-For` is a list to which every proxy appends the address that it saw; a proxy may do so with a header of its
//! own, so all of them together, in their order, are the list (RFC 9110 §5.3). Read from the right: as long as an address
//! is a trusted proxy's, what stands left of it was written by that proxy. The first other address is the client; whatever
//! is left of it the client may have made up.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::HeaderMap,
};

/// The client's address, when the connection has one.
pub(crate) fn of(request: &Request, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())?;
    Some(behind_proxies(peer.to_canonical(), request.headers(), trusted))
}

fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == ip);
    let mut known = peer;
    let lists: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    for list in lists.into_iter().rev() {
        // A header that is no text is one unreadable address.
        for part in list.to_str().unwrap_or("?").rsplit(',') {
            if !is_trusted(known) {
                return known;
            }
            match address(part) {
                Some(ip) => known = ip,
                // The proxy could not say it; who is left of that, nobody vouches for.
                None => return known,
            }
        }
    }
    known
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(part: &str) -> Option<IpAddr> {
    let part = part.trim();
    let bare = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(part);
    let ip: Option<IpAddr> = bare.parse().ok();
    ip.or_else(|| part.parse::<SocketAddr>().ok().map(|socket| socket.ip())).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::behind_proxies;
    use axum::http::{HeaderMap, HeaderValue};
    use rstest::rstest;
    use std::net::IpAddr;

    #[rstest]
    #[case::nobody_is_trusted("203.0.113.9", &["198.51.100.1"], &[], "203.0.113.9")]
    #[case::a_client_that_pretends_to_be_a_proxy("203.0.113.9", &["10.0.0.1"], &["10.0.0.2"], "203.0.113.9")]
    #[case::no_header("10.0.0.1", &[], &["10.0.0.1"], "10.0.0.1")]
    #[case::one_proxy("10.0.0.1", &["198.51.100.1"], &["10.0.0.1"], "198.51.100.1")]
    #[case::made_up_on_the_left("10.0.0.1", &["8.8.8.8, 198.51.100.1"], &["10.0.0.1"], "198.51.100.1")]
    #[case::made_up_in_a_header_before("10.0.0.1", &["8.8.8.8", "198.51.100.1"], &["10.0.0.1"], "198.51.100.1")]
    #[case::two_proxies("10.0.0.1", &["8.8.8.8, 198.51.100.1, 10.0.0.2"], &["10.0.0.1", "10.0.0.2"], "198.51.100.1")]
    #[case::two_proxies_two_headers("10.0.0.1", &["8.8.8.8,198.51.100.1", "10.0.0.2"], &["10.0.0.1", "10.0.0.2"], "198.51.100.1")]
    #[case::an_untrusted_proxy_is_the_client("10.0.0.1", &["198.51.100.1, 10.0.0.3"], &["10.0.0.1"], "10.0.0.3")]
    #[case::only_proxies("10.0.0.1", &["10.0.0.2"], &["10.0.0.1", "10.0.0.2"], "10.0.0.2")]
    #[case::with_port("10.0.0.1", &["198.51.100.1:4711"], &["10.0.0.1"], "198.51.100.1")]
    #[case::version_six_with_port("10.0.0.1", &["[2001:db8::7]:4711"], &["10.0.0.1"], "2001:db8::7")]
    #[case::version_six_in_brackets("10.0.0.1", &["[2001:db8::7]"], &["10.0.0.1"], "2001:db8::7")]
    #[case::nothing_left_of_nonsense_counts("10.0.0.1", &["8.8.8.8, unknown"], &["10.0.0.1"], "10.0.0.1")]
    #[case::nothing_left_of_an_empty_part_counts("10.0.0.1", &["8.8.8.8, "], &["10.0.0.1"], "10.0.0.1")]
    #[case::mapped_is_the_same("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], &["10.0.0.1"], "198.51.100.1")]
    #[case::trusted_as_mapped("10.0.0.1", &["198.51.100.1"], &["::ffff:10.0.0.1"], "198.51.100.1")]
    fn the_rightmost_address_that_is_no_trusted_proxy(
        #[case] peer: &str,
        #[case] headers: &[&str],
        #[case] trusted: &[&str],
        #[case] client: &str,
    ) {
        let ip = |text: &str| -> IpAddr { text.parse().unwrap() };
        let mut map = HeaderMap::new();
        for value in headers {
            map.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().copied().map(ip).collect();
        assert_eq!(behind_proxies(ip(peer).to_canonical(), &map, &trusted), ip(client));
    }

    #[test]
    fn a_header_that_is_no_text_hides_what_stands_before_it() {
        let mut map = HeaderMap::new();
        map.append("x-forwarded-for", HeaderValue::from_static("8.8.8.8"));
        map.append("x-forwarded-for", HeaderValue::from_bytes(b"\xff").unwrap());
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(behind_proxies(proxy, &map, &[proxy]), proxy);
    }
}
