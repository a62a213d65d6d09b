//! How much one network address may still do without being known: failing attempts at signing in, and registrations.
//! Token buckets per address, in memory and bounded, and one for all registrations together.
//!
//! Failing attempts: slows down guessing across many accounts, where the delay per account (in the database) does not bite.
//! A successful attempt gives its token back, so an office behind one address is not locked out by its own size.
//! Registrations: each makes an organisation that an operator has to look at, so it is those that succeed that count.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use domain::moment;
use time::OffsetDateTime;

use crate::error::{Error, Message, Result};

/// Thirty failing attempts are free, then ten a minute.
const FAILING: Rate = Rate { burst: 30, refill_micros: 6_000_000 };
/// Registrations of one address: ten at once (a firm that registers its clients), then one in ten minutes.
const REGISTRATIONS: Rate = Rate { burst: 10, refill_micros: 600_000_000 };
/// Registrations of all addresses together: two hundred at once, then two a minute.
const ALL_REGISTRATIONS: Rate = Rate { burst: 200, refill_micros: 30_000_000 };
/// Addresses remembered at most; beyond it those that are full again are forgotten first.
const CAPACITY: usize = 20_000;

/// The buckets of one instance.
#[derive(Debug, Default)]
pub struct Attempts {
    failing: Mutex<Buckets>,
    registrations: Mutex<(Buckets, Bucket)>,
}

/// So many tokens, and how long until one comes back.
#[derive(Clone, Copy)]
struct Rate {
    burst: i64,
    refill_micros: i64,
}

type Buckets = HashMap<IpAddr, Bucket>;

/// Kept as the moment at which the bucket will be full again: one number says it all.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    full_at: i64,
}

impl Bucket {
    /// The bucket with one token less, or the seconds until it has one.
    fn less(self, rate: Rate, now: i64) -> Result<Self, u32> {
        let full_at = self.full_at.max(now) + rate.refill_micros;
        let over = full_at - now - rate.burst * rate.refill_micros;
        if over > 0 {
            return Err(u32::try_from(over.unsigned_abs().div_ceil(1_000_000)).unwrap_or(u32::MAX));
        }
        Ok(Self { full_at })
    }
}

impl Attempts {
    /// Takes a token for an attempt. `None` (no address known, as in tests and on the command line) always passes.
    ///
    /// # Errors
    /// [`Error::Busy`] with the seconds until the next token.
    pub fn take(&self, address: Option<IpAddr>, now: OffsetDateTime) -> Result<()> {
        let Some(address) = address.map(network) else { return Ok(()) };
        let now = moment::to_micros(now);
        let mut buckets = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = at(&mut buckets, address, now);
        *bucket = bucket.less(FAILING, now).map_err(|retry_after| Error::Busy { retry_after })?;
        Ok(())
    }

    /// Gives the token of a successful attempt back.
    pub fn give_back(&self, address: Option<IpAddr>) {
        let Some(address) = address.map(network) else { return };
        if let Some(bucket) = self.failing.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&address) {
            bucket.full_at -= FAILING.refill_micros;
        }
    }

    /// Takes a token for a registration that is about to succeed. `None` passes, as above.
    ///
    /// # Errors
    /// [`Error::Rejected`] that says when to come back.
    pub fn register(&self, address: Option<IpAddr>, now: OffsetDateTime) -> Result<()> {
        let Some(address) = address.map(network) else { return Ok(()) };
        let now = moment::to_micros(now);
        let mut all = self.registrations.lock().unwrap_or_else(PoisonError::into_inner);
        let (buckets, together) = &mut *all;
        let own = at(buckets, address, now);
        // Both or none: who is turned away uses nothing up.
        let fewer = own.less(REGISTRATIONS, now).map_err(|seconds| too_many_here(minutes(seconds)))?;
        *together = together.less(ALL_REGISTRATIONS, now).map_err(|seconds| too_many(minutes(seconds)))?;
        *own = fewer;
        Ok(())
    }
}

fn minutes(seconds: u32) -> u32 {
    seconds.div_ceil(60)
}

fn too_many_here(minutes: u32) -> Error {
    Error::Rejected(Message::Said(
        format!(
            "您所在的网络近期注册的机构过多，本次未注册。请约 {minutes} 分钟后再提交，已填写的内容（密码除外）已保留；如需集中注册，请联系交易中心。"
        ),
        format!(
            "Too many organisations were registered from your network, so this one was not. Send the form again in about {minutes} minutes: what you typed is kept, but for the password. To register many, ask the exchange."
        ),
    ))
}

fn too_many(minutes: u32) -> Error {
    Error::Rejected(Message::Said(
        format!(
            "当前注册的机构过多，本次未注册。请约 {minutes} 分钟后再提交，已填写的内容（密码除外）已保留。"
        ),
        format!(
            "Too many organisations are being registered, so this one was not. Send the form again in about {minutes} minutes: what you typed is kept, but for the password."
        ),
    ))
}

/// The address's bucket; a full one when it was not known.
fn at(buckets: &mut Buckets, address: IpAddr, now: i64) -> &mut Bucket {
    if buckets.len() >= CAPACITY && !buckets.contains_key(&address) {
        make_room(buckets, now);
    }
    buckets.entry(address).or_insert(Bucket { full_at: now })
}

/// Forgets full buckets; when a flood keeps all of them in use, the fuller half.
fn make_room(buckets: &mut Buckets, now: i64) {
    buckets.retain(|_, bucket| bucket.full_at > now);
    if buckets.len() >= CAPACITY {
        let mut times: Vec<i64> = buckets.values().map(|bucket| bucket.full_at).collect();
        let (_, median, _) = times.select_nth_unstable(CAPACITY / 2);
        let median = *median;
        buckets.retain(|_, bucket| bucket.full_at > median);
    }
}

/// One household or office has a whole /64 of IPv6: it counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-02 01:00 UTC);

    #[test]
    fn a_burst_passes_then_ten_a_minute() {
        let attempts = Attempts::default();
        let me: Option<IpAddr> = "203.0.113.7".parse().ok();
        for _ in 0..FAILING.burst {
            attempts.take(me, NOW).unwrap();
        }
        assert!(matches!(attempts.take(me, NOW), Err(Error::Busy { retry_after: 6 })));
        assert!(attempts.take("203.0.113.8".parse().ok(), NOW).is_ok());
        assert!(attempts.take(me, NOW + Duration::seconds(6)).is_ok());
        assert!(attempts.take(me, NOW + Duration::seconds(6)).is_err());
    }

    #[test]
    fn success_costs_nothing_and_no_address_passes() {
        let attempts = Attempts::default();
        let me: Option<IpAddr> = "2001:db8::1".parse().ok();
        for _ in 0..FAILING.burst * 3 {
            attempts.take(me, NOW).unwrap();
            attempts.give_back(me);
            attempts.take(None, NOW).unwrap();
        }
    }

    #[test]
    fn a_neighbour_in_the_same_64_shares_the_bucket_and_mapped_v4_is_v4() {
        let attempts = Attempts::default();
        for last in 0..FAILING.burst {
            attempts.take(format!("2001:db8::{last:x}").parse().ok(), NOW).unwrap();
            attempts.take("::ffff:198.51.100.1".parse().ok(), NOW).unwrap();
        }
        assert!(attempts.take("2001:db8::ffff".parse().ok(), NOW).is_err());
        assert!(attempts.take("198.51.100.1".parse().ok(), NOW).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for n in 0..u32::try_from(CAPACITY).unwrap() + 1_000 {
            attempts.take(Some(IpAddr::from(n.to_be_bytes())), NOW).unwrap();
        }
        assert!(attempts.failing.lock().unwrap().len() <= CAPACITY);
    }

    fn address(n: u32) -> Option<IpAddr> {
        Some(IpAddr::from((n + (1 << 24)).to_be_bytes()))
    }

    #[test]
    fn ten_registrations_of_one_address_then_one_in_ten_minutes() {
        let attempts = Attempts::default();
        for _ in 0..REGISTRATIONS.burst {
            attempts.register(address(1), NOW).unwrap();
            attempts.take(address(1), NOW).unwrap();
        }
        let Err(Error::Rejected(message)) = attempts.register(address(1), NOW) else { panic!("passes") };
        for (locale, when) in
            [(domain::locale::Locale::Zh, "10 分钟"), (domain::locale::Locale::En, "10 minutes")]
        {
            assert!(message.said(locale).unwrap().contains(when), "{message:?}");
        }
        assert!(attempts.take(address(1), NOW).is_ok(), "signing in is another matter");
        assert!(attempts.register(address(2), NOW).is_ok());
        assert!(attempts.register(address(1), NOW + Duration::minutes(10)).is_ok());
        assert!(attempts.register(address(1), NOW + Duration::minutes(10)).is_err());
    }

    #[test]
    fn all_addresses_together_have_a_limit_and_who_is_turned_away_uses_nothing_up() {
        let attempts = Attempts::default();
        let all = u32::try_from(ALL_REGISTRATIONS.burst).unwrap();
        for n in 0..all {
            attempts.register(address(n), NOW).unwrap();
        }
        for _ in 0..REGISTRATIONS.burst * 2 {
            assert!(matches!(attempts.register(address(all), NOW), Err(Error::Rejected(_))));
        }
        attempts.register(None, NOW).unwrap();
        attempts.register(address(all), NOW + Duration::seconds(30)).unwrap();
        assert!(attempts.register(address(all), NOW + Duration::seconds(30)).is_err(), "two a minute");
    }
}
