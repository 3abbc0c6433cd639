//! Attacks on the policy: each tries to get at an address that was not granted.

use super::*;
use crate::binding::log::Refusals;

fn policy(rules: &[&str]) -> Policy {
    let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
    Policy::new(Arc::new(Grants::parse(&rules, &[]).expect("rules")), Refusals::default())
}

fn listening(rules: &[&str]) -> Policy {
    let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
    Policy::new(Arc::new(Grants::parse(&[], &rules).expect("rules")), Refusals::default())
}

fn connects(policy: &Policy, address: &str) -> bool {
    policy.may_connect(address.parse().expect("an address with a port"))
}

fn resolve(policy: &Policy, name: &str, addresses: &[&str]) {
    assert!(policy.may_look_up(name));
    addresses.iter().for_each(|address| policy.looked_up(name, address.parse().expect("an address")));
}

#[test]
fn nothing_is_granted_by_default() {
    let policy = policy(&[]);
    for address in ["127.0.0.1:80", "8.8.8.8:53", "[::1]:80", "10.0.0.1:6379", "169.254.169.254:80"] {
        assert!(!connects(&policy, address), "{address}");
        assert!(!policy.may_receive(address.parse().expect("address")), "{address}");
    }
    assert!(!policy.may_look_up("example.com"));
    assert!(!policy.may_listen("0.0.0.0:0".parse().expect("address")));
    assert!(!policy.may_accept());
}

#[test]
fn an_address_is_granted_with_its_ports_only() {
    let policy = policy(&["127.0.0.1:8080", "10.0.0.0/8:8000-8002", "[fd00::]/8"]);
    for (address, granted) in [
        ("127.0.0.1:8080", true),
        ("127.0.0.1:8081", false),
        ("127.0.0.2:8080", false),
        ("10.255.0.1:8000", true),
        ("10.0.0.1:8002", true),
        ("10.0.0.1:8003", false),
        ("10.0.0.1:0", false),
        ("11.0.0.1:8000", false),
        ("[fd00::1]:1", true),
        ("[fc00::1]:1", false),
    ] {
        assert_eq!(granted, connects(&policy, address), "{address}");
    }
}

#[test]
fn port_0_is_never_granted_for_connecting() {
    assert!(!connects(&policy(&["127.0.0.1", "8.8.8.8", "*"]), "127.0.0.1:0"));
    assert!(!connects(&policy(&["*"]), "8.8.8.8:0"));
}

#[test]
fn ipv4_mapped_addresses_are_the_ipv4_addresses() {
    let granted = policy(&["127.0.0.1:8080"]);
    assert!(connects(&granted, "[::ffff:127.0.0.1]:8080"));
    // ... also where that is what denies them.
    let everything = policy(&["::/0", "*", "0.0.0.0/0"]);
    for address in ["[::ffff:127.0.0.1]:8080", "[::ffff:169.254.169.254]:80", "[::ffff:10.0.0.1]:80"] {
        assert!(!connects(&everything, address), "{address}");
    }
}

#[test]
fn a_wide_block_grants_no_special_addresses() {
    let everything = policy(&["0.0.0.0/0", "::/0", "*"]);
    for address in ["8.8.8.8:53", "[2606:4700::1]:443"] {
        assert!(connects(&everything, address), "{address}");
    }
    for address in [
        "127.0.0.1:80",
        "10.0.0.1:80",
        "192.168.1.1:80",
        "172.16.0.1:80",
        "100.64.0.1:80",
        "169.254.169.254:80",
        "168.63.129.16:80",
        "0.0.0.0:80",
        "224.0.0.1:80",
        "[::1]:80",
        "[::]:80",
        "[fd00::1]:80",
        "[fe80::1]:80",
        "[::127.0.0.1]:80",
        "[64:ff9b::7f00:1]:80",
        "[2002:7f00:1::]:80",
    ] {
        assert!(!connects(&everything, address), "{address}");
    }
}

#[test]
fn a_metadata_service_is_granted_by_its_very_address_only() {
    assert!(!connects(&policy(&["169.254.0.0/16", "100.64.0.0/10", "fc00::/7"]), "169.254.169.254:80"));
    assert!(!connects(&policy(&["100.64.0.0/10"]), "100.100.100.200:80"));
    assert!(!connects(&policy(&["fd00::/8"]), "[fd00:ec2::254]:80"));
    assert!(connects(&policy(&["169.254.169.254:80"]), "169.254.169.254:80"));
    assert!(connects(&policy(&["169.254.0.0/16"]), "169.254.1.1:80"));
}

#[test]
fn a_name_grants_what_its_look_up_came_to() {
    let policy = policy(&["api.example.com:443"]);
    assert!(!connects(&policy, "93.184.216.34:443"), "before the look-up");
    resolve(&policy, "API.example.com.", &["93.184.216.34", "2606:2800::1", "10.1.2.3"]);
    assert!(connects(&policy, "93.184.216.34:443"));
    assert!(connects(&policy, "[2606:2800::1]:443"), "its second address");
    assert!(connects(&policy, "10.1.2.3:443"), "a name in a network of one's own");
    assert!(!connects(&policy, "93.184.216.34:80"), "another port");
    assert!(!connects(&policy, "93.184.216.35:443"), "the address beside it");
}

#[test]
fn rebinding_a_name_leads_nowhere() {
    let policy = policy(&["evil.example.com"]);
    resolve(
        &policy,
        "evil.example.com",
        &[
            "93.184.216.34",
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "fd00:ec2::254",
            "fe80::1",
        ],
    );
    assert!(connects(&policy, "93.184.216.34:80"));
    for address in [
        "127.0.0.1:80",
        "[::1]:80",
        "[::ffff:127.0.0.1]:80",
        "169.254.169.254:80",
        "0.0.0.0:80",
        "[fd00:ec2::254]:80",
        "[fe80::1]:80",
    ] {
        assert!(!connects(&policy, address), "{address}");
    }
}

#[test]
fn a_new_look_up_replaces_the_old_one() {
    let policy = policy(&["a.example.com", "b.example.com:80"]);
    resolve(&policy, "a.example.com", &["93.184.216.34"]);
    resolve(&policy, "b.example.com", &["93.184.216.35"]);
    resolve(&policy, "a.example.com", &["93.184.216.36"]);
    assert!(!connects(&policy, "93.184.216.34:80"));
    assert!(connects(&policy, "93.184.216.35:80"), "the other name's is still there");
    assert!(!connects(&policy, "93.184.216.35:81"), "with its own ports");
    assert!(connects(&policy, "93.184.216.36:80"));
}

#[test]
fn what_was_looked_up_for_nobody_is_not_granted() {
    let policy = policy(&["a.example.com"]);
    policy.looked_up("a.example.com", "93.184.216.34".parse().expect("address"));
    policy.looked_up("b.example.com", "93.184.216.34".parse().expect("address"));
    assert!(!connects(&policy, "93.184.216.34:80"));
}

#[test]
fn localhost_is_this_machine_and_nothing_else() {
    let policy = policy(&["localhost:8080"]);
    assert!(connects(&policy, "127.0.0.1:8080"));
    assert!(connects(&policy, "[::1]:8080"));
    assert!(!connects(&policy, "127.0.0.1:8081"));
    resolve(&policy, "localhost", &["127.0.1.1", "93.184.216.34", "10.0.0.1"]);
    assert!(connects(&policy, "127.0.1.1:8080"));
    assert!(!connects(&policy, "93.184.216.34:8080"), "a resolver that lies");
    assert!(!connects(&policy, "10.0.0.1:8080"));
}

#[test]
fn names_are_looked_up_only_if_they_are_granted() {
    let policy = policy(&["api.example.com:443", "0.0.0.0/0"]);
    assert!(policy.may_look_up("Api.Example.Com"));
    for name in ["example.com", "secret.api.example.com", "api.example.com.evil.org", "", ".", "127.1", "0x7f000001"] {
        assert!(!policy.may_look_up(name), "{name}");
    }
    for address in ["127.0.0.1", "::1"] {
        assert!(policy.may_look_up(address), "an address is not looked up: {address}");
        assert!(!connects(&policy, "127.0.0.1:443"), "and thereby not granted");
    }
    assert!(self::policy(&["*:443"]).may_look_up("example.com"));
}

#[test]
fn the_implicit_bind_of_a_client_is_allowed_and_nothing_beyond() {
    let policy = policy(&["127.0.0.1:8080"]);
    for (address, allowed) in [
        ("0.0.0.0:0", true),
        ("[::]:0", true),
        ("0.0.0.0:8080", false),
        ("127.0.0.1:0", false),
        ("127.0.0.1:8080", false),
    ] {
        assert_eq!(allowed, policy.may_bind(address.parse().expect("address")), "{address}");
    }
    assert!(!policy.may_listen("0.0.0.0:0".parse().expect("address")));
}

#[test]
fn listening_is_granted_by_itself() {
    let policy = listening(&["127.0.0.1:8080"]);
    let listens = |policy: &Policy, address: &str| policy.may_listen(address.parse().expect("address"));
    assert!(listens(&policy, "127.0.0.1:8080"));
    assert!(policy.may_bind("127.0.0.1:8080".parse().expect("address")));
    assert!(policy.may_accept());
    for address in ["127.0.0.1:8081", "127.0.0.1:0", "0.0.0.0:8080", "[::]:8080"] {
        assert!(!listens(&policy, address), "{address}");
    }
    assert!(!connects(&policy, "127.0.0.1:8080"), "and grants no connections");
    assert!(listens(&listening(&["127.0.0.1"]), "127.0.0.1:0"), "any port is also one that the system picks");
    assert!(!listens(&listening(&["0.0.0.0/0"]), "0.0.0.0:8080"));
    assert!(listens(&listening(&["0.0.0.0"]), "0.0.0.0:8080"));
}

#[test]
fn a_denial_names_the_flag_that_would_allow_it() {
    let refused = Refusals::default();
    let policy = Policy::new(Arc::default(), refused.clone());
    connects(&policy, "127.0.0.1:8080");
    connects(&policy, "[::ffff:127.0.0.1]:8080");
    connects(&policy, "[fd00::1]:443");
    policy.may_look_up("Example.com.");
    policy.may_bind("127.0.0.1:90".parse().expect("address"));
    policy.may_receive("8.8.8.8:53".parse().expect("address"));
    let expected = [
        "a connection to 127.0.0.1:8080 was denied; \"127.0.0.1:8080\" in NetworkAccess.connect would allow it",
        "a connection to [fd00::1]:443 was denied; \"[fd00::1]:443\" in NetworkAccess.connect would allow it",
        "the look-up of the name 'example.com' was denied; \"example.com\" in NetworkAccess.connect would allow it",
        "listening at 127.0.0.1:90 was denied; \"127.0.0.1:90\" in NetworkAccess.listen would allow it",
    ];
    assert_eq!(expected.map(str::to_owned).to_vec(), refused.list());
}

#[test]
fn a_request_goes_to_addresses_that_its_name_stands_for_and_that_are_granted() {
    let addresses = |all: &[&str]| all.iter().map(|a| a.parse().expect("an address with a port")).collect::<Vec<_>>();
    let policy = policy(&["api.example.com:443", "10.0.0.0/8:80"]);
    assert!(policy.may_request("api.example.com", 443));
    assert!(!policy.may_request("example.com", 443));
    let found = addresses(&["127.0.0.1:443", "93.184.216.34:443", "169.254.169.254:443", "[::ffff:127.0.0.1]:443"]);
    assert_eq!(found[1..2], policy.granted_of("api.example.com", &found), "the others are a resolver that lies");
    let other_port = addresses(&["93.184.216.34:80", "10.1.2.3:80"]);
    assert_eq!(other_port[1..], policy.granted_of("api.example.com", &other_port), "by its address");
    assert!(policy.granted_of("other.example.com", &found).is_empty());
    assert!(!connects(&policy, "93.184.216.34:443"), "and grants nothing to sockets");
}

#[test]
fn a_request_by_a_name_leaves_the_look_ups_of_sockets_alone() {
    let policy = policy(&["api.example.com:443"]);
    resolve(&policy, "api.example.com", &["93.184.216.34"]);
    assert!(policy.may_request("api.example.com", 443));
    assert!(connects(&policy, "93.184.216.34:443"));
}

#[test]
fn a_denied_request_names_the_flag_that_would_allow_it() {
    let refused = Refusals::default();
    let rules = ["api.example.com:443".to_owned()];
    let policy = Policy::new(Arc::new(Grants::parse(&rules, &[]).expect("rules")), refused.clone());
    policy.may_request("example.com", 80);
    policy.granted_of("api.example.com", &["93.184.216.34:80".parse().expect("address")]);
    policy.granted_of("api.example.com", &["127.0.0.1:443".parse().expect("address")]);
    let expected = [
        "a request to example.com:80 was denied; \"example.com:80\" in NetworkAccess.connect would allow it",
        "a request to api.example.com:80 was denied; \"api.example.com:80\" in NetworkAccess.connect would allow it",
        "a request to api.example.com:443, which stands for 127.0.0.1, was denied; \"127.0.0.1:443\" in \
         NetworkAccess.connect would allow it",
    ];
    assert_eq!(expected.map(str::to_owned).to_vec(), refused.list());
}
