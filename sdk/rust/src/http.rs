//! Requests to HTTP servers.

use std::fmt;
use std::time::Duration;

use crate::host;

/// A request to an HTTP server, plain or by TLS, which the operator grants (`--allow-net`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Its method, such as `GET`.
    pub method: &'a str,
    /// The address it goes to, with `http://` or `https://`.
    pub url: &'a str,
    /// Its headers in their order.
    pub headers: Vec<(&'a str, &'a [u8])>,
    /// Its body, if it has one.
    pub body: Option<&'a [u8]>,
    /// The time for the whole exchange, up to the last byte of the response. Without it the request ends with the
    /// deadline of the task.
    pub timeout: Option<Duration>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its status, such as 200.
    pub status: u16,
    /// Its headers in their order, with names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// The kind of failure of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpFailure {
    /// The server is not granted (`--allow-net`).
    Denied,
    /// The method, the URL or a header is invalid.
    Invalid,
    /// There is no such name.
    NoName,
    /// The connection was refused, or broke off.
    Connection,
    /// The TLS failed. If a certificate was rejected, the log says why.
    Tls,
    /// The connection or the whole exchange took too long.
    Timeout,
    /// The response needs more memory than the host may hold for the guest (`--max-host-memory`).
    TooLarge,
    /// The response is not HTTP.
    Malformed,
    /// There are too many open sockets.
    Limit,
}

/// The reason why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    /// Its kind.
    pub failure: HttpFailure,
    reason: String,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for HttpError {}

impl<'a> Request<'a> {
    /// Makes a request without headers and a body.
    pub fn new(method: &'a str, url: &'a str) -> Self {
        Request { method, url, headers: Vec::new(), body: None, timeout: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &'a str, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.headers.push((name, value.as_ref()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.body = Some(body.as_ref());
        self
    }

    /// Sends the request and waits for the response. It fails by a trap where there is no task.
    pub fn send(&self) -> Result<Response, HttpError> {
        host::http_send(&self.pack(), unpack).map_err(|(number, reason)| HttpError { failure: failure(number), reason })
    }

    fn pack(&self) -> Vec<u8> {
        let millis = self.timeout.map_or(-1, |timeout| i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX));
        let length = |length: usize| (length as i32).to_le_bytes();
        let mut packed = Vec::with_capacity(256 + self.body.map_or(0, <[u8]>::len));
        packed.extend(millis.to_le_bytes());
        packed.extend(length(self.method.len()));
        packed.extend(length(self.url.len()));
        packed.extend(self.body.map_or((-1_i32).to_le_bytes(), |body| length(body.len())));
        packed.extend(length(self.headers.len()));
        packed.extend(self.method.as_bytes());
        packed.extend(self.url.as_bytes());
        packed.extend(self.body.unwrap_or_default());
        for (name, value) in &self.headers {
            packed.extend(length(name.len()));
            packed.extend(length(value.len()));
            packed.extend(name.as_bytes());
            packed.extend(*value);
        }
        packed
    }
}

fn failure(number: i32) -> HttpFailure {
    match number {
        -1 => HttpFailure::Denied,
        -2 => HttpFailure::Invalid,
        -3 => HttpFailure::NoName,
        -4 => HttpFailure::Connection,
        -5 => HttpFailure::Tls,
        -6 => HttpFailure::Timeout,
        -7 => HttpFailure::TooLarge,
        -8 => HttpFailure::Malformed,
        _ => HttpFailure::Limit,
    }
}

fn unpack(packed: &[u8]) -> Response {
    let size = |at: usize| u32::from_le_bytes([packed[at], packed[at + 1], packed[at + 2], packed[at + 3]]) as usize;
    let (body, count) = (size(4), size(8));
    let mut at = 12 + body;
    let mut headers = Vec::with_capacity(count);
    for _ in 0..count {
        let (name, value) = (at + 8, at + 8 + size(at));
        let end = value + size(at + 4);
        headers.push((String::from_utf8_lossy(&packed[name..value]).into_owned(), packed[value..end].to_vec()));
        at = end;
    }
    Response { status: size(0) as u16, headers, body: packed[12..12 + body].to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_packed_as_the_protocol_says() {
        let mut request = Request::new("GET", "http://a").header("n", "v");
        let begin = [255, 255, 255, 255, 3, 0, 0, 0, 8, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0];
        let end = [1, 0, 0, 0, 1, 0, 0, 0, b'n', b'v'];
        assert_eq!([&begin[..], b"GEThttp://a", &end].concat(), request.pack());
        request = request.body("");
        request.timeout = Some(Duration::from_millis(258));
        assert_eq!([2, 1, 0, 0], request.pack()[..4]);
        assert_eq!([0, 0, 0, 0], request.pack()[12..16]);
    }

    #[test]
    fn a_response_is_read_as_the_protocol_says() {
        let packed = [&[200, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, b'h', b'i', 1, 0, 0, 0, 2, 0, 0, 0][..], b"nvv"].concat();
        let response = Response { status: 200, headers: vec![("n".to_owned(), b"vv".to_vec())], body: b"hi".to_vec() };
        assert_eq!(response, unpack(&packed));
    }
}
