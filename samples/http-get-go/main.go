// A task processor with network I/O, in Go: gets the path in every task, {"path": "/README.md"}, from an HTTP server, with
// Go's ordinary HTTP client, and prints what the server answers.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"unsafe"

	// Gives net/http's client sockets: preview 1 of WASI has none of its own.
	_ "github.com/stealthrocket/net/http"
)

// What run returns: what became of the task.
const (
	done       = 0
	retry      = 1 // it may work later
	deadLetter = 2 // it never will: the task makes no sense
)

// A buffer for tasks, made once: what does not fit is not handed over. Go moves nothing that it has allocated.
var buffer = make([]byte, 1<<20)

//go:wasmimport decaton poll_task
func pollTask(address int64, length int32) int32

// Called by the host, once for every task. What it does not return to, a panic or os.Exit, fails the task too.
//
//go:wasmexport run
func run() int32 {
	length := pollTask(int64(uintptr(unsafe.Pointer(&buffer[0]))), int32(len(buffer)))
	if length < 0 {
		fmt.Fprintln(os.Stderr, "the task is longer than", len(buffer), "bytes")
		return deadLetter
	}
	var task struct {
		Path string `json:"path"`
	}
	if err := json.Unmarshal(buffer[:length], &task); err != nil {
		fmt.Fprintln(os.Stderr, "not JSON with a string `path`:", err)
		return deadLetter
	}
	status, err := get("http://"+server()+task.Path, os.Stdout)
	if err != nil {
		// A server that is away may come back.
		fmt.Fprintln(os.Stderr, err)
		return retry
	}
	if status != http.StatusOK {
		fmt.Fprintf(os.Stderr, "GET %s: %d\n", task.Path, status)
		return deadLetter
	}
	return done
}

// Where the server is, is an environment variable: `--env SERVER=HOST:PORT`.
func server() string {
	if server := os.Getenv("SERVER"); server != "" {
		return server
	}
	return "127.0.0.1:8080"
}

// The status of an answer, whose body is written where it was 200. There is no time-out here: the host ends a task whose
// deadline has come. The client keeps the connection for the next task.
func get(url string, out io.Writer) (int, error) {
	answer, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		out = io.Discard
	}
	_, err = io.Copy(out, answer.Body)
	return answer.StatusCode, err
}

// Never called: a processor is a library. Package-level variables and init() come before the first task.
func main() {}
