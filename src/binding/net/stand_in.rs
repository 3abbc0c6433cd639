//! Servers that stand in for others while a guest is tested: `NAME=ADDRESS:PORT`. Whatever port the guest asks NAME
//! for, it gets that server, and HTTPS by `wasi:http` gets it without TLS.

use std::net::{IpAddr, SocketAddr};

use super::rule::normalize_name;

/// The block 192.0.2.0/24 is reserved for documentation, so its addresses are nobody else's.
const BLOCK: [u8; 3] = [192, 0, 2];
const MOST: usize = 254;

#[derive(Debug, Default)]
pub struct StandIns(Vec<(String, SocketAddr)>);

impl StandIns {
    /// Adds the stand-in that a rule names. The error is a sentence for whoever wrote it.
    pub fn add(&mut self, name: &str, server: &str) -> Result<(), String> {
        let server = server.parse().map_err(|_| format!("'{name}={server}' is not NAME=ADDRESS:PORT"))?;
        if self.0.len() == MOST {
            return Err(format!("there may be {MOST} rules NAME=ADDRESS:PORT"));
        }
        self.0.push((normalize_name(name), server));
        Ok(())
    }

    /// Returns the address that a look-up of the name comes to.
    pub fn address(&self, name: &str) -> Option<IpAddr> {
        let index = self.0.iter().position(|(own, _)| *own == normalize_name(name))?;
        let [a, b, c] = BLOCK;
        Some(IpAddr::from([a, b, c, u8::try_from(index + 1).ok()?]))
    }

    /// Returns the server that stands in for the name.
    pub fn server(&self, name: &str) -> Option<SocketAddr> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, server)| *server)
    }

    /// Returns where a connection to the address goes.
    pub fn redirect(&self, address: SocketAddr) -> SocketAddr {
        let IpAddr::V4(ip) = address.ip() else { return address };
        let [a, b, c, number] = ip.octets();
        let index = usize::from(number).checked_sub(1).filter(|_| [a, b, c] == BLOCK);
        index.and_then(|index| self.0.get(index)).map_or(address, |(_, server)| *server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_server_at_every_port() {
        let mut stand_ins = StandIns::default();
        stand_ins.add("a.example", "127.0.0.1:4000").expect("a rule");
        stand_ins.add("B.example.", "127.0.0.1:5000").expect("a rule");
        let address = |name| stand_ins.address(name).expect("it has a stand-in");
        for port in [80, 443] {
            assert_eq!(stand_ins.redirect((address("A.example."), port).into()), ([127, 0, 0, 1], 4000).into());
            assert_eq!(stand_ins.redirect((address("b.example"), port).into()), ([127, 0, 0, 1], 5000).into());
        }
        assert_eq!(stand_ins.server("b.example"), Some(([127, 0, 0, 1], 5000).into()));
        assert_eq!(stand_ins.address("c.example"), None);
        for other in ["192.0.2.0:80", "192.0.2.3:80", "127.0.0.1:80", "[::1]:80"] {
            let other = other.parse().expect("an address");
            assert_eq!(stand_ins.redirect(other), other);
        }
        assert!(stand_ins.add("c.example", "localhost:80").is_err());
    }
}
