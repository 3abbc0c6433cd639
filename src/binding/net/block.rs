//! Blocks of addresses, as CIDR writes them: `10.0.0.0/8`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses that share the first bits of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    address: IpAddr,
    prefix: u8,
}

impl Block {
    pub fn single(address: IpAddr) -> Self {
        Block { address, prefix: width(address) }
    }

    /// None where the prefix is longer than the address, or the address has bits beyond it.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        (prefix <= width(address) && masked(address, prefix) == address).then_some(Block { address, prefix })
    }

    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.prefix) == self.address
    }

    /// Returns whether all its addresses are in the other block.
    pub fn lies_in(&self, other: &Block) -> bool {
        self.prefix >= other.prefix && other.contains(self.address)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_its_prefix() {
        let block = Block::new("10.32.0.0".parse().expect("address"), 11).expect("a block");
        for (address, inside) in [
            ("10.32.0.0", true),
            ("10.63.255.255", true),
            ("10.64.0.0", false),
            ("10.31.255.255", false),
            ("::", false),
        ] {
            assert_eq!(inside, block.contains(address.parse().expect("address")), "{address}");
        }
        let all = Block::new("::".parse().expect("address"), 0).expect("a block");
        assert!(all.contains("ffff::1".parse().expect("address")));
        assert!(!all.contains("1.1.1.1".parse().expect("address")));
        assert_eq!(None, Block::new("10.0.0.1".parse().expect("address"), 8));
        assert_eq!(None, Block::new("10.0.0.0".parse().expect("address"), 33));
    }
}
