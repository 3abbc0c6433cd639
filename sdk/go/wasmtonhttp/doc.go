// Package wasmtonhttp lets net/http send its requests by Wasmton, plain and by TLS, to the servers that the operator
// grants (--allow-net):
//
//	import _ "github.com/wasmton/wasmton/sdk/go/wasmtonhttp"
//
// Wasmton makes the TLS, so a processor needs no files of certificates. Importing the package sets
// [net/http.DefaultTransport]; a client with a transport of its own takes [Transport]. Outside of Wasmton, in the tests
// of a processor, it changes nothing.
package wasmtonhttp
