//! The layout of things in a guest's memory, and the numbers that stand for them: WASI 0.1's own, and those of
//! WasmEdge's socket calls in both versions.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub type Result<T> = std::result::Result<T, Fail>;

/// Why a function did not do its work.
#[derive(Debug)]
pub enum Fail {
    /// The guest gets this error code.
    Errno(u16),
    /// The guest ends.
    Trap(wasmtime::Error),
}

impl From<wasmtime::Error> for Fail {
    fn from(e: wasmtime::Error) -> Self {
        Fail::Trap(e)
    }
}

impl From<wasmtime::Trap> for Fail {
    fn from(trap: wasmtime::Trap) -> Self {
        Fail::Trap(trap.into())
    }
}

pub const ACCES: u16 = 2;
pub const ADDRNOTAVAIL: u16 = 4;
pub const AFNOSUPPORT: u16 = 5;
pub const AGAIN: u16 = 6;
pub const BADF: u16 = 8;
pub const DQUOT: u16 = 19;
pub const FAULT: u16 = 21;
pub const FBIG: u16 = 22;
pub const INPROGRESS: u16 = 26;
pub const INVAL: u16 = 28;
pub const IO: u16 = 29;
pub const MFILE: u16 = 33;
pub const NFILE: u16 = 41;
pub const NOPROTOOPT: u16 = 50;
pub const NOTSUP: u16 = 58;
pub const PERM: u16 = 63;
pub const PIPE: u16 = 64;
pub const PROTOTYPE: u16 = 67;
pub const TIMEDOUT: u16 = 73;
/// Errors of name look-ups, beyond WASI's own.
pub const AIAGAIN: u16 = 78;
pub const AINONAME: u16 = 84;
pub const AISERVICE: u16 = 85;

/// Address families.
pub const INET: u32 = 1;
pub const INET6: u32 = 2;

/// Kinds of sockets.
pub const DGRAM: u32 = 1;
pub const STREAM: u32 = 2;

/// An address in the form of version 2: its family, and as many bytes as any may need.
const LONG_ADDRESS: usize = 128;

/// The number by which WASI knows an error of the system.
pub fn errno(e: &io::Error) -> Fail {
    use rustix::io::Errno as E;
    Fail::Errno(match e.raw_os_error().map(E::from_raw_os_error) {
        // Windows numbers the errors of sockets by themselves, and has none of the others.
        #[cfg(not(windows))]
        Some(E::PERM) => ACCES,
        #[cfg(not(windows))]
        Some(E::NFILE) => MFILE,
        #[cfg(not(windows))]
        Some(E::NOMEM) => 48,
        #[cfg(not(windows))]
        Some(E::PIPE) => PIPE,
        #[cfg(windows)]
        Some(E::SHUTDOWN) => PIPE,
        Some(E::ACCESS) => ACCES,
        Some(E::ADDRINUSE) => 3,
        Some(E::ADDRNOTAVAIL) => ADDRNOTAVAIL,
        Some(E::AFNOSUPPORT) => AFNOSUPPORT,
        Some(E::WOULDBLOCK) => AGAIN,
        Some(E::ALREADY) => 7,
        Some(E::BADF) => BADF,
        Some(E::CONNABORTED) => 13,
        Some(E::CONNREFUSED) => 14,
        Some(E::CONNRESET) => 15,
        Some(E::DESTADDRREQ) => 17,
        Some(E::HOSTUNREACH) => 23,
        Some(E::INPROGRESS) => INPROGRESS,
        Some(E::INVAL) => INVAL,
        Some(E::ISCONN) => 30,
        Some(E::MFILE) => MFILE,
        Some(E::MSGSIZE) => 35,
        Some(E::NETDOWN) => 38,
        Some(E::NETRESET) => 39,
        Some(E::NETUNREACH) => 40,
        Some(E::NOBUFS) => 42,
        Some(E::NOPROTOOPT) => NOPROTOOPT,
        Some(E::NOTCONN) => 53,
        Some(E::NOTSOCK) => 57,
        Some(E::OPNOTSUPP) => NOTSUP,
        Some(E::TIMEDOUT) => TIMEDOUT,
        _ if e.kind() == ErrorKind::TimedOut => TIMEDOUT,
        _ => IO,
    })
}

impl From<io::Error> for Fail {
    fn from(e: io::Error) -> Self {
        errno(&e)
    }
}

/// A range of the guest's memory. Pointers that lead out of it are the guest's fault, not ours.
pub fn range(memory: &[u8], at: u32, length: usize) -> Result<std::ops::Range<usize>> {
    let start = at as usize;
    match start.checked_add(length) {
        Some(end) if end <= memory.len() => Ok(start..end),
        _ => Err(Fail::Errno(FAULT)),
    }
}

fn aligned<const N: usize>(at: u32) -> Result<()> {
    if at.is_multiple_of(N as u32) { Ok(()) } else { Err(Fail::Errno(ADDRNOTAVAIL)) }
}

pub fn read<const N: usize>(memory: &[u8], at: u32) -> Result<[u8; N]> {
    aligned::<N>(at)?;
    let mut bytes = [0; N];
    bytes.copy_from_slice(&memory[range(memory, at, N)?]);
    Ok(bytes)
}

pub fn write<const N: usize>(memory: &mut [u8], at: u32, bytes: [u8; N]) -> Result<()> {
    aligned::<N>(at)?;
    let range = range(memory, at, N)?;
    memory[range].copy_from_slice(&bytes);
    Ok(())
}

pub fn read_u32(memory: &[u8], at: u32) -> Result<u32> {
    read(memory, at).map(u32::from_le_bytes)
}

pub fn write_u32(memory: &mut [u8], at: u32, value: u32) -> Result<()> {
    write(memory, at, value.to_le_bytes())
}

/// The address of a field.
pub fn field(at: u32, offset: u32) -> Result<u32> {
    at.checked_add(offset).ok_or(Fail::Errno(FAULT))
}

/// The ranges of an array of iovecs, and their length.
pub fn iovecs(memory: &[u8], (at, count): (u32, u32)) -> Result<(Vec<std::ops::Range<usize>>, usize)> {
    if count > 1024 {
        return Err(Fail::Errno(INVAL));
    }
    let mut ranges = Vec::with_capacity(count as usize);
    let mut length = 0;
    for i in 0..count {
        let iovec = field(at, 8 * i)?;
        let range = range(memory, read_u32(memory, iovec)?, read_u32(memory, field(iovec, 4)?)? as usize)?;
        length += range.len();
        ranges.push(range);
    }
    Ok((ranges, length))
}

/// `{u32 buf; u32 len}`: 4 bytes are an IPv4 address, 16 an IPv6 one, 128 either one after its family.
pub struct Address {
    bytes: std::ops::Range<usize>,
}

impl Address {
    pub fn at(memory: &[u8], at: u32) -> Result<Self> {
        let bytes = range(memory, read_u32(memory, at)?, read_u32(memory, field(at, 4)?)? as usize)?;
        Ok(Address { bytes })
    }

    pub fn read(&self, memory: &[u8]) -> Result<IpAddr> {
        let bytes = &memory[self.bytes.clone()];
        match bytes.len() {
            4 => Ok(v4(bytes)),
            16 => Ok(v6(bytes)),
            LONG_ADDRESS => match u32::from(u16::from_le_bytes([bytes[0], bytes[1]])) {
                INET => Ok(v4(&bytes[2..6])),
                INET6 => Ok(v6(&bytes[2..18])),
                _ => Err(Fail::Errno(AFNOSUPPORT)),
            },
            _ => Err(Fail::Errno(INVAL)),
        }
    }

    /// Writes an address in the form that there is room for.
    pub fn write(&self, memory: &mut [u8], ip: IpAddr) -> Result<()> {
        let bytes = &mut memory[self.bytes.clone()];
        let (bytes, family) = match bytes.len() {
            LONG_ADDRESS => {
                let (family, bytes) = bytes.split_at_mut(2);
                (bytes, Some(family))
            }
            _ => (bytes, None),
        };
        if let Some(family) = family {
            family.copy_from_slice(&(if ip.is_ipv4() { INET } else { INET6 } as u16).to_le_bytes());
        }
        match ip {
            IpAddr::V4(ip) if bytes.len() >= 4 => bytes[..4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) if bytes.len() >= 16 => bytes[..16].copy_from_slice(&ip.octets()),
            _ => return Err(Fail::Errno(INVAL)),
        }
        Ok(())
    }

    /// Returns whether it has the form of version 2.
    pub fn is_long(&self) -> bool {
        self.bytes.len() == LONG_ADDRESS
    }
}

fn v4(bytes: &[u8]) -> IpAddr {
    Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).into()
}

fn v6(bytes: &[u8]) -> IpAddr {
    let mut octets = [0; 16];
    octets.copy_from_slice(bytes);
    Ipv6Addr::from(octets).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails_with<T>(errno: u16, result: Result<T>) {
        match result {
            Err(Fail::Errno(actual)) => assert_eq!(errno, actual),
            Err(Fail::Trap(e)) => panic!("a trap: {e}"),
            Ok(_) => panic!("no error"),
        }
    }

    #[test]
    fn pointers_are_checked() {
        let mut memory = vec![0; 64];
        fails_with(FAULT, read_u32(&memory, 64));
        fails_with(FAULT, read_u32(&memory, u32::MAX - 3));
        fails_with(ADDRNOTAVAIL, read_u32(&memory, 2));
        fails_with(FAULT, write_u32(&mut memory, 64, 1));
        fails_with(FAULT, field(u32::MAX, 4));
        write_u32(&mut memory, 60, 7).expect("the last one fits");
        assert_eq!(7, read_u32(&memory, 60).expect("it was written"));
        fails_with(FAULT, range(&memory, 1, 64));
        assert_eq!(0..64, range(&memory, 0, 64).expect("all of it"));
    }

    #[test]
    fn iovecs_may_overlap_but_not_lead_out() {
        let mut memory = vec![0; 64];
        for (at, value) in [(0, 16), (4, 8), (8, 20), (12, 4)] {
            write_u32(&mut memory, at, value).expect("within");
        }
        assert_eq!((vec![16..24, 20..24], 12), iovecs(&memory, (0, 2)).expect("within"));
        assert_eq!((vec![], 0), iovecs(&memory, (0, 0)).expect("none"));
        write_u32(&mut memory, 12, 45).expect("within");
        fails_with(FAULT, iovecs(&memory, (0, 2)));
        fails_with(INVAL, iovecs(&memory, (0, 1025)));
    }

    #[test]
    fn addresses_have_three_forms() {
        let mut memory = vec![0; 256];
        let place = |memory: &mut Vec<u8>, length| {
            write_u32(memory, 0, 16).expect("within");
            write_u32(memory, 4, length).expect("within");
            Address::at(memory, 0).expect("within")
        };
        let (one, two): (IpAddr, IpAddr) = ("127.0.0.1".parse().expect("v4"), "fd00::1".parse().expect("v6"));
        for (length, ip) in [(4, one), (16, two), (128, one), (128, two)] {
            let address = place(&mut memory, length);
            address.write(&mut memory, ip).expect("it fits");
            assert_eq!(ip, address.read(&memory).expect("it was written"));
            assert_eq!(length == 128, address.is_long());
        }
        // Version 1 gives an IPv4 address in a buffer that is large enough for both.
        place(&mut memory, 16).write(&mut memory, one).expect("it fits");
        assert_eq!([127, 0, 0, 1], memory[16..20]);
        fails_with(INVAL, place(&mut memory, 4).write(&mut memory, two));
        fails_with(INVAL, place(&mut memory, 5).read(&memory));
        memory[16..18].copy_from_slice(&[3, 0]);
        fails_with(AFNOSUPPORT, place(&mut memory, 128).read(&memory));
        write_u32(&mut memory, 0, 200).expect("within");
        fails_with(FAULT, Address::at(&memory, 0));
    }

    #[test]
    fn errors_of_the_system_have_their_numbers() {
        use rustix::io::Errno;
        for (error, expected) in [
            (Errno::CONNREFUSED, 14),
            (Errno::CONNRESET, 15),
            (Errno::TIMEDOUT, 73),
            (Errno::WOULDBLOCK, 6),
            (Errno::DQUOT, 29),
        ] {
            fails_with(expected, Err::<(), _>(errno(&error.into())));
        }
    }
}
