//! Which host names are public: those that mean the same everywhere.

/// Top-level domains that are set apart for other uses than public names, whatever network one is
/// in, and who says so.
const SET_APART: [&str; 7] = [
    "alt",      // not of the DNS (RFC 9476)
    "arpa",     // infrastructure (RFC 3172), and homes: home.arpa (RFC 8375)
    "internal", // private networks (ICANN, 2024), and what clouds call their hosts
    "invalid",  // never a name (RFC 6761)
    "local",    // the link's own (RFC 6762)
    "onion",    // not of the DNS (RFC 7686)
    "test",     // private networks (RFC 6761)
];

/// Those that lead into a network of one's own, and who says so.
const OWN_NETWORKS: [&str; 8] = [
    "corp",        // private networks (RFC 6762, appendix G)
    "home",        // private networks (RFC 6762, appendix G)
    "intranet",    // private networks (RFC 6762, appendix G)
    "lan",         // private networks (RFC 6762, appendix G)
    "localdomain", // what hosts files call loopback
    "localhost",   // loopback (RFC 6761)
    "mail",        // private networks (ICANN, 2018)
    "private",     // private networks (RFC 6762, appendix G)
];

/// Judges a host name as the URL parser leaves it: in lower case, and in ASCII. A name without a
/// dot is one of our own network's.
pub(super) fn is_public(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some((rest, top)) = name.rsplit_once('.') else {
        return false;
    };
    let is_labels = !top.is_empty() && rest.split('.').all(|label| !label.is_empty());
    is_labels && !is_set_apart(name) && !OWN_NETWORKS.contains(&top)
}

/// Whether no network that somebody allows can make a use of the name.
pub(super) fn is_set_apart(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let top = name.rsplit('.').next().unwrap_or_default();
    SET_APART.contains(&top)
}
