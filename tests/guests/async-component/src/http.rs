//! Requests by wasi:http of WASI 0.3, and their responses.

use std::io;

use crate::both;
use crate::wasi::http::client::send;
use crate::wasi::http::types::{ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme};
use crate::{wit_future, wit_stream};

fn error(e: impl std::fmt::Debug) -> io::Error {
    io::Error::other(format!("{e:?}"))
}

/// Waits for the head of a response; `url` is SCHEME://AUTHORITY[PATH], the words are an option and its values.
pub async fn request(url: &str, words: &[&str]) -> io::Result<Response> {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (headers, options) = (Fields::new(), RequestOptions::new());
    let nanos = |millis: &str| Some(millis.parse::<u64>().unwrap() * 1_000_000);
    let unescaped = |text: &str| text.replace("\\r", "\r").replace("\\n", "\n");
    let (mut method, mut body) = (None, None);
    match *words {
        [] => {}
        ["method", "CONNECT"] => method = Some(Method::Connect),
        ["method", name] => method = Some(Method::Other(unescaped(name))),
        ["header", name, value] => {
            headers.append(&unescaped(name), unescaped(value).as_bytes()).map_err(error)?;
        }
        ["body", text] => {
            method = Some(Method::Post);
            body = Some(text.as_bytes().to_vec());
        }
        ["connect", millis] => options.set_connect_timeout(nanos(millis)).unwrap(),
        ["first-byte", millis] => options.set_first_byte_timeout(nanos(millis)).unwrap(),
        ["between-bytes", millis] => options.set_between_bytes_timeout(nanos(millis)).unwrap(),
        _ => panic!("no such extras: {words:?}"),
    }
    let (writer, contents) = body.as_ref().map(|_| wit_stream::new::<u8>()).unzip();
    // To drop the writer writes that there are no trailers.
    let (_, trailers) = wit_future::new::<Result<Option<Fields>, ErrorCode>>(|| Ok(None));
    let (request, _) = Request::new(headers, contents, trailers, Some(options));
    let refused = |what: &str| io::Error::other(format!("the {what} is refused"));
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    request.set_scheme(Some(&scheme)).map_err(|()| refused("scheme"))?;
    request.set_authority(Some(authority)).map_err(|()| refused("authority"))?;
    let path = unescaped(path).replace('_', " ");
    request
        .set_path_with_query(Some(path.strip_prefix('/').filter(|p| p.contains("://")).unwrap_or(&path)))
        .map_err(|()| refused("path"))?;
    if let Some(method) = method {
        request.set_method(&method).map_err(|()| refused("method"))?;
    }
    let write = async {
        if let Some((mut writer, body)) = writer.zip(body) {
            writer.write_all(body).await;
        }
    };
    both(send(request), write).await.0.map_err(error)
}

/// Reads the body to its end.
pub async fn text(response: Response) -> io::Result<String> {
    let (_, done) = wit_future::new::<Result<(), ErrorCode>>(|| Ok(()));
    let (body, trailers) = Response::consume_body(response, done);
    let bytes = body.collect().await;
    trailers.await.map_err(|e| error(Some(e)))?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

pub fn location(response: &Response) -> Option<String> {
    let values = response.get_headers().get("location");
    values.first().map(|value| String::from_utf8_lossy(value).into_owned())
}
