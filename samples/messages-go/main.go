// A whole task processor in Go: appends the message of each task, {"message": "Hello"}, to the file /messages.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"unsafe"
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
		Message *string `json:"message"`
	}
	err := json.Unmarshal(buffer[:length], &task)
	if err == nil && task.Message == nil {
		err = errors.New("there is none")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "not JSON with a string `message`:", err)
		return deadLetter
	}
	if err := appendLine("/messages", *task.Message); err != nil {
		fmt.Fprintln(os.Stderr, "was the directory / granted?", err)
		return retry
	}
	return done
}

func appendLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	// One write for the whole line: other instances append to the same file.
	_, err = file.WriteString(line + "\n")
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// Never called: a processor is a library. Package-level variables and init() run before the first task.
func main() {}
