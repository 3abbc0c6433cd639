// A processor of protocol 1 that takes batches and obeys the value of each task, as probe-batch does in Rust.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"

	wasmton "github.com/wasmton/wasmton/sdk/go"
)

func init() {
	slog.SetDefault(slog.New(wasmton.LogHandler()))
	wasmton.HandleBatch(process)
}

func process(_ context.Context, tasks []wasmton.Task) ([]error, error) {
	var values []string
	for _, task := range tasks {
		values = append(values, string(task.Value))
	}
	slog.Info("batch: " + strings.Join(values, ", "))
	errs := make([]error, len(tasks))
	for i, value := range values {
		if value == "all later" {
			return nil, errors.New(value)
		}
		errs[i] = obey(i, value)
		if value == "short" {
			return errs[1:], nil
		}
	}
	return errs, nil
}

func obey(index int, value string) error {
	command, rest, _ := strings.Cut(value, " ")
	switch command {
	case "panic":
		panic("as it was told")
	case "exit":
		os.Exit(3)
	case "log":
		wasmton.Select(index)
		slog.Info(rest)
	case "retry":
		return errors.New(rest)
	case "dead-letter":
		return wasmton.DeadLetter(errors.New(rest))
	case "skip":
		return wasmton.Skip(errors.New(rest))
	case "fatal":
		return wasmton.Stop(errors.New(rest))
	case "produce":
		wasmton.Select(index)
		topic, text, _ := strings.Cut(rest, " ")
		return wasmton.Produce(wasmton.Record{Topic: topic, Value: []byte(text)})
	}
	return nil
}

func main() {}
