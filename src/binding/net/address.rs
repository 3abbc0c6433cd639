//! Special addresses: private, loopback, link-local and the like. A rule must name them to grant them.

use std::net::IpAddr;

use super::block::Block;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// A network of somebody's own: what a name in it may stand for.
    Private,
    /// This machine.
    Loopback,
    /// The addresses at which a cloud hands out its machines' credentials.
    Metadata,
    /// Link-local, multicast, documentation, and what stands for another address: no name should lead there.
    Other,
}

/// The ranges that are not public, after IANA's registries of special-purpose addresses. Where they nest, the longer
/// prefix counts.
#[rustfmt::skip]
const SPECIAL: &[(&str, u8, AddressKind)] = &[
    ("0.0.0.0", 8, AddressKind::Other),
    ("10.0.0.0", 8, AddressKind::Private),
    ("100.64.0.0", 10, AddressKind::Private),
    ("127.0.0.0", 8, AddressKind::Loopback),
    ("169.254.0.0", 16, AddressKind::Other),
    ("172.16.0.0", 12, AddressKind::Private),
    ("192.0.0.0", 24, AddressKind::Other),
    ("192.0.2.0", 24, AddressKind::Other),
    ("192.88.99.0", 24, AddressKind::Other),
    ("192.168.0.0", 16, AddressKind::Private),
    ("198.18.0.0", 15, AddressKind::Other),
    ("198.51.100.0", 24, AddressKind::Other),
    ("203.0.113.0", 24, AddressKind::Other),
    ("224.0.0.0", 4, AddressKind::Other),
    ("240.0.0.0", 4, AddressKind::Other),
    ("169.254.169.254", 32, AddressKind::Metadata),  // most clouds
    ("169.254.170.2", 32, AddressKind::Metadata),    // AWS, containers
    ("169.254.170.23", 32, AddressKind::Metadata),   // AWS, Kubernetes
    ("168.63.129.16", 32, AddressKind::Metadata),    // Azure
    ("100.100.100.200", 32, AddressKind::Metadata),  // Alibaba
    ("192.0.0.192", 32, AddressKind::Metadata),      // Oracle
    // Of IPv6 only 2000::/3 is public.
    ("::", 3, AddressKind::Other),
    ("::1", 128, AddressKind::Loopback),
    ("2001::", 23, AddressKind::Other),
    ("2001:db8::", 32, AddressKind::Other),
    ("2002::", 16, AddressKind::Other),              // 6to4: an IPv4 address
    ("4000::", 2, AddressKind::Other),
    ("8000::", 1, AddressKind::Other),
    ("fc00::", 7, AddressKind::Private),
    ("fd00:ec2::254", 128, AddressKind::Metadata),   // AWS
    ("fd00:ec2::23", 128, AddressKind::Metadata),    // AWS, Kubernetes
    ("fd20:ce::254", 128, AddressKind::Metadata),    // Google
];

/// The special range that an address lies in, the narrowest; None for a public address.
pub fn special(address: IpAddr) -> Option<(Block, AddressKind)> {
    SPECIAL
        .iter()
        .map(|(start, prefix, kind)| {
            let range = start.parse().ok().and_then(|address| Block::new(address, *prefix));
            (range.expect("SPECIAL holds blocks"), *kind)
        })
        .filter(|(range, _)| range.contains(address))
        .max_by_key(|(range, _)| range.prefix())
}

/// None for a public address.
pub fn kind(address: IpAddr) -> Option<AddressKind> {
    special(address).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_ranges_are_well_formed() {
        for (start, prefix, _) in SPECIAL {
            let address = start.parse().expect("an address");
            assert!(Block::new(address, *prefix).is_some(), "{start}/{prefix}");
        }
    }

    #[test]
    fn what_is_public_is_told_from_what_is_not() {
        for address in
            ["8.8.8.8", "1.1.1.1", "172.32.0.1", "172.15.255.255", "2606:4700::1", "2a00::1", "168.63.129.17"]
        {
            assert_eq!(None, kind(address.parse().expect("address")), "{address}");
        }
        for (address, expected) in [
            ("127.0.0.1", AddressKind::Loopback),
            ("127.255.0.9", AddressKind::Loopback),
            ("::1", AddressKind::Loopback),
            ("10.1.2.3", AddressKind::Private),
            ("172.31.255.255", AddressKind::Private),
            ("192.168.1.1", AddressKind::Private),
            ("100.127.0.1", AddressKind::Private),
            ("fd12::1", AddressKind::Private),
            ("169.254.169.254", AddressKind::Metadata),
            ("168.63.129.16", AddressKind::Metadata),
            ("100.100.100.200", AddressKind::Metadata),
            ("fd00:ec2::254", AddressKind::Metadata),
            ("169.254.1.1", AddressKind::Other),
            ("0.0.0.0", AddressKind::Other),
            ("255.255.255.255", AddressKind::Other),
            ("224.0.0.1", AddressKind::Other),
            ("::", AddressKind::Other),
            ("::127.0.0.1", AddressKind::Other),
            ("64:ff9b::7f00:1", AddressKind::Other),
            ("2002:7f00:1::", AddressKind::Other),
            ("fe80::1", AddressKind::Other),
            ("ff02::1", AddressKind::Other),
        ] {
            assert_eq!(Some(expected), kind(address.parse().expect("address")), "{address}");
        }
    }
}
