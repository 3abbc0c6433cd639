// A processor of protocol 1 that uses its stores as its tasks say: a word and its arguments. The guests state-* in other
// languages do the same.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	wasmton "github.com/wasmton/wasmton/sdk/go"
)

func init() {
	slog.SetDefault(slog.New(wasmton.LogHandler()))
	wasmton.Handle(func(_ context.Context, task wasmton.Task) error {
		return refused(process(strings.Split(string(task.Value), " ")))
	})
}

func process(words []string) error {
	store, err := wasmton.OpenStore(words[1])
	if err != nil {
		return err
	}
	key := []byte(words[2])
	switch words[0] {
	case "get":
		value, err := store.Get(key)
		if err != nil {
			return err
		}
		if value == nil {
			value = []byte("none")
		}
		slog.Info(string(value))
		return nil
	case "set":
		return store.Set(key, []byte(words[3]))
	case "set-size":
		return store.Set(key, make([]byte, number(words[3])))
	case "delete":
		return store.Delete(key)
	case "scan":
		to := []byte(words[3])
		if words[3] == "-" {
			to = nil
		}
		return tell(store.Scan(key, to, number(words[4])))
	case "prefix":
		return tell(store.ScanPrefix(key, number(words[3])))
	default:
		return wasmton.Stop(fmt.Errorf("no such word: %s", words[0]))
	}
}

func tell(entries []wasmton.Entry, err error) error {
	if err != nil {
		return err
	}
	var parts []string
	for _, entry := range entries {
		parts = append(parts, string(entry.Key)+"="+string(entry.Value))
	}
	slog.Info(strings.Join(parts, " "))
	return nil
}

func refused(err error) error {
	switch {
	case errors.Is(err, wasmton.ErrNoSuchStore):
		return wasmton.Skip(errors.New("no-such-store"))
	case errors.Is(err, wasmton.ErrReadOnly):
		return wasmton.Skip(errors.New("read-only"))
	case errors.Is(err, wasmton.ErrEntryTooLarge):
		return wasmton.Skip(errors.New("too-large"))
	case errors.Is(err, wasmton.ErrStateLimit):
		return wasmton.Skip(errors.New("limit"))
	default:
		return err
	}
}

func number(word string) int {
	number, err := strconv.Atoi(word)
	if err != nil {
		panic(err)
	}
	return number
}

func main() {}
