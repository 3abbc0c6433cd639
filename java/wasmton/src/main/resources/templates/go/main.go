// A task processor: it passes large orders on to the topic large-orders.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	wasmton "github.com/wasmton/wasmton/sdk/go"
	_ "github.com/wasmton/wasmton/sdk/go/wasmtonhttp" // lets net/http send requests
)

type order struct {
	ID     string `json:"id"`
	Amount *int64 `json:"amount"`
}

func init() {
	slog.SetDefault(slog.New(wasmton.LogHandler()))
	wasmton.Handle(process)
}

// process processes one record. Wasmton calls it once for each attempt.
func process(ctx context.Context, task wasmton.Task) error {
	var order order
	err := json.Unmarshal(task.Value, &order)
	if err == nil && (order.ID == "" || order.Amount == nil) {
		err = errors.New("it has no id or no amount")
	}
	if err != nil {
		// A retry does not help a malformed order: somebody has to look at it.
		return wasmton.DeadLetter(fmt.Errorf("not an order: %w", err))
	}
	slog.Info(fmt.Sprintf("order %s: %d", order.ID, *order.Amount))
	least, err := minimum()
	if err != nil {
		return wasmton.Stop(err)
	}
	if *order.Amount < least {
		return nil
	}
	value, err := json.Marshal(order)
	if err != nil {
		return wasmton.DeadLetter(err)
	}
	if url, found := wasmton.Setting("check-url"); found {
		if err := check(ctx, url, value); err != nil {
			return err
		}
	}
	// Wasmton sends it when process has returned nil; then the task is done.
	err = wasmton.Produce(wasmton.Record{
		Topic:   "large-orders",
		Key:     []byte(order.ID),
		Value:   value,
		Headers: task.Headers,
	})
	if err != nil {
		return wasmton.Stop(fmt.Errorf("large-orders: %w", err))
	}
	return nil
}

// minimum returns the setting minimum. Without a valid one no task can be processed.
func minimum() (int64, error) {
	text, found := wasmton.Setting("minimum")
	if !found {
		return 100, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the setting minimum is not a number: %s", text)
	}
	return number, nil
}

// check asks a service whether the order is fine. The setting check-token is the secret that it knows us by.
func check(ctx context.Context, url string, order []byte) error {
	token, _ := wasmton.Setting("check-token")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(order))
	if err != nil {
		return wasmton.Stop(fmt.Errorf("the setting check-url: %w", err))
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	// It needs no time-out: Wasmton ends a task at its deadline.
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("check: %w", err) // a retry: an unreachable service may come back
	}
	defer answer.Body.Close()
	switch status := answer.StatusCode; {
	case status < 300:
		return nil
	case status >= 400 && status < 500:
		return wasmton.DeadLetter(fmt.Errorf("check: refused with %d", status))
	default:
		return fmt.Errorf("check: answered %d", status)
	}
}

// Never called: a processor is a library.
func main() {}
