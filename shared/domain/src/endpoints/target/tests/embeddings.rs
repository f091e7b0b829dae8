//! IPv4 addresses within IPv6 addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use crate::target::{Targets, address};

/// Every way that an RFC gives to put an IPv4 address into an IPv6 one, without those under a
/// prefix of somebody's own. `noise` fills the bits that do not matter.
fn embeddings(inside: Ipv4Addr, noise: u64) -> Vec<Ipv6Addr> {
    let (v4, noise) = (u128::from(inside.to_bits()), u128::from(noise));
    let (port_and_flags, prefix) = (noise & 0xffff_ffff, noise << 64);
    let isatap = prefix & !(7 << 125) | 1 << 125 | 0x5efe << 32 | v4;
    [
        // IPv4-compatible and IPv4-mapped (RFC 4291)
        v4,
        0xffff << 32 | v4,
        // IPv4-translated (RFC 2765)
        0xffff << 48 | v4,
        // NAT64 (RFC 6052), and for local use (RFC 8215)
        0x64_ff9b << 96 | v4,
        0x64_ff9b_0001 << 80 | noise & 0xffff_ffff << 32 | v4,
        // 6to4 (RFC 3056)
        0x2002 << 112 | v4 << 80 | noise,
        // Teredo (RFC 4380), as server and as client
        0x2001 << 112 | v4 << 64 | port_and_flags << 32 | 0x0808_0808,
        0x2001 << 112 | 0x0808_0808 << 64 | port_and_flags << 32 | (v4 ^ 0xffff_ffff),
        // ISATAP (RFC 5214): local, globally unique, and on the link
        isatap,
        isatap | 0x0200 << 48,
        0xfe80 << 112 | 0x5efe << 32 | v4,
    ]
    .map(Ipv6Addr::from)
    .to_vec()
}

fn anything_forbidden() -> impl Strategy<Value = Ipv4Addr> {
    let common = [
        "127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "0.0.0.0",
        "255.255.255.255",
    ];
    let common = proptest::sample::select(common.to_vec()).prop_map(|text| text.parse().unwrap());
    let networks = proptest::sample::select(address::NOT_PUBLIC_V4.to_vec());
    let any = (networks, any::<u32>()).prop_map(|(network, host)| {
        Ipv4Addr::from_bits(network.network().to_bits() | host & network.hostmask().to_bits())
    });
    prop_oneof![common, any]
}

proptest! {
    #[test]
    fn every_embedding_of_a_forbidden_address_is_refused(inside in anything_forbidden(), noise: u64) {
        prop_assert!(!Targets::default().admits(inside.into()));
        for outside in embeddings(inside, noise) {
            prop_assert!(!Targets::default().admits(outside.into()), "{outside} embeds {inside}");
        }
    }

    #[test]
    fn a_mapped_address_is_judged_like_the_one_inside(inside: Ipv4Addr) {
        let mapped = IpAddr::V6(inside.to_ipv6_mapped());
        prop_assert_eq!(Targets::default().admits(mapped), Targets::default().admits(inside.into()));
    }

    #[test]
    fn what_url_and_resolver_say_of_an_address_is_the_same(address: IpAddr) {
        let host = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let targets = Targets::default();
        prop_assert_eq!(super::check(&targets, &format!("http://{host}/")), targets.admits(address));
    }
}
