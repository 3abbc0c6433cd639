// A task processor: it passes large orders on to the topic large-orders.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	wasmton "github.com/wasmton/wasmton/sdk/go"
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

// Never called: a processor is a library.
func main() {}
