//! Every spelling of what must not be reached, and that the rest can be.

mod embeddings;

use std::net::{IpAddr, SocketAddr};

use super::*;

fn check(targets: &Targets, url: &str) -> bool {
    let url = RequestUrl::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    targets.check(&url).is_ok()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Those that a machine of one's own allows; the endpoint is that of Lambda's Runtime API.
fn local() -> Targets {
    let allowed = AllowedTargets::parse("127.0.0.0/8,::1/128").unwrap();
    Targets::new(allowed, vec!["127.0.0.1:9001".parse().unwrap()])
}

#[test]
fn every_spelling_of_loopback_is_refused() {
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0X7F.0x0.0x0.0x1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "0x7f.1.",
        "127.255.255.254",
        "①②⑦.⓪.⓪.①",
        "１２７.０.０.１",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "127%2e0%2E0.1",
        "me:secret@127.0.0.1",
        "example.com@127.0.0.1",
        "127.0.0.1\\@example.com",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[2600::5efe:127.0.0.1]",
        "[2600::200:5efe:7f00:1]",
        "0.0.0.0",
        "0",
        "0x0",
        "[::]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ｌｏｃａｌｈｏｓｔ",
        "a.localhost",
        "a.b.localhost.",
        "localhost.localdomain",
        "ip6-loopback",
    ] {
        for (scheme, rest) in [("http", ":8080/x"), ("https", "/"), ("http", "")] {
            let url = format!("{scheme}://{host}{rest}");
            assert!(!check(&Targets::default(), &url), "{url}");
        }
    }
}

#[test]
fn addresses_that_are_not_public_are_refused() {
    for refused in [
        "0.0.0.1",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "169.254.79.129",
        "169.254.100.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.1.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::2",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:2::1",
        "2001:20::1",
        "2001:db8::1",
        "2620:4f:8000::1",
        "3ffe::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!Targets::default().admits(address(refused)), "{refused}");
    }
}

#[test]
fn public_addresses_are_admitted_up_to_the_edges_of_what_is_not() {
    for public in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "52.95.110.1",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2000::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2600:1f18::1",
        "2600::100:5efd:1:1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::200e",
        "3fff:1000::1",
    ] {
        assert!(Targets::default().admits(address(public)), "{public}");
    }
}

#[test]
fn names_that_mean_something_only_in_some_network_are_refused() {
    for name in [
        "intern",
        "instance-data",
        "host.docker.internal",
        "metadata.google.internal.",
        "ip-10-0-0-1.ec2.internal",
        "printer.local",
        "router.home.arpa",
        "1.0.0.127.in-addr.arpa",
        "server.lan",
        "wiki.corp",
        "x.onion",
        "x.test",
        "a..example.com",
        "example.com..",
        ".example.com",
    ] {
        let url = format!("https://{name}/");
        assert!(!check(&Targets::default(), &url), "{url}");
    }
}

#[test]
fn public_names_are_admitted() {
    for url in [
        "https://example.com",
        "https://example.com.:8443/x?y#z",
        "http://hooks.slack.com/services/a/b/c",
        "http://8.8.8.8/",
        "http://134744072/",
        "https://[2606:4700::1111]:444/",
        "https://bücher.example/",
        "https://local.example.com",
        "https://localhost.example.com",
        "https://my_host.example.com",
        "https://127.0.0.1.nip.io/",
    ] {
        assert!(check(&Targets::default(), url), "{url}");
    }
}

#[test]
fn port_0_is_refused() {
    for targets in [Targets::default(), local()] {
        for url in [
            "http://example.com:0/",
            "http://127.0.0.1:0",
            "https://8.8.8.8:00/",
        ] {
            assert!(!check(&targets, url), "{url}");
        }
    }
}

#[test]
fn what_is_allowed_is_let_through_and_nothing_else() {
    let local = local();
    for url in [
        "http://127.0.0.1:8000/",
        "http://127.0.0.2:9001/",
        "http://[::ffff:127.0.0.1]:8000/",
        "http://[::1]:8000/",
        "http://localhost:8000/",
        "https://example.com/",
    ] {
        let expected = !url.contains("9001");
        assert_eq!(check(&local, url), expected, "{url}");
    }
    // A name that is set apart leads to no receiver of one's own.
    for url in [
        "http://x.internal:8000/",
        "http://printer.local/",
        "http://x.test./",
    ] {
        assert!(!check(&local, url), "{url}");
    }
    for url in [
        "http://0.0.0.0:8000/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[::127.0.0.1]/",
    ] {
        assert!(!check(&local, url), "{url}");
    }
    assert!(local.admits(address("127.0.0.1")));
    assert!(!local.admits(address("10.0.0.1")));
}

#[test]
fn endpoints_of_our_own_are_refused_even_where_their_address_is_allowed() {
    let everything = AllowedTargets::parse("0.0.0.0/0,::/0").unwrap();
    let everything = Targets::new(everything, vec!["127.0.0.1:9001".parse().unwrap()]);
    for targets in [local(), everything] {
        for host in [
            "127.0.0.1",
            "2130706433",
            "127.0.0.2",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "[::]",
            "localhost",
            "leads-there.example.com",
        ] {
            let url = format!("http://{host}:9001/2018-06-01/runtime/invocation/next");
            assert!(!check(&targets, &url), "{url}");
        }
    }
}

#[test]
fn an_endpoint_of_our_own_with_a_public_address_is_no_target() {
    let own: SocketAddr = "52.95.110.1:9001".parse().unwrap();
    let targets = Targets::new(AllowedTargets::default(), vec![own]);
    assert!(!targets.admits(own.ip()));
    assert!(!check(&targets, "https://52.95.110.1/"));
    assert!(check(&targets, "https://example.com:9001/"));
}

#[test]
fn a_list_of_networks_is_read_whole_or_not_at_all() {
    assert!(AllowedTargets::parse("").unwrap().is_empty());
    assert!(AllowedTargets::parse("10.0.0.0/8, fd00::/8").is_ok());
    for bad in ["127.0.0.1", "none", "10.0.0.0/33", "10.0.0.0/8,", ","] {
        assert!(AllowedTargets::parse(bad).is_err(), "{bad:?}");
    }
}
