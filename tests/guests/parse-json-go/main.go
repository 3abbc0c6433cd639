// A processor that parses its task and does nothing else, as the guest parse-json in Rust does: for the benchmark
// against Jackson.
package main

import (
	"context"
	"encoding/json"
	"errors"

	wasmton "github.com/wasmton/wasmton/sdk/go"
)

type order struct {
	ID       uint64  `json:"id"`
	Customer string  `json:"customer"`
	Email    string  `json:"email"`
	Items    []item  `json:"items"`
	Total    float64 `json:"total"`
	Paid     bool    `json:"paid"`
}

type item struct {
	Name  string `json:"name"`
	Count uint32 `json:"count"`
}

func init() {
	wasmton.Handle(func(_ context.Context, task wasmton.Task) error {
		var order order
		if err := json.Unmarshal(task.Value, &order); err != nil {
			return err
		}
		if !order.makesSense() {
			return errors.New("no valid order")
		}
		return nil
	})
}

func (o *order) makesSense() bool {
	for _, item := range o.Items {
		if item.Count == 0 || item.Name == "" {
			return false
		}
	}
	return o.ID > 0 && o.Customer != "" && o.Email != "" && o.Total > 0 && o.Paid
}

// Never called: a processor is a library.
func main() {}
