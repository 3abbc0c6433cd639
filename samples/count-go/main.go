// A task processor with state, in Go: it counts the tasks of each key in the store "counts". With the setting "topic" it
// also sends each new count to that topic.
package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	wasmton "github.com/wasmton/wasmton/sdk/go"
)

func init() { wasmton.Handle(process) }

func process(_ context.Context, task wasmton.Task) error {
	if task.Key == nil {
		return wasmton.DeadLetter(errors.New("there is no key"))
	}
	counts, err := wasmton.OpenStore("counts")
	if err != nil {
		return err // Wasmton stops if the operator did not grant the store
	}
	before, err := counts.Get(task.Key)
	if err != nil {
		return err
	}
	count := 1
	if before != nil {
		number, err := strconv.Atoi(string(before))
		if err != nil {
			return wasmton.Stop(fmt.Errorf("the store has no count but %q: %w", before, err))
		}
		count += number
	}
	text := strconv.AppendInt(nil, int64(count), 10)
	// Kept when the task is done, and dropped when the attempt fails: a retry does not count twice.
	if err := counts.Set(task.Key, text); err != nil {
		return err
	}
	if topic, found := wasmton.Setting("topic"); found {
		// Wasmton stops if the operator did not grant the topic.
		return wasmton.Produce(wasmton.Record{Topic: topic, Key: task.Key, Value: text})
	}
	return nil
}

func main() {}
