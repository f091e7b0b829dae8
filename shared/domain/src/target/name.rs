//! Which host names are public: those that mean the same everywhere.

/// Top-level domains that no public name ends in, and who says so.
const NOT_PUBLIC: [&str; 15] = [
    "alt",         // not of the DNS (RFC 9476)
    "arpa",        // infrastructure (RFC 3172), and homes: home.arpa (RFC 8375)
    "corp",        // private networks (RFC 6762, appendix G)
    "home",        // private networks (RFC 6762, appendix G)
    "internal",    // private networks (ICANN, 2024), and what clouds call their hosts
    "intranet",    // private networks (RFC 6762, appendix G)
    "invalid",     // never a name (RFC 6761)
    "lan",         // private networks (RFC 6762, appendix G)
    "local",       // the link's own (RFC 6762)
    "localdomain", // what hosts files call loopback
    "localhost",   // loopback (RFC 6761)
    "mail",        // private networks (ICANN, 2018)
    "onion",       // not of the DNS (RFC 7686)
    "private",     // private networks (RFC 6762, appendix G)
    "test",        // private networks (RFC 6761)
];

/// Judges a host name as the URL parser leaves it: in lower case, and in ASCII. A name without a dot is one of our own network's.
pub(super) fn is_public(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some((rest, top)) = name.rsplit_once('.') else {
        return false;
    };
    !NOT_PUBLIC.contains(&top) && !top.is_empty() && rest.split('.').all(|label| !label.is_empty())
}
