// A task processor that takes batches: it sends the tasks of a batch to an HTTP service in one request, a line each.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	wasmton "github.com/wasmton/wasmton/sdk/go"
	_ "github.com/wasmton/wasmton/sdk/go/wasmtonhttp" // lets net/http send requests
)

func init() {
	slog.SetDefault(slog.New(wasmton.LogHandler()))
	wasmton.HandleBatch(process)
}

// process processes a batch. Wasmton calls it once for each batch.
func process(ctx context.Context, tasks []wasmton.Task) ([]error, error) {
	errs := make([]error, len(tasks))
	var lines bytes.Buffer
	for i, task := range tasks {
		errs[i] = add(&lines, task)
	}
	size := lines.Len()
	// An error here is the verdict on all tasks: they are retried.
	if err := insert(ctx, &lines); err != nil {
		return nil, err
	}
	slog.Info(fmt.Sprintf("%d tasks, %d bytes", len(tasks), size))
	return errs, nil
}

// add adds a task to the lines. An error is the verdict on this task alone.
func add(lines *bytes.Buffer, task wasmton.Task) error {
	if bytes.ContainsRune(task.Value, '\n') {
		return wasmton.DeadLetter(errors.New("the value has more than one line"))
	}
	lines.Write(task.Value)
	lines.WriteByte('\n')
	return nil
}

func insert(ctx context.Context, lines *bytes.Buffer) error {
	if lines.Len() == 0 {
		return nil
	}
	url, found := wasmton.Setting("url")
	if !found {
		return wasmton.Stop(errors.New("the setting url is missing"))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, lines)
	if err != nil {
		return wasmton.Stop(fmt.Errorf("the setting url: %w", err))
	}
	// It needs no time-out: Wasmton ends a batch at its deadline.
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("insert: answered %d", answer.StatusCode)
	}
	return nil
}

// Never called: a processor is a library.
func main() {}
