//! Which addresses are public. Two tables, after the registries of IANA as of 2025:
//! <https://www.iana.org/assignments/iana-ipv4-special-registry> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>.
//!
//! Every entry of a registry is refused, those called globally reachable too: they are anycast or
//! translators, so whoever is nearest answers, and nobody receives webhooks there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// IPv4 is public but for these.
pub(super) const NOT_PUBLIC_V4: [Ipv4Net; 18] = [
    v4(0, 0, 0, 8),       // this network; 0.0.0.0 is this host (RFC 791, RFC 1122)
    v4(10, 0, 0, 8),      // private use (RFC 1918)
    v4(100, 64, 0, 10),   // shared by the customers of a provider (RFC 6598)
    v4(127, 0, 0, 8),     // loopback (RFC 1122)
    v4(169, 254, 0, 16),  // link-local (RFC 3927): the metadata of clouds, Lambda's own endpoints
    v4(172, 16, 0, 12),   // private use (RFC 1918)
    v4(192, 0, 0, 24),    // IETF protocol assignments (RFC 6890)
    v4(192, 0, 2, 24),    // documentation (RFC 5737)
    v4(192, 31, 196, 24), // AS112, anycast (RFC 7535)
    v4(192, 52, 193, 24), // multicast tunnels, anycast (RFC 7450)
    v4(192, 88, 99, 24),  // 6to4 relays, anycast, deprecated (RFC 7526)
    v4(192, 168, 0, 16),  // private use (RFC 1918)
    v4(192, 175, 48, 24), // AS112, anycast (RFC 7534)
    v4(198, 18, 0, 15),   // benchmarks (RFC 2544)
    v4(198, 51, 100, 24), // documentation (RFC 5737)
    v4(203, 0, 113, 24),  // documentation (RFC 5737)
    v4(224, 0, 0, 4),     // multicast (RFC 5771)
    v4(240, 0, 0, 4),     // reserved, and broadcast (RFC 1112, RFC 8190)
];

/// IPv6 is public only in here (RFC 4291). Outside are, among others, loopback, unspecified and
/// IPv4-compatible addresses (`::/96`), mapped ones (`::ffff:0:0/96`, which are judged as IPv4),
/// translated ones (`::ffff:0:0:0/96`, `64:ff9b::/96`, `64:ff9b:1::/48`), discard (`100::/64`),
/// segment routing (`5f00::/16`), unique local (`fc00::/7`), link-local (`fe80::/10`), site-local
/// (`fec0::/10`) and multicast (`ff00::/8`).
const PUBLIC_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// And not in these.
const NOT_PUBLIC_V6: [Ipv6Net; 6] = [
    // IETF protocol assignments (RFC 2928), such as Teredo (RFC 4380), which embeds IPv4
    v6(0x2001, 0, 0, 23),
    // documentation (RFC 3849)
    v6(0x2001, 0xdb8, 0, 32),
    // 6to4 (RFC 3056), which embeds IPv4
    v6(0x2002, 0, 0, 16),
    // AS112, anycast (RFC 7534)
    v6(0x2620, 0x4f, 0x8000, 48),
    // the former test network 6bone, returned (RFC 3701)
    v6(0x3ffe, 0, 0, 16),
    // documentation (RFC 9637)
    v6(0x3fff, 0, 0, 20),
];

/// Judges an address. One that is IPv4 in the form of IPv6 must have been made IPv4 again.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            PUBLIC_V6.contains(&address)
                && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
                && !is_isatap(address)
        }
    }
}

/// ISATAP (RFC 5214) embeds IPv4 behind a mark, under any prefix. Two bits before the mark say who
/// has given the number, and vary.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [_, _, _, _, given, mark, _, _] = address.segments();
    given & !0x0300 == 0 && mark == 0x5efe
}
