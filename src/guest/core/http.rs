//! The functions of protocol 1 for HTTP. docs/protocol-1.md is their description for guests. The guest's thread waits
//! for the whole response, at most until the task's deadline.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use tokio::time::timeout;
use wasmtime::{Caller, Linker, Result};
use wasmtime_wasi_http::{Error, WasiBody};

use super::instance::State;
use super::protocol1::{MODULE, memory, misuse, part};
use crate::binding::http::{self, Broken, CONNECTION_BUFFER, Door, MAX_FIELD_BYTES, Timeouts, Trust};
use crate::binding::net::{Policy, connect_limit};
use crate::guest::notes::{self, Notes};
use crate::guest::outputs::Outputs;
use crate::guest::record::Reader;

/// The bytes of a response before its body.
const FIXED: usize = 12;

/// The HTTP side of one instance.
pub struct Http {
    door: Arc<Door>,
    /// The bytes that `http_send` left for `http_read`: a response that did not fit the buffer, or why there is none.
    /// They are charged to the guest.
    left: Option<Vec<u8>>,
}

impl Http {
    pub fn new(policy: Arc<Policy>, trust: Arc<Trust>) -> Self {
        Http { door: Arc::new(Door { policy, trust }), left: None }
    }

    /// Forgets what nobody has read, when a task has ended or another request begins.
    #[inline]
    pub fn clear(&mut self, outputs: &mut Outputs) {
        if let Some(left) = self.left.take() {
            outputs.give_back(left.len());
        }
    }
}

pub fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(MODULE, "http_send", send)?;
    linker.func_wrap(MODULE, "http_read", read)?;
    Ok(())
}

/// The reason why there is no response.
enum Failure {
    Http(Error),
    /// The request is invalid.
    Invalid(String),
    /// The response has more bytes than the host may hold for the guest.
    TooLarge,
    /// The guest's own time is over.
    TimedOut,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Http(error)
    }
}

/// `http_send(request, length, buffer, capacity) -> size of the response, or the number of a failure below zero`:
/// copies the response if it fits.
fn send(mut caller: Caller<'_, State>, request: u32, length: u32, buffer: u32, capacity: u32) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    state.host.deadline.check()?;
    part(memory, "http_send's buffer", buffer, capacity)?;
    let packed = part(memory, "http_send's request", request, length)?;
    if !state.tasks.has_any() {
        return Err(misuse("http_send was called while there was no task"));
    }
    let Some(asked) = Asked::read(packed) else {
        return Err(misuse(format!("http_send got {length} bytes that are no packed request; see docs/protocol-1.md")));
    };
    let outputs = &mut state.tasks.outputs;
    state.http.clear(outputs);
    let mut charged = Charged { outputs, notes: &state.notes, bytes: 0 };
    let left = state.host.deadline.left();
    let answer = match (asked.request(), state.host.may_open_socket()) {
        (Err(why), _) => Err(Failure::Invalid(why)),
        (_, false) => Err(Error::ConnectionLimitReached.into()),
        (Ok(request), true) => {
            let limit = asked.limit.unwrap_or(Duration::MAX);
            let connect = connect_limit(left).min(limit);
            // Only the task's deadline, or the guest's own limit, which are for the whole of it.
            let timeouts = Timeouts { connect, first_byte: Duration::MAX, between_bytes: Duration::MAX };
            let exchange = exchange(state.http.door.clone(), request, timeouts, &mut charged);
            let exchange = async { timeout(limit, exchange).await.unwrap_or(Err(Failure::TimedOut)) };
            state.host.deadline.limit(exchange)?
        }
    };
    state.host.deadline.check()?;
    let held = charged.bytes;
    let outputs = &mut state.tasks.outputs;
    match answer {
        Ok(response) => {
            let size = response.len();
            let buffer = part(memory, "http_send's buffer", buffer, capacity)?;
            if let Some(buffer) = buffer.get_mut(..size) {
                buffer.copy_from_slice(&response);
                outputs.give_back(held);
            } else {
                // No more than was charged.
                outputs.give_back(held - size);
                state.http.left = Some(response);
            }
            Ok(size as i32)
        }
        Err(failure) => {
            outputs.give_back(held);
            let reason = failure.reason().into_bytes();
            if outputs.hold(reason.len(), &state.notes) {
                state.http.left = Some(reason);
            }
            Ok(failure.number())
        }
    }
}

/// `http_read(buffer, capacity) -> size of what http_send left, or -1`: copies it and forgets it, if it fits.
fn read(mut caller: Caller<'_, State>, buffer: u32, capacity: u32) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let buffer = part(memory, "http_read's buffer", buffer, capacity)?;
    let Some(left) = &state.http.left else { return Ok(-1) };
    let size = left.len();
    if let Some(buffer) = buffer.get_mut(..size) {
        buffer.copy_from_slice(left);
        state.http.clear(&mut state.tasks.outputs);
    }
    Ok(size as i32)
}

/// Memory of the host that one exchange holds for the guest.
struct Charged<'a> {
    outputs: &'a mut Outputs,
    notes: &'a Notes,
    bytes: usize,
}

impl Charged<'_> {
    fn add(&mut self, bytes: usize) -> std::result::Result<(), Failure> {
        if !self.outputs.hold(bytes, self.notes) {
            return Err(Failure::TooLarge);
        }
        self.bytes += bytes;
        Ok(())
    }
}

/// Sends a request and packs the response.
async fn exchange(
    door: Arc<Door>,
    request: Request<WasiBody>,
    timeouts: Timeouts,
    charged: &mut Charged<'_>,
) -> std::result::Result<Vec<u8>, Failure> {
    charged.add(CONNECTION_BUFFER)?;
    // The connection is closed when it is dropped.
    let (response, _connection) = http::send(door, (), request, timeouts).await?;
    let (head, mut body) = response.into_parts();
    let mut packed = vec![0; FIXED];
    while let Some(frame) = body.frame().await {
        // Trailers are left out.
        let Ok(data) = frame?.into_data() else { continue };
        reserve(&mut packed, data.len(), charged)?;
        packed.extend_from_slice(&data);
    }
    let body = packed.len() - FIXED;
    let headers: usize = head.headers.iter().map(|(name, value)| 8 + name.as_str().len() + value.len()).sum();
    reserve(&mut packed, headers, charged)?;
    if i32::try_from(packed.len() + headers).is_err() {
        return Err(Failure::TooLarge);
    }
    for (name, value) in &head.headers {
        packed.extend((name.as_str().len() as i32).to_le_bytes());
        packed.extend((value.len() as i32).to_le_bytes());
        packed.extend_from_slice(name.as_str().as_bytes());
        packed.extend_from_slice(value.as_bytes());
    }
    for (at, number) in [(0, head.status.as_u16() as usize), (4, body), (8, head.headers.len())] {
        packed[at..at + 4].copy_from_slice(&(number as i32).to_le_bytes());
    }
    Ok(packed)
}

/// Makes room for more bytes, which the guest is charged for.
fn reserve(packed: &mut Vec<u8>, more: usize, charged: &mut Charged<'_>) -> std::result::Result<(), Failure> {
    let room = packed.capacity() - packed.len();
    if room < more {
        let step = (more - room).max(CONNECTION_BUFFER);
        charged.add(step)?;
        packed.reserve_exact(room + step);
    }
    Ok(())
}

/// A packed request, read where it lies.
struct Asked<'a> {
    /// The time that the guest gives it; none is up to the task's deadline.
    limit: Option<Duration>,
    method: &'a [u8],
    url: &'a [u8],
    body: Option<&'a [u8]>,
    headers: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Asked<'a> {
    /// None if the bytes are no packed request.
    fn read(packed: &'a [u8]) -> Option<Self> {
        let mut rest = Reader::new(packed);
        let [millis, method, url, body, count] = [rest.int()?, rest.int()?, rest.int()?, rest.int()?, rest.int()?];
        let limit = match millis {
            -1 => None,
            millis => Some(Duration::from_millis(u64::try_from(millis).ok()?)),
        };
        let (method, url, body) = (rest.bytes(method)??, rest.bytes(url)??, rest.bytes(body)?);
        let mut headers = Vec::new();
        for _ in 0..u32::try_from(count).ok()? {
            let (name, value) = (rest.int()?, rest.int()?);
            headers.push((rest.bytes(name)??, rest.bytes(value)?.unwrap_or_default()));
        }
        rest.is_empty().then_some(Asked { limit, method, url, body, headers })
    }

    /// Makes the request. The error is a sentence for the guest's author.
    fn request(&self) -> std::result::Result<Request<WasiBody>, String> {
        let text = |bytes| notes::cut(bytes).escape_debug().to_string();
        let method = Method::from_bytes(self.method).map_err(|_| format!("'{}' is no method", text(self.method)))?;
        let no_url = |why: &str| format!("the URL '{}' {why}", text(self.url));
        let uri = Uri::try_from(self.url).map_err(|e| no_url(&format!("is not valid: {e}")))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(no_url("does not begin with http:// or https://"));
        }
        let authority = uri.authority().ok_or_else(|| no_url("has no host"))?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| no_url("has no host"))?;
        let headers = self.headers(self.body.map_or(0, <[u8]>::len))?;
        let body = Full::new(Bytes::copy_from_slice(self.body.unwrap_or_default()));
        let mut request = Request::new(body.map_err(Error::from).boxed_unsync());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        request.headers_mut().insert(HOST, host);
        Ok(request)
    }

    fn headers(&self, body: usize) -> std::result::Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        let mut size = 0;
        for (name, value) in &self.headers {
            let text = notes::cut(name).escape_debug().to_string();
            let name = HeaderName::from_bytes(name).map_err(|_| format!("'{text}' is no name of a header"))?;
            size += name.as_str().len() + value.len();
            if size > MAX_FIELD_BYTES {
                return Err(format!("the headers have more than {MAX_FIELD_BYTES} bytes"));
            }
            if http::is_forbidden(&name) {
                return Err(format!("the header {name} is Wasmton's to set"));
            }
            // Wasmton sets it, and nothing else would be right.
            if name == CONTENT_LENGTH {
                if *value != body.to_string().as_bytes() {
                    return Err(format!("the header {name} is not {body}, the length of the body"));
                }
                continue;
            }
            let value =
                HeaderValue::from_bytes(value).map_err(|_| format!("the value of the header {name} is invalid"))?;
            headers.append(name, value);
        }
        Ok(headers)
    }
}

impl Failure {
    /// Returns the number below zero that stands for it.
    fn number(&self) -> i32 {
        let error = match self {
            Failure::Invalid(_) => return -2,
            Failure::TimedOut => return -6,
            Failure::TooLarge => return -7,
            Failure::Http(error) => error,
        };
        match error {
            Error::HttpRequestDenied => -1,
            Error::HttpRequestMethodInvalid | Error::HttpRequestUriInvalid => -2,
            Error::DnsError { .. } => -3,
            Error::TlsCertificateError | Error::TlsProtocolError | Error::TlsAlertReceived { .. } | Error::Tls(_) => -5,
            Error::DnsTimeout | Error::ConnectionTimeout | Error::ConnectionReadTimeout => -6,
            Error::Hyper(error) if error.is_parse_too_large() => -7,
            Error::Hyper(error) => match Broken::by(error) {
                Broken::Incomplete | Broken::Terminated => -4,
                Broken::Malformed => -8,
            },
            Error::ConnectionLimitReached => -9,
            _ => -4,
        }
    }

    /// Returns a sentence for whoever reads the guest's log.
    fn reason(&self) -> String {
        match self {
            Failure::Invalid(why) => why.clone(),
            Failure::TimedOut => "the time that the processor gave the request is over".to_owned(),
            Failure::TooLarge => "the response has more bytes than Wasmton may hold for the guest".to_owned(),
            Failure::Http(error) => describe(error),
        }
    }
}

fn describe(error: &Error) -> String {
    match error {
        Error::HttpRequestDenied => "the server is not granted (--allow-net); the log says which".to_owned(),
        Error::DnsError { .. } => "there is no such name".to_owned(),
        Error::ConnectionRefused => "the server refused the connection".to_owned(),
        Error::TlsCertificateError => "the server's certificate was not accepted; the log says why".to_owned(),
        Error::ConnectionTimeout | Error::DnsTimeout => "the server could not be connected to in time".to_owned(),
        Error::ConnectionLimitReached => "there are too many open sockets; the log says which limit it is".to_owned(),
        Error::Hyper(error) => format!("the response broke off: {error}"),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(numbers: &[i32], texts: &[&str]) -> Vec<u8> {
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        [&numbers[..], texts.concat().as_bytes()].concat()
    }

    #[test]
    fn a_packed_request_is_read_as_it_is() {
        let mut bytes = packed(&[250, 4, 14, 2, 1], &["POST", "http://a.b/c?d", "{}"]);
        bytes.extend(packed(&[1, 0], &["x"]));
        let asked = Asked::read(&bytes).expect("a request");
        assert_eq!((Some(Duration::from_millis(250)), Some(&b"{}"[..])), (asked.limit, asked.body));
        let request = asked.request().expect("a valid one");
        assert_eq!(
            "POST http://a.b/c?d a.b",
            format!("{} {} {}", request.method(), request.uri(), { request.headers()[HOST].to_str().expect("a text") })
        );
        for end in 0..bytes.len() {
            assert!(Asked::read(&bytes[..end]).is_none(), "{end} bytes");
        }
        bytes.push(0);
        assert!(Asked::read(&bytes).is_none());
        for numbers in [[-2, 0, 0, 0, 0], [0, -1, 0, 0, 0], [0, 0, -1, 0, 0], [0, 0, 0, -2, 0], [0, 0, 0, 0, -1]] {
            assert!(Asked::read(&packed(&numbers, &[])).is_none(), "{numbers:?}");
        }
        let bytes = packed(&[-1, 0, 0, -1, 0], &[]);
        let asked = Asked::read(&bytes).expect("a request without anything");
        assert_eq!((None, None), (asked.limit, asked.body));
        assert!(asked.request().is_err());
    }
}
