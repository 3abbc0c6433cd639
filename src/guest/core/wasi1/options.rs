//! The options of sockets. Only such as concern the guest's own connections.

use std::time::Duration;

use super::abi::{self, Fail, Result};
use super::sockets::Socket;
use super::{Host, abi::errno};

const REUSEADDR: u32 = 0;
const TYPE: u32 = 1;
const ERROR: u32 = 2;
const BROADCAST: u32 = 4;
const SNDBUF: u32 = 5;
const RCVBUF: u32 = 6;
const KEEPALIVE: u32 = 7;
const LINGER: u32 = 9;
const RCVTIMEO: u32 = 11;
const SNDTIMEO: u32 = 12;
const ACCEPTCONN: u32 = 13;
const NODELAY: u32 = 15;

/// Most bytes of a buffer in the kernel.
const MAX_BUFFER: usize = 4 * 1024 * 1024;

/// A `timeval` of wasi-libc.
const TIMEVAL: usize = 16;

/// `(fd, level, name, *value, length)`. Some guests pass a pointer to the length.
pub fn set(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let length = if a[4] <= 128 { a[4] } else { abi::read_u32(memory, a[4])? };
    let value = memory[abi::range(memory, a[3], length as usize)?].to_vec();
    let socket = host.sockets.get_mut(a[0])?;
    let int = value.get(..4).map(|int| i32::from_le_bytes([int[0], int[1], int[2], int[3]]));
    let int = || int.ok_or(Fail::Errno(abi::INVAL));
    let size = || Ok::<_, Fail>(usize::try_from(int()?).unwrap_or(0).min(MAX_BUFFER));
    let system = &socket.system;
    match a[2] {
        REUSEADDR => system.set_reuse_address(int()? != 0)?,
        BROADCAST => system.set_broadcast(int()? != 0)?,
        SNDBUF => system.set_send_buffer_size(size()?)?,
        RCVBUF => system.set_recv_buffer_size(size()?)?,
        KEEPALIVE => system.set_keepalive(int()? != 0)?,
        NODELAY => system.set_tcp_nodelay(int()? != 0)?,
        LINGER => {
            let seconds = value.get(4..8).ok_or(Fail::Errno(abi::INVAL))?;
            let seconds = u16::try_from(u32::from_le_bytes([seconds[0], seconds[1], seconds[2], seconds[3]]));
            // The system would wait in close for longer ones, and nothing ends that.
            let linger = (int()? != 0).then(|| Duration::from_secs(u64::from(seconds.unwrap_or(0)).min(1)));
            system.set_linger(linger)?;
        }
        RCVTIMEO => socket.receive_limit = read_time(&value)?,
        SNDTIMEO => socket.send_limit = read_time(&value)?,
        _ => return Err(Fail::Errno(abi::NOPROTOOPT)),
    }
    Ok(())
}

/// `(fd, level, name, *value, length)`, where the length is a pointer to it or, for some guests, itself.
pub fn get(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let (length, place) = if a[4] <= 16 { (a[4], None) } else { (abi::read_u32(memory, a[4])?, Some(a[4])) };
    let socket = host.sockets.get(a[0])?;
    let value = value(socket, a[2])?;
    if (length as usize) < value.len() {
        return Err(Fail::Errno(abi::INVAL));
    }
    let range = abi::range(memory, a[3], value.len())?;
    memory[range].copy_from_slice(&value);
    place.map_or(Ok(()), |place| abi::write_u32(memory, place, value.len() as u32))
}

fn value(socket: &Socket, option: u32) -> Result<Vec<u8>> {
    let system = &socket.system;
    let int: usize = match option {
        REUSEADDR => system.reuse_address()?.into(),
        TYPE if socket.stream => abi::STREAM as usize,
        TYPE => abi::DGRAM as usize,
        ERROR => match system.take_error()?.map(|e| errno(&e)) {
            Some(Fail::Errno(errno)) => errno.into(),
            _ => 0,
        },
        BROADCAST => system.broadcast()?.into(),
        SNDBUF => system.send_buffer_size()?,
        RCVBUF => system.recv_buffer_size()?,
        KEEPALIVE => system.keepalive()?.into(),
        NODELAY => system.tcp_nodelay()?.into(),
        ACCEPTCONN => socket.listening.into(),
        RCVTIMEO => return Ok(time(socket.receive_limit)),
        SNDTIMEO => return Ok(time(socket.send_limit)),
        LINGER => {
            let linger = system.linger()?;
            let seconds = linger.map_or(0, |linger| linger.as_secs() as u32);
            return Ok([u32::from(linger.is_some()).to_le_bytes(), seconds.to_le_bytes()].concat());
        }
        _ => return Err(Fail::Errno(abi::NOPROTOOPT)),
    };
    Ok((int as u32).to_le_bytes().to_vec())
}

/// None for no limit.
fn read_time(value: &[u8]) -> Result<Option<Duration>> {
    let words: Vec<_> =
        value.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default())).collect();
    let [seconds, micros] = words.as_slice() else { return Err(Fail::Errno(abi::INVAL)) };
    if *micros >= 1_000_000 || i64::try_from(*seconds).is_err() {
        return Err(Fail::Errno(abi::INVAL));
    }
    let time = Duration::from_secs(*seconds) + Duration::from_micros(*micros);
    Ok((!time.is_zero()).then_some(time))
}

fn time(time: Option<Duration>) -> Vec<u8> {
    let time = time.unwrap_or_default();
    let mut value = Vec::with_capacity(TIMEVAL);
    value.extend(time.as_secs().to_le_bytes());
    value.extend(u64::from(time.subsec_micros()).to_le_bytes());
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_wasi_libc() {
        for limit in [None, Some(Duration::from_millis(1500)), Some(Duration::from_micros(1))] {
            assert_eq!(limit, read_time(&time(limit)).expect("it was written so"));
        }
        assert!(read_time(&[0; 8]).is_err());
        assert!(read_time(&[0xff; 16]).is_err());
    }
}
