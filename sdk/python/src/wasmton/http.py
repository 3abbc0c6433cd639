"""Requests to HTTP servers, plain and by TLS, which the operator grants (--allow-net).

    import wasmton.http

    response = wasmton.http.request("GET", "https://api.example.com/orders", {"accept": "application/json"})

Wasmton makes the TLS. The component must be built for a world of the package wasmton:http (README.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from enum import Enum
from urllib.parse import urlsplit

from componentize_py_types import Err

try:
    from wit_world.imports import outgoing_handler, streams
    from wit_world.imports import wasi_http_types as _types
except ImportError as e:
    raise ImportError("wasmton.http needs a world with HTTP; build with -w wasmton:http/processor") from e

__all__ = ["Failure", "HttpError", "Response", "request"]

# A stream takes at most this many bytes at once (wasi:io).
_WRITE_BYTES = 4096
_READ_BYTES = 65536


class Failure(Enum):
    """The kind of failure of a request."""

    DENIED = "the server is not granted (--allow-net); the log says which"
    INVALID = "the method, the URL or a header is invalid"
    NO_NAME = "there is no such name"
    CONNECTION = "the connection was refused, or broke off"
    TLS = "the TLS failed"
    TIMEOUT = "the server took too long"
    MALFORMED = "the response is not HTTP, or its head is too large"
    LIMIT = "there are too many open sockets; the log says which limit it is"


class HttpError(OSError):
    """The reason why there is no response. Its text is a sentence."""

    def __init__(self, failure: Failure, reason: str | None = None) -> None:
        super().__init__(reason or failure.value)
        self.failure = failure


@dataclass
class Response:
    """A response, whatever its status is."""

    status: int
    """Its status, such as 200."""
    headers: Message
    """Its headers, by names in any case, as urllib has them: headers["content-type"], headers.get_all("set-cookie")."""
    body: bytes
    """Its body."""


def request(
    method: str,
    url: str,
    headers: Mapping[str, str | bytes] | None = None,
    body: bytes | str | None = None,
    timeout: float | None = None,
) -> Response:
    """Sends a request and waits for the response; text is sent in UTF-8. A redirect is a response like any other.

    The time-out, in seconds, is for the connection, for the first byte and for each pause between bytes. Without it
    the connection takes at most 10 seconds, and the request ends with the deadline of the task. Raises HttpError if
    there is no response.
    """
    content = body.encode() if isinstance(body, str) else body
    outgoing = _outgoing(method, url, dict(headers or {}), content)
    outgoing_body = None if content is None else outgoing.body()
    try:
        future = outgoing_handler.handle(outgoing, _options(timeout))
    except Err as e:
        raise _error(e.value) from None
    with future:
        if outgoing_body is not None:
            _send(outgoing_body, content)
        with future.subscribe() as ready:
            ready.block()
        result = future.get().value
    if isinstance(result, Err):
        raise _error(result.value)
    with result.value as incoming:
        return Response(incoming.status(), _headers(incoming), _body(incoming))


def _outgoing(
    method: str, url: str, headers: dict[str, str | bytes], body: bytes | None
) -> _types.OutgoingRequest:
    if body is not None and not any(name.lower() == "content-length" for name in headers):
        headers["content-length"] = str(len(body))
    entries = [(name, value.encode() if isinstance(value, str) else value) for name, value in headers.items()]
    try:
        parts = urlsplit(url)
    except ValueError as e:
        raise HttpError(Failure.INVALID, f"the URL is invalid: {e}") from None
    scheme = {"http": _types.Scheme_Http, "https": _types.Scheme_Https}.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise HttpError(Failure.INVALID, "the URL does not begin with http:// or https:// and a host")
    try:
        fields = _types.Fields.from_list(entries)
    except Err as e:
        forbidden = isinstance(e.value, _types.HeaderError_Forbidden)
        reason = "a header belongs to the connection" if forbidden else "a header is invalid"
        raise HttpError(Failure.INVALID, reason) from None
    outgoing = _types.OutgoingRequest(fields)
    try:
        outgoing.set_method(_method(method))
        outgoing.set_scheme(scheme())
        outgoing.set_authority(parts.netloc)
        outgoing.set_path_with_query((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    except Err:
        raise HttpError(Failure.INVALID, "the method or the URL is invalid") from None
    return outgoing


def _method(name: str) -> _types.Method:
    kind = getattr(_types, f"Method_{name.capitalize()}", None) if name.isupper() else None
    return _types.Method_Other(name) if kind in (None, _types.Method_Other) else kind()


def _options(timeout: float | None) -> _types.RequestOptions | None:
    if timeout is None:
        return None
    nanoseconds = int(timeout * 1_000_000_000)
    options = _types.RequestOptions()
    options.set_connect_timeout(nanoseconds)
    options.set_first_byte_timeout(nanoseconds)
    options.set_between_bytes_timeout(nanoseconds)
    return options


def _send(outgoing: _types.OutgoingBody, body: bytes) -> None:
    try:
        with outgoing.write() as stream:
            for at in range(0, len(body), _WRITE_BYTES):
                stream.blocking_write_and_flush(body[at : at + _WRITE_BYTES])
        _types.OutgoingBody.finish(outgoing, None)
    except Err:
        # The server does not take the rest. Its response, or the failure of the request, says why.
        return


def _headers(incoming: _types.IncomingResponse) -> Message:
    headers = Message()
    with incoming.headers() as fields:
        for name, value in fields.entries():
            headers[name] = value.decode("latin-1")
    return headers


def _body(incoming: _types.IncomingResponse) -> bytes:
    body = bytearray()
    with incoming.consume() as content, content.stream() as stream:
        while True:
            try:
                body += stream.blocking_read(_READ_BYTES)
            except Err as e:
                if isinstance(e.value, streams.StreamError_Closed):
                    return bytes(body)
                raise _error(_types.http_error_code(e.value.value)) from None


_ERRORS: dict[type, tuple[Failure, str | None]] = {
    _types.ErrorCode_HttpRequestDenied: (Failure.DENIED, None),
    _types.ErrorCode_HttpRequestMethodInvalid: (Failure.INVALID, "the method is invalid"),
    _types.ErrorCode_HttpRequestUriInvalid: (Failure.INVALID, "the URL is invalid"),
    _types.ErrorCode_DnsError: (Failure.NO_NAME, None),
    _types.ErrorCode_ConnectionRefused: (Failure.CONNECTION, "the server refused the connection"),
    _types.ErrorCode_ConnectionTerminated: (Failure.CONNECTION, "the connection broke off"),
    _types.ErrorCode_HttpResponseIncomplete: (Failure.CONNECTION, "the response broke off"),
    _types.ErrorCode_DestinationIpUnroutable: (Failure.CONNECTION, "there is no route to the server"),
    _types.ErrorCode_TlsCertificateError: (
        Failure.TLS,
        "the server's certificate was not accepted; the log says why",
    ),
    _types.ErrorCode_TlsProtocolError: (Failure.TLS, None),
    _types.ErrorCode_TlsAlertReceived: (Failure.TLS, "the server ended the TLS"),
    _types.ErrorCode_DnsTimeout: (Failure.TIMEOUT, "the server could not be connected to in time"),
    _types.ErrorCode_ConnectionTimeout: (Failure.TIMEOUT, "the server could not be connected to in time"),
    _types.ErrorCode_ConnectionReadTimeout: (Failure.TIMEOUT, "the server did not answer in time"),
    _types.ErrorCode_HttpResponseTimeout: (Failure.TIMEOUT, "the server did not answer in time"),
    _types.ErrorCode_HttpProtocolError: (Failure.MALFORMED, None),
    _types.ErrorCode_ConnectionLimitReached: (Failure.LIMIT, None),
}


def _error(code: "_types.ErrorCode | None") -> HttpError:
    if code is None:
        return HttpError(Failure.CONNECTION, "the response broke off")
    return HttpError(*_ERRORS.get(type(code), (Failure.CONNECTION, f"the request failed: {code}")))
