//! Requests by wasi:http, and their responses.

use std::io;
use std::time::Duration;

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::streams::{InputStream, StreamError};

/// Options of a request besides its URL.
#[derive(Default)]
pub struct Extras<'a> {
    pub method: Option<&'a str>,
    pub header: Option<(&'a str, &'a str)>,
    pub body: Option<&'a str>,
    pub connect: Option<Duration>,
    pub first_byte: Option<Duration>,
    pub between_bytes: Option<Duration>,
}

/// A response, with the unread part of its body. Closed when it is dropped.
pub struct Response {
    pub stream: InputStream,
    /// Owner of the stream, which it has to outlive.
    _body: IncomingBody,
    pub response: IncomingResponse,
}

fn error(e: impl std::fmt::Debug) -> io::Error {
    io::Error::other(format!("{e:?}"))
}

/// Begins a request; `url` is SCHEME://AUTHORITY[PATH].
pub fn begin(url: &str, extras: &Extras) -> io::Result<FutureIncomingResponse> {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let headers = Fields::new();
    if let Some((name, value)) = extras.header {
        let value = value.replace("\\r", "\r").replace("\\n", "\n");
        headers.append(name, value.as_bytes()).map_err(error)?;
    }
    let request = OutgoingRequest::new(headers);
    let refused = |what: &str| io::Error::other(format!("the {what} is refused"));
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    request.set_scheme(Some(&scheme)).map_err(|()| refused("scheme"))?;
    request.set_authority(Some(authority)).map_err(|()| refused("authority"))?;
    let path = path.replace("\\r", "\r").replace("\\n", "\n").replace('_', " ");
    request
        .set_path_with_query(Some(path.strip_prefix('/').filter(|p| p.contains("://")).unwrap_or(&path)))
        .map_err(|()| refused("path"))?;
    if let Some(method) = extras.method {
        let method = if method == "CONNECT" { Method::Connect } else { Method::Other(method.replace("\\n", "\n")) };
        request.set_method(&method).map_err(|()| refused("method"))?;
    }
    let body = extras.body.map(|text| (request.body().unwrap(), text));
    if body.is_some() {
        request.set_method(&Method::Post).unwrap();
    }
    let options = RequestOptions::new();
    let nanos = |limit: Option<Duration>| limit.map(|limit| limit.as_nanos() as u64);
    options.set_connect_timeout(nanos(extras.connect)).unwrap();
    options.set_first_byte_timeout(nanos(extras.first_byte)).unwrap();
    options.set_between_bytes_timeout(nanos(extras.between_bytes)).unwrap();
    let response = handle(request, Some(options)).map_err(error)?;
    if let Some((body, text)) = body {
        body.write().unwrap().blocking_write_and_flush(text.as_bytes()).map_err(error)?;
        OutgoingBody::finish(body, None).map_err(error)?;
    }
    Ok(response)
}

/// Waits for the head of the response.
pub fn response(waiting: FutureIncomingResponse) -> io::Result<Response> {
    waiting.subscribe().block();
    let response = waiting.get().unwrap().unwrap().map_err(|e: ErrorCode| error(e))?;
    let body = response.consume().unwrap();
    Ok(Response { stream: body.stream().unwrap(), _body: body, response })
}

impl Response {
    /// Reads the body to its end.
    pub fn text(&self) -> io::Result<String> {
        let mut text = Vec::new();
        loop {
            match self.stream.blocking_read(65536) {
                Ok(bytes) => text.extend(bytes),
                Err(StreamError::Closed) => return Ok(String::from_utf8_lossy(&text).trim_end().to_owned()),
                Err(StreamError::LastOperationFailed(e)) => {
                    return Err(error(wasip2::http::types::http_error_code(&e)));
                }
            }
        }
    }

    pub fn location(&self) -> Option<String> {
        let values = self.response.headers().get("location");
        values.first().map(|value| String::from_utf8_lossy(value).into_owned())
    }
}
