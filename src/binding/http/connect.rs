//! The way to a server: its name looked up, its addresses checked, a connection, and TLS on it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::ServerName;
use wasmtime_wasi_http::{Error, Result};

use super::Trust;
use crate::binding::net::{Policy, normalize_name};

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The door between a guest and the servers.
pub struct Door {
    pub policy: Arc<Policy>,
    pub trust: Arc<Trust>,
}

/// The server that a request goes to.
pub struct Target {
    /// The host in the form of a policy's rules; an IPv6 address without brackets.
    host: String,
    port: u16,
    tls: bool,
}

impl Target {
    pub fn of(uri: &Uri) -> Result<Self> {
        let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
        let tls = uri.scheme_str() == Some("https");
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => {
                if tls {
                    443
                } else {
                    80
                }
            }
            Some(_) => authority.port_u16().ok_or(Error::HttpRequestUriInvalid)?,
            // A user's name before the host: it would end up in the header Host.
            None => return Err(Error::HttpRequestUriInvalid),
        };
        let host = authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Ok(Target { host: normalize_name(host), port, tls })
    }
}

impl Door {
    /// Makes a connection to a server that the guest may reach, all of it within the limit.
    pub async fn connect(&self, target: &Target, limit: Duration) -> Result<Box<dyn Stream>> {
        let end = Instant::now() + limit;
        let addresses = timeout_at(end, self.addresses(target)).await.map_err(|_| Error::DnsTimeout)??;
        let stream = connect_to_any(&addresses, end).await?;
        // A request's pieces are not to wait for each other.
        stream.set_nodelay(true).map_err(connect_error)?;
        if !target.tls || self.policy.stand_in(&target.host).is_some() {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| Error::HttpRequestUriInvalid)?;
        let connector = TlsConnector::from(self.trust.settings());
        let handshake = timeout_at(end, connector.connect(name, stream)).await;
        let stream = handshake.map_err(|_| Error::ConnectionTimeout)?.map_err(|e| self.tls_error(&e, target))?;
        Ok(Box::new(stream))
    }

    /// The addresses of the host that the guest may reach; there is at least one.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>> {
        let Target { host, port, .. } = target;
        if let Some(server) = self.policy.stand_in(host) {
            return Ok(vec![server]);
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            let address = SocketAddr::new(address, *port);
            return if self.policy.may_connect(address) { Ok(vec![address]) } else { Err(Error::HttpRequestDenied) };
        }
        if !self.policy.may_request(host, *port) {
            return Err(Error::HttpRequestDenied);
        }
        let found = self.policy.look_up(host).ok_or_else(no_address)?.await.map_err(|_| no_address())?;
        let found = found.map_err(|_| no_address())?;
        let found: Vec<_> = found.into_iter().map(|address| SocketAddr::new(address, *port)).collect();
        if found.is_empty() {
            return Err(no_address());
        }
        let granted = self.policy.granted_of(host, &found);
        if granted.is_empty() { Err(Error::HttpRequestDenied) } else { Ok(granted) }
    }

    fn tls_error(&self, error: &io::Error, target: &Target) -> Error {
        match error.get_ref().and_then(|error| error.downcast_ref()) {
            Some(rustls::Error::InvalidCertificate(reason)) => {
                self.policy.untrusted(&target.host, target.port, &reason.to_string());
                Error::TlsCertificateError
            }
            Some(rustls::Error::AlertReceived(alert)) => {
                Error::TlsAlertReceived { alert_id: Some(u8::from(*alert)), alert_message: Some(format!("{alert:?}")) }
            }
            Some(_) => Error::TlsProtocolError,
            None => Error::ConnectionTerminated,
        }
    }
}

fn no_address() -> Error {
    Error::DnsError { rcode: Some("address not available".to_owned()), info_code: None }
}

/// Tries one address after the other. One that does not answer leaves the next ones their share of the time.
async fn connect_to_any(addresses: &[SocketAddr], end: Instant) -> Result<TcpStream> {
    let mut error = Error::ConnectionTimeout;
    for (i, address) in addresses.iter().enumerate() {
        let now = Instant::now();
        let left = u32::try_from(addresses.len() - i).unwrap_or(u32::MAX);
        match timeout_at(now + end.duration_since(now) / left, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(e)) => error = connect_error(e),
            Err(_) => error = Error::ConnectionTimeout,
        }
    }
    Err(error)
}

fn connect_error(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        io::ErrorKind::TimedOut => Error::ConnectionTimeout,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Error::DestinationIpUnroutable,
        _ => Error::Connect(error),
    }
}
