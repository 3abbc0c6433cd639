//! `sock_getaddrinfo`: names to addresses, written into a list that the guest made.

use std::io;
use std::net::IpAddr;

use super::Host;
use super::abi::{self, Fail, Result};

/// More results than this are not written.
const MAX_RESULTS: u32 = 64;

/// A flag of the hints: the address is one to listen at.
const PASSIVE: u16 = 1;

const TCP: u32 = 1;
const UDP: u32 = 2;

/// `(*node, nlen, *service, slen, *hints, **res, max, *n)`
pub fn look_up(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let node = text(memory, a[0], a[1])?;
    let service = text(memory, a[2], a[3])?;
    let hints = if a[4] == 0 { Hints::default() } else { Hints::read(memory, a[4])? };
    let port = port(&service)?;
    let addresses: Vec<_> = resolve(host, &node, &hints)?
        .into_iter()
        .filter(|ip| hints.family == 0 || hints.family == family(*ip))
        .collect();
    if addresses.is_empty() {
        return Err(Fail::Errno(abi::AINONAME));
    }
    let mut next = abi::read_u32(memory, a[5])?;
    let mut count = 0;
    for ip in addresses.into_iter().take(a[6].min(MAX_RESULTS) as usize) {
        if next == 0 {
            break;
        }
        write(memory, next, &hints, ip, port)?;
        next = abi::read_u32(memory, abi::field(next, 24)?)?;
        count += 1;
    }
    abi::write_u32(memory, a[7], count)
}

/// A text, which some guests end by a NUL and some do not.
fn text(memory: &[u8], at: u32, length: u32) -> Result<String> {
    if at == 0 {
        return Ok(String::new());
    }
    let bytes = &memory[abi::range(memory, at, length as usize)?];
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8(bytes[..end].to_vec()).map_err(|_| Fail::Errno(abi::AINONAME))
}

fn port(service: &str) -> Result<u16> {
    match service {
        "" => Ok(0),
        "http" => Ok(80),
        "https" => Ok(443),
        "redis" => Ok(6379),
        number => number.parse().map_err(|_| Fail::Errno(abi::AISERVICE)),
    }
}

#[derive(Default)]
struct Hints {
    flags: u16,
    family: u32,
    kind: u32,
}

impl Hints {
    fn read(memory: &[u8], at: u32) -> Result<Self> {
        let [flags_0, flags_1, family, kind] = abi::read(memory, at)?;
        Ok(Hints { flags: u16::from_le_bytes([flags_0, flags_1]), family: family.into(), kind: kind.into() })
    }
}

fn family(ip: IpAddr) -> u32 {
    if ip.is_ipv4() { abi::INET } else { abi::INET6 }
}

fn resolve(host: &Host, node: &str, hints: &Hints) -> Result<Vec<IpAddr>> {
    if node.is_empty() {
        let here = if hints.flags & PASSIVE != 0 { ["0.0.0.0", "::"] } else { ["127.0.0.1", "::1"] };
        return Ok(here.into_iter().filter_map(|ip| ip.parse().ok()).collect());
    }
    if let Ok(ip) = node.parse() {
        return Ok(vec![ip]);
    }
    let policy = &host.sockets.policy;
    if !policy.may_look_up(node) {
        return Err(Fail::Errno(abi::ACCES));
    }
    let found = policy.look_up(node).ok_or(Fail::Errno(abi::AIAGAIN))?;
    let found = host.deadline.limit(found)?.map_err(|_| Fail::Errno(abi::AIAGAIN))?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map_err(not_found)? {
        policy.looked_up(node, address);
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// The system says no more than this.
fn not_found(e: io::Error) -> Fail {
    Fail::Errno(if e.to_string().contains("Temporary failure") { abi::AIAGAIN } else { abi::AINONAME })
}

/// Fills an `addrinfo` of 28 bytes and the `sockaddr` of 12 that it points to, with the data of 26 at most that that
/// one points to: the port, big end first, and the address behind it.
fn write(memory: &mut [u8], at: u32, hints: &Hints, ip: IpAddr, port: u16) -> Result<()> {
    let kind = if hints.kind == 0 { abi::STREAM } else { hints.kind };
    let protocol = if kind == abi::DGRAM { UDP } else { TCP };
    abi::write(memory, abi::field(at, 0)?, [0, 0, family(ip) as u8, kind as u8])?;
    abi::write_u32(memory, abi::field(at, 4)?, protocol)?;
    abi::write_u32(memory, abi::field(at, 8)?, 16)?;
    let address = abi::read_u32(memory, abi::field(at, 12)?)?;
    let mut data = port.to_be_bytes().to_vec();
    match ip {
        IpAddr::V4(ip) => data.extend(ip.octets()),
        IpAddr::V6(ip) => data.extend(ip.octets()),
    }
    // Some guests read four bytes of the family, some one.
    abi::write_u32(memory, address, family(ip))?;
    abi::write_u32(memory, abi::field(address, 4)?, data.len() as u32)?;
    let place = abi::read_u32(memory, abi::field(address, 8)?)?;
    let range = abi::range(memory, place, data.len())?;
    memory[range].copy_from_slice(&data);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_may_end_by_a_nul() {
        let memory = b"\0name\0x\xff";
        assert_eq!("name", text(memory, 1, 4).expect("a text"));
        assert_eq!("name", text(memory, 1, 6).expect("a text"));
        assert_eq!("", text(memory, 0, 99).expect("none"));
        assert!(text(memory, 6, 2).is_err());
        assert!(text(memory, 6, 3).is_err());
    }

    #[test]
    fn services_are_numbers_or_well_known() {
        assert_eq!(8080, port("8080").expect("a number"));
        assert_eq!(80, port("http").expect("well known"));
        assert!(port("65536").is_err() && port("gopher").is_err());
    }

    #[test]
    fn results_lie_where_guests_look_for_them() {
        let mut memory = vec![0; 128];
        abi::write_u32(&mut memory, 8 + 12, 40).expect("within");
        abi::write_u32(&mut memory, 40 + 8, 64).expect("within");
        let ip = "127.0.0.1".parse().expect("an address");
        write(&mut memory, 8, &Hints::default(), ip, 8080).expect("within");
        assert_eq!([0, 0, 1, 2, 1, 0, 0, 0, 16, 0, 0, 0], memory[8..20]);
        assert_eq!([1, 0, 0, 0, 6, 0, 0, 0], memory[40..48]);
        assert_eq!([0x1f, 0x90, 127, 0, 0, 1], memory[64..70]);
        let ip = "fd00::1".parse().expect("an address");
        write(&mut memory, 8, &Hints { kind: abi::DGRAM, ..Hints::default() }, ip, 1).expect("within");
        assert_eq!([0, 0, 2, 1, 2], memory[8..13]);
        assert_eq!([2, 0, 0, 0, 18], memory[40..45]);
        assert_eq!([0, 1, 0xfd, 0], memory[64..68]);
        abi::write_u32(&mut memory, 40 + 8, 120).expect("within");
        assert!(write(&mut memory, 8, &Hints::default(), ip, 1).is_err());
    }
}
