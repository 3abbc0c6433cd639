//! The network that a guest may reach: one policy for every door (WASI 0.2 sockets, the socket calls of core
//! modules), which denies by default.
//!
//! Addresses are checked when they are used, not only names: a name is a way to an address, and what it stands for can
//! change under the guest's feet (DNS rebinding). See [`Rule`] for what a rule grants. A denied use is an error that
//! the guest can handle, and a line in the log that names the flag that would allow it.

mod address;
mod block;
mod lookup;
mod rule;
mod stand_in;

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot::{Receiver, channel};

use crate::binding::descriptors;
use crate::binding::log::RefusalSink;
use lookup::{Counter, MAX_LOOK_UPS, Permit};
pub use rule::{Rule, normalize_name};
use stand_in::StandIns;

/// More addresses of one name than this are not remembered, and not granted.
const MAX_ADDRESSES: usize = 64;

/// The longest name that there is in DNS.
const MAX_NAME: usize = 253;

/// More names than this are not remembered. Their addresses are granted until then.
const MAX_NAMES: usize = 1_000;

/// The sockets that one guest may have at a time.
pub const MAX_SOCKETS: usize = 128;

/// Time that a call of a core module waits for the other side, where the guest sets none.
pub const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// Time that a connection may take to come about at any door, where the guest sets no less; see [`connect_limit`].
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// [`CONNECT_LIMIT`], or half of the time that there is for the task if that is shorter, so that the guest gets to see
/// the error.
pub fn connect_limit(time: Duration) -> Duration {
    CONNECT_LIMIT.min(time / 2)
}

/// The grants of the guests of one module. The default grants nothing.
#[derive(Debug, Default)]
pub struct Grants {
    connect: Vec<Rule>,
    listen: Vec<Rule>,
    stand_ins: StandIns,
    /// Look-ups of all guests of the module.
    look_ups: Counter,
}

impl Grants {
    /// The error is a sentence about the first rule that cannot be understood.
    pub fn parse(connect: &[String], listen: &[String]) -> Result<Self, String> {
        let mut stand_ins = StandIns::default();
        let connect = connect.iter().map(|rule| match rule.split_once('=') {
            Some((name, server)) => stand_ins.add(name, server).and_then(|()| Rule::parse(server)),
            None => Rule::parse(rule),
        });
        let connect = connect.collect::<Result<_, _>>()?;
        let listen = listen.iter().map(|rule| Rule::parse_listen(rule)).collect::<Result<_, _>>()?;
        Ok(Grants { connect, listen, stand_ins, look_ups: Counter::default() })
    }
}

/// The policy as one guest meets it: the grants, and which addresses its look-ups came to.
pub struct Policy {
    grants: Arc<Grants>,
    /// By name, the addresses of its latest look-up.
    resolved: Mutex<HashMap<String, HashSet<IpAddr>>>,
    look_ups: Counter,
    refusals: Box<dyn RefusalSink>,
}

impl Policy {
    pub fn new(grants: Arc<Grants>, refusals: impl RefusalSink + 'static) -> Self {
        let refusals = Box::new(refusals);
        Policy { grants, resolved: Mutex::default(), look_ups: Counter::default(), refusals }
    }

    /// Decides whether the guest may learn the addresses of a name. Other names are not even asked for: a look-up can
    /// carry data out. If so, it begins a look-up: what the name stood for before is forgotten.
    pub fn may_look_up(&self, name: &str) -> bool {
        if name.len() > MAX_NAME {
            self.deny(format!("the look-up of a name of {} bytes", name.len()), "no rule".to_owned());
            return false;
        }
        let name = normalize_name(name);
        // An address stands for itself; nobody is asked.
        if name.parse::<IpAddr>().is_ok() {
            return true;
        }
        let granted =
            self.grants.stand_ins.address(&name).is_some() || self.grants.connect.iter().any(|rule| rule.names(&name));
        if granted {
            let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
            // A guest that may look up every name could have the host remember them without end.
            if resolved.len() >= MAX_NAMES && !resolved.contains_key(&name) {
                resolved.clear();
            }
            resolved.insert(name, HashSet::new());
        } else {
            let name = name.escape_debug();
            self.deny(format!("the look-up of the name '{name}'"), format!("\"{name}\" in NetworkAccess.connect"));
        }
        granted
    }

    /// Begins to look a name up. None where the guest has too many look-ups under way, or the system no thread or
    /// descriptor for it.
    pub fn look_up(&self, name: &str) -> Option<Receiver<std::io::Result<Vec<IpAddr>>>> {
        if let Some(address) = self.grants.stand_ins.address(name) {
            let (sender, receiver) = channel();
            // The receiver is here, so it arrives.
            let _ = sender.send(Ok(vec![address]));
            return Some(receiver);
        }
        if !self.may_take_descriptor() {
            return None;
        }
        let permit = Permit::of(&self.look_ups, &self.grants.look_ups);
        if permit.is_none() {
            let line = format!("a guest may have {MAX_LOOK_UPS} look-ups of names under way, and has them");
            self.refusals.refused(line);
        }
        permit?.look_up(name).ok()
    }

    /// Remembers an address that the look-up of a name came to.
    pub fn looked_up(&self, name: &str, address: IpAddr) {
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(addresses) = resolved.get_mut(&normalize_name(name))
            && addresses.len() < MAX_ADDRESSES
        {
            addresses.insert(address.to_canonical());
        }
    }

    /// Returns the server that stands in for a name in a test.
    pub fn stand_in(&self, name: &str) -> Option<SocketAddr> {
        self.grants.stand_ins.server(name)
    }

    /// Returns where a connection to an address goes: there, or to the server that stands in for it.
    pub fn redirect(&self, address: SocketAddr) -> SocketAddr {
        self.grants.stand_ins.redirect(address)
    }

    /// Decides whether the guest may connect to an address, or send to it.
    pub fn may_connect(&self, address: SocketAddr) -> bool {
        let address = canonical(address);
        let granted = self.grants_connecting(address);
        if !granted {
            self.deny(format!("a connection to {address}"), format!("\"{address}\" in NetworkAccess.connect"));
        }
        granted
    }

    /// Decides whether the guest may send requests to a name, and have it looked up for that.
    pub fn may_request(&self, name: &str, port: u16) -> bool {
        let granted = self.grants.connect.iter().any(|rule| rule.names(name));
        if !granted {
            let name = name.escape_debug();
            self.deny(format!("a request to {name}:{port}"), format!("\"{name}:{port}\" in NetworkAccess.connect"));
        }
        granted
    }

    /// Selects the addresses that the guest may send requests to, out of those that a look-up of the name came to just
    /// now.
    pub fn granted_of(&self, name: &str, addresses: &[SocketAddr]) -> Vec<SocketAddr> {
        let rules = &self.grants.connect;
        let granted = |address: SocketAddr| rules.iter().any(|rule| rule.grants(address, |own| own == name));
        let granted: Vec<_> = addresses.iter().copied().filter(|&address| granted(canonical(address))).collect();
        if granted.is_empty()
            && let Some(first) = addresses.first().copied().map(canonical)
        {
            let port = first.port();
            if rules.iter().any(|rule| rule.names(name) && rule.has_port(port)) {
                let what = format!("a request to {name}:{port}, which stands for {},", first.ip());
                self.deny(what, format!("\"{first}\" in NetworkAccess.connect"));
            } else {
                self.deny(format!("a request to {name}:{port}"), format!("\"{name}:{port}\" in NetworkAccess.connect"));
            }
        }
        granted
    }

    /// Tells that a server did not show a certificate that it is who it should be.
    pub fn untrusted(&self, name: &str, port: u16, reason: &str) {
        let line =
            format!("the certificate of {name}:{port} was not accepted: {reason}; NetworkAccess.caFile would add");
        self.refusals.refused(line + " an authority");
    }

    /// Decides whether the guest may take what this address sent without having been asked to.
    pub fn may_receive(&self, address: SocketAddr) -> bool {
        // Not told: anybody can send anything, and the log would be theirs to fill.
        self.grants_connecting(canonical(address))
    }

    fn grants_connecting(&self, address: SocketAddr) -> bool {
        let resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        let stands_for = |name: &str| resolved.get(name).is_some_and(|addresses| addresses.contains(&address.ip()));
        self.grants.connect.iter().any(|rule| rule.grants(address, stands_for))
    }

    /// Decides whether the guest may bind a socket to a local address. Any, with a port that the system picks, is what
    /// a socket gets that merely connects.
    pub fn may_bind(&self, address: SocketAddr) -> bool {
        let address = canonical(address);
        address.ip().is_unspecified() && address.port() == 0 || self.may_listen(address)
    }

    /// Decides whether the guest may wait for connections at a local address.
    pub fn may_listen(&self, address: SocketAddr) -> bool {
        let address = canonical(address);
        let granted = self.grants.listen.iter().any(|rule| rule.grants_listening(address));
        if !granted {
            self.deny(format!("listening at {address}"), format!("\"{address}\" in NetworkAccess.listen"));
        }
        granted
    }

    /// Decides whether the guest may accept connections at all; from whom is not for this policy to say.
    pub fn may_accept(&self) -> bool {
        !self.grants.listen.is_empty()
    }

    /// Decides whether the process has a descriptor for one more socket of a guest, or for a look-up.
    pub fn may_take_descriptor(&self) -> bool {
        descriptors::may_take(&*self.refusals)
    }

    /// Tells that a guest wanted more than [`MAX_SOCKETS`].
    pub fn too_many_sockets(&self) {
        self.refusals.refused(format!("a guest may have {MAX_SOCKETS} sockets at a time, and has them"));
    }

    /// Tells that a guest cannot listen by WASI 0.3.
    #[cfg(feature = "component-async")]
    pub fn no_listening(&self) {
        let line = "listening by wasi:sockets 0.3 was denied, as nothing would limit the connections; use 0.2";
        self.refusals.refused(line.to_owned());
    }

    fn deny(&self, what: String, flag: String) {
        self.refusals.refused(format!("{what} was denied; {flag} would allow it"));
    }
}

/// An IPv4 address in IPv6's clothes is that IPv4 address.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests;
