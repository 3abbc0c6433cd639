package wasmtonhttp

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"
	"unsafe"
)

//go:wasmimport wasmton_v1 http_send
func wasmtonHTTPSend(request unsafe.Pointer, length uint32, buffer unsafe.Pointer, capacity uint32) int32

//go:wasmimport wasmton_v1 http_read
func wasmtonHTTPRead(buffer unsafe.Pointer, capacity uint32) int32

func init() { http.DefaultTransport = Transport{} }

// Transport sends requests by Wasmton. A response is there as a whole when RoundTrip returns.
type Transport struct{}

// Failure is the kind of failure of a request, a number of protocol 1.
type Failure int32

// Kinds of failures.
const (
	Denied     Failure = -1 // the server is not granted (--allow-net)
	Invalid    Failure = -2 // the method, the URL or a header is invalid
	NoName     Failure = -3 // there is no such name
	Connection Failure = -4 // the connection was refused, or broke off
	TLS        Failure = -5 // the TLS failed; if a certificate was rejected, the log says why
	TimedOut   Failure = -6 // the connection or the whole exchange took too long
	TooLarge   Failure = -7 // the response needs more memory than the host may hold for the guest (--max-host-memory)
	Malformed  Failure = -8 // the response is not HTTP
	Limit      Failure = -9 // there are too many open sockets
)

// Error is the reason why there is no response.
type Error struct {
	Failure Failure
	reason  string
}

func (e *Error) Error() string { return e.reason }

// Timeout returns whether the request took too long.
func (e *Error) Timeout() bool { return e.Failure == TimedOut }

// RoundTrip sends a request and waits for the response, until the deadline of the request's context. Without one the
// request ends with the deadline of the task.
func (Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	packed, err := pack(request)
	if err != nil {
		return nil, err
	}
	buffer := make([]byte, 4*1024)
	bufferAt, capacity := at(buffer)
	packedAt, length := at(packed)
	size := wasmtonHTTPSend(packedAt, length, bufferAt, capacity)
	if size < 0 {
		return nil, &Error{Failure(size), string(left())}
	}
	received := buffer[:min(int(size), len(buffer))]
	if int(size) > len(buffer) {
		received = left()
	}
	return unpack(received, request), nil
}

func at(bytes []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(bytes)), uint32(len(bytes))
}

// left returns what the last request left: its response, or the reason of its failure.
func left() []byte {
	size := wasmtonHTTPRead(nil, 0)
	if size <= 0 {
		return nil
	}
	bytes := make([]byte, size)
	wasmtonHTTPRead(at(bytes))
	return bytes
}

func pack(request *http.Request) ([]byte, error) {
	if request.Host != "" && request.Host != request.URL.Host {
		return nil, fmt.Errorf("the request's Host is %s, and its URL has %s", request.Host, request.URL.Host)
	}
	millis := int32(-1)
	if end, limited := request.Context().Deadline(); limited {
		left := time.Until(end).Milliseconds()
		if left <= 0 {
			return nil, context.DeadlineExceeded
		}
		millis = int32(min(left, math.MaxInt32))
	}
	var body []byte
	bodyLength := int32(-1)
	if request.Body != nil {
		defer request.Body.Close()
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		bodyLength = int32(len(body))
	}
	method, url := request.Method, request.URL.String()
	if method == "" {
		method = http.MethodGet
	}
	var headers []byte
	count := 0
	for name, values := range request.Header {
		for _, value := range values {
			headers = putInts(headers, int32(len(name)), int32(len(value)))
			headers = append(append(headers, name...), value...)
			count++
		}
	}
	packed := putInts(nil, millis, int32(len(method)), int32(len(url)), bodyLength, int32(count))
	packed = append(append(packed, method...), url...)
	return append(append(packed, body...), headers...), nil
}

func putInts(to []byte, values ...int32) []byte {
	for _, value := range values {
		to = binary.LittleEndian.AppendUint32(to, uint32(value))
	}
	return to
}

func unpack(packed []byte, request *http.Request) *http.Response {
	number := func(at int) int { return int(binary.LittleEndian.Uint32(packed[at:])) }
	status, length, count := number(0), number(4), number(8)
	next := 12 + length
	header := http.Header{}
	for range count {
		name, value := next+8, next+8+number(next)
		end := value + number(next+4)
		header.Add(string(packed[name:value]), string(packed[value:end]))
		next = end
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", status, http.StatusText(status)),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(packed[12 : 12+length])),
		ContentLength: int64(length),
		Request:       request,
	}
}
