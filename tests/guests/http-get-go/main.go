// A task processor with network I/O, in Go: requests the path in each task, {"path": "/README.md"}, from an HTTP
// server, with Go's ordinary HTTP client, and prints the response.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"unsafe"

	// Gives net/http's client sockets: preview 1 of WASI has none.
	_ "github.com/stealthrocket/net/http"
)

// Results of run.
const (
	done       = 0
	retry      = 1 // it may work later
	deadLetter = 2 // it never will: the task is malformed
)

// The buffer for tasks, made once. The host does not hand over a task that does not fit. Go never moves it.
var buffer = make([]byte, 1<<20)

//go:wasmimport decaton poll_task
func pollTask(address int64, length int32) int32

// Processes one task. The host calls it once for each attempt. A panic and os.Exit fail the attempt.
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
		// An unreachable server may come back.
		fmt.Fprintln(os.Stderr, err)
		return retry
	}
	if status != http.StatusOK {
		fmt.Fprintf(os.Stderr, "GET %s: %d\n", task.Path, status)
		return deadLetter
	}
	return done
}

// Returns the server's address, which `--env SERVER=HOST:PORT` sets.
func server() string {
	if server := os.Getenv("SERVER"); server != "" {
		return server
	}
	return "127.0.0.1:8080"
}

// Returns the status of the response and writes its body if the status is 200. It needs no time-out: the host ends a
// task at its deadline. The client keeps the connection for the next task.
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

// Never called: a processor is a library. Package-level variables and init() run before the first task.
func main() {}
