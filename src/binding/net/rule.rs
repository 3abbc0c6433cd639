//! One rule, as people write it: `HOST[:PORTS]`.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use super::address::{AddressKind, kind, special};
use super::block::Block;

/// `HOST[:PORTS]`: a port, a range of ports `8000-8099`, or all of them. The host is one of
///
/// * an address, or a block of them: `10.1.2.3`, `10.0.0.0/8`, `[fd00::1]:443`, `[fd00::]/8`. A block grants special
///   addresses (private, loopback, link-local) only if it lies within their range: `0.0.0.0/0` is the public internet;
/// * a name: it grants the addresses that its latest look-up by this guest came to, public and private ones.
///   Not loopback, link-local or metadata addresses: where they are meant they are named;
/// * `localhost`: what it resolves to, and 127.0.0.1 and ::1 in any case;
/// * `*`: every name and every public address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    host: HostPattern,
    ports: RangeInclusive<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Any,
    Name(String),
    Block(Block),
}

/// Names are compared in lower case and without the dot that ends a full one.
pub fn normalize_name(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.to_ascii_lowercase()
}

impl Rule {
    /// The error is a sentence for whoever wrote the rule.
    pub fn parse(text: &str) -> Result<Self, String> {
        let error = |why: String| format!("'{text}' is not HOST[:PORT]: {why}");
        let (host, ports) = split(text).map_err(error)?;
        Ok(Rule { host: HostPattern::parse(&host).map_err(error)?, ports: parse_ports(ports).map_err(error)? })
    }

    /// A rule for listening, which happens at addresses only.
    pub fn parse_listen(text: &str) -> Result<Self, String> {
        match Rule::parse(text)? {
            Rule { host: HostPattern::Block(block), ports } => Ok(Rule { host: HostPattern::Block(block), ports }),
            _ => Err(format!("'{text}' cannot be listened at: it is not an address, such as 127.0.0.1:8080")),
        }
    }

    /// Returns whether the rule lets a name be looked up.
    pub fn names(&self, name: &str) -> bool {
        match &self.host {
            HostPattern::Any => true,
            HostPattern::Name(own) => own == name,
            HostPattern::Block(_) => false,
        }
    }

    pub fn has_port(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }

    /// Returns whether the rule grants a connection. `stands_for` tells whether a name's look-up came to the address.
    pub fn grants(&self, address: SocketAddr, stands_for: impl Fn(&str) -> bool) -> bool {
        let ip = address.ip();
        self.ports.contains(&address.port())
            && match &self.host {
                HostPattern::Any => kind(ip).is_none(),
                HostPattern::Block(block) => grants(block, ip),
                HostPattern::Name(name) if name == "localhost" => {
                    IpAddr::from([127, 0, 0, 1]) == ip
                        || IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]) == ip
                        || kind(ip) == Some(AddressKind::Loopback) && stands_for(name)
                }
                HostPattern::Name(name) => matches!(kind(ip), None | Some(AddressKind::Private)) && stands_for(name),
            }
    }

    /// Returns whether the rule grants listening at a local address. Port 0 lets the system pick: for rules with all
    /// ports.
    pub fn grants_listening(&self, address: SocketAddr) -> bool {
        let all = *self.ports.start() == 1 && *self.ports.end() == u16::MAX;
        (self.ports.contains(&address.port()) || address.port() == 0 && all)
            && matches!(&self.host, HostPattern::Block(block) if grants(block, address.ip()))
    }
}

/// Returns whether a rule with this block grants the address: it contains it; and where the address is a special one,
/// the block lies within that special range, so that whoever wrote it meant it. 0.0.0.0/0 is every public address;
/// 10.0.0.0/8 is a private network; a metadata service is only ever granted by its very address.
fn grants(block: &Block, address: IpAddr) -> bool {
    block.contains(address) && special(address).is_none_or(|(range, _)| block.lies_in(&range))
}

/// The host without brackets, and the ports.
fn split(text: &str) -> Result<(String, Option<&str>), String> {
    if text.contains("://") {
        return Err("it is a URL; leave out the scheme and the path".to_owned());
    }
    let ports = |rest: &'_ str| -> Result<(), String> {
        if rest.is_empty() || rest.starts_with(':') { Ok(()) } else { Err(format!("what is '{rest}'?")) }
    };
    if let Some(bracketed) = text.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or("the bracket is not closed")?;
        if !host.contains(':') {
            return Err("only IPv6 addresses stand in brackets".to_owned());
        }
        // The length of a block may stand within the brackets or behind them.
        let (length, rest) = match rest.find(':') {
            Some(colon) => rest.split_at(colon),
            None => (rest, ""),
        };
        if !length.is_empty() && !length.starts_with('/') {
            return Err(format!("what is '{length}'?"));
        }
        ports(rest)?;
        return Ok((format!("{host}{length}"), rest.strip_prefix(':')));
    }
    match text.matches(':').count() {
        0 => Ok((text.to_owned(), None)),
        1 => Ok(text.split_once(':').map(|(host, ports)| (host.to_owned(), Some(ports))).expect("one colon")),
        // An IPv6 address without brackets has no port.
        _ => Ok((text.to_owned(), None)),
    }
}

impl HostPattern {
    fn parse(host: &str) -> Result<Self, String> {
        if host == "*" {
            return Ok(HostPattern::Any);
        }
        if let Some((address, prefix)) = host.split_once('/') {
            let ip: IpAddr = address.parse().map_err(|_| format!("'{address}' is not an address"))?;
            let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
            let prefix: u8 = prefix
                .parse()
                .ok()
                .filter(|_| digits)
                .ok_or_else(|| format!("'{prefix}' is not the length of a prefix"))?;
            let (ip, prefix) = match ip.to_canonical() {
                canonical if canonical == ip => (ip, prefix),
                v4 if prefix >= 96 => (v4, prefix - 96),
                _ => return Err("write IPv4 addresses as such".to_owned()),
            };
            return Block::new(ip, prefix).map(HostPattern::Block).ok_or_else(|| {
                format!("{ip}/{prefix} is not a block: the prefix is too long or the address goes on beyond it")
            });
        }
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(HostPattern::Block(Block::single(ip.to_canonical())));
        }
        let name = normalize_name(host);
        if is_name(&name) { Ok(HostPattern::Name(name)) } else { Err(not_a_name(host)) }
    }
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    // A name whose last label is a number is an address of some kind to some resolver, such as 127.1 or 0x7f000001.
    let number = |label: &str| label.starts_with("0x") || label.bytes().all(|b| b.is_ascii_digit());
    name.len() <= 253 && name.split('.').all(label) && !name.rsplit('.').next().is_some_and(number)
}

fn not_a_name(host: &str) -> String {
    if host.is_empty() {
        "there is no host".to_owned()
    } else if host.starts_with("*.") {
        "a name is granted as a whole, or all of them by *".to_owned()
    } else if !host.is_ascii() {
        format!("write the name '{host}' as DNS has it, xn--...")
    } else {
        format!("'{host}' is neither an address nor a host name")
    }
}

fn parse_ports(ports: Option<&str>) -> Result<RangeInclusive<u16>, String> {
    let port = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>()
            .ok()
            .filter(|port| digits && *port > 0)
            .ok_or_else(|| format!("'{text}' is not a port, 1 to 65535"))
    };
    match ports {
        None => Ok(1..=u16::MAX),
        Some(ports) => match ports.split_once('-') {
            None => port(ports).map(|port| port..=port),
            Some((first, last)) => {
                let (first, last) = (port(first)?, port(last)?);
                if first <= last { Ok(first..=last) } else { Err(format!("{first} comes after {last}")) }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        for text in [
            "localhost",
            "localhost:8080",
            "api.example.com:443",
            "API.Example.COM.:443",
            "redis_1:6379",
            "a",
            "127.0.0.1:8080",
            "10.0.0.0/8",
            "10.0.0.0/8:8000-8099",
            "0.0.0.0/0:443",
            "::1",
            "[::1]",
            "[::1]:80",
            "fd00::/8",
            "[fd00::]/8:443",
            "[fd00::/8]:443",
            "*",
            "*:443",
            "1.example.com",
        ] {
            assert!(Rule::parse(text).is_ok(), "{text}: {:?}", Rule::parse(text));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "there is no host"),
            (":80", "there is no host"),
            ("http://example.com", "it is a URL"),
            ("example.com/path", "'example.com' is not an address"),
            ("example.com:", "'' is not a port"),
            ("example.com:0", "'0' is not a port"),
            ("example.com:65536", "'65536' is not a port"),
            ("example.com:+80", "'+80' is not a port"),
            ("example.com:http", "'http' is not a port"),
            ("example.com:90-80", "90 comes after 80"),
            ("example.com:80-", "'' is not a port"),
            ("exa mple.com", "neither an address nor a host name"),
            ("example..com", "neither an address nor a host name"),
            ("-example.com", "neither an address nor a host name"),
            ("*.example.com", "a name is granted as a whole"),
            ("bücher.example", "xn--"),
            ("127.1:80", "neither an address nor a host name"),
            ("0x7f000001", "neither an address nor a host name"),
            ("2130706433", "neither an address nor a host name"),
            ("256.1.1.1", "neither an address nor a host name"),
            ("10.0.0.1/8", "is not a block"),
            ("10.0.0.0/33", "is not a block"),
            ("10.0.0.0/", "'' is not the length of a prefix"),
            ("10.0.0.0/+8", "'+8' is not the length of a prefix"),
            ("[::1", "the bracket is not closed"),
            ("[::1]80", "what is '80'?"),
            ("[127.0.0.1]:80", "only IPv6 addresses"),
            ("fe80::1%eth0", "neither an address nor a host name"),
            ("::ffff:10.0.0.0/8", "write IPv4 addresses as such"),
        ] {
            let error = Rule::parse(text).expect_err(text);
            assert!(error.contains(reason) && error.starts_with(&format!("'{text}' is not HOST[:PORT]: ")), "{error}");
        }
    }

    #[test]
    fn ipv4_in_ipv6_is_ipv4() {
        assert_eq!(Rule::parse("127.0.0.1:80"), Rule::parse("[::ffff:127.0.0.1]:80"));
        assert_eq!(Rule::parse("10.0.0.0/8"), Rule::parse("::ffff:10.0.0.0/104"));
    }

    #[test]
    fn only_addresses_can_be_listened_at() {
        assert!(Rule::parse_listen("127.0.0.1:8080").is_ok());
        assert!(Rule::parse_listen("localhost:8080").is_err());
        assert!(Rule::parse_listen("*:8080").is_err());
    }
}
