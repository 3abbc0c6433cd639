// A processor of protocol 1 that obeys its tasks: a word and its arguments. The probes in other languages do the same.
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	wasmton "github.com/wasmton/wasmton/sdk/go"
	"github.com/wasmton/wasmton/sdk/go/wasmtonhttp"
)

func init() {
	slog.SetDefault(slog.New(wasmton.LogHandler()))
	wasmton.Handle(process)
}

var tasks int

func process(ctx context.Context, task wasmton.Task) error {
	tasks++
	text := string(task.Value)
	if text == "" || text == "record" {
		slog.Info(describe(task))
		return nil
	}
	words := strings.Split(text, " ")
	switch words[0] {
	case "nothing":
	case "retry":
		return errors.New("later")
	case "dead-letter":
		return fmt.Errorf("broken: %w", wasmton.DeadLetter(errors.New("ü")))
	case "skip":
		return wasmton.Skip(errors.New("not ours"))
	case "stop":
		return wasmton.Stop(errors.New("never"))
	case "count":
		slog.Info(strconv.Itoa(tasks))
	case "log":
		slog.Log(ctx, wasmton.LevelTrace, "trace ü")
		slog.Debug("debug ü")
		slog.Info("info ü")
		slog.Warn("warn ü")
		slog.Error("error ü")
	case "setting":
		value, found := wasmton.Setting(words[1])
		if !found {
			value = "none"
		}
		slog.Info(value)
	case "settings":
		slog.Info(strings.Join(slices.Collect(maps.Keys(wasmton.Settings())), " "))
	case "produce", "produce-and-retry", "produce-and-trap":
		for _, word := range words[2:] {
			if err := wasmton.Produce(wasmton.Record{Topic: words[1], Value: []byte(word)}); err != nil {
				return refused(err)
			}
		}
		if words[0] == "produce-and-retry" {
			return errors.New("later")
		} else if words[0] == "produce-and-trap" {
			panic("on purpose")
		}
	case "produce-size":
		count, size := number(words[2]), number(words[3])
		for range count {
			if err := wasmton.Produce(wasmton.Record{Topic: words[1], Value: make([]byte, size)}); err != nil {
				return refused(err)
			}
		}
	case "produce-whole":
		partition := int32(number(words[2]))
		return refused(wasmton.Produce(wasmton.Record{
			Topic: words[1], Partition: &partition, Timestamp: time.UnixMilli(1_700_000_000_123), Key: []byte("key"),
			Headers: []wasmton.Header{{Name: "one", Value: []byte("1")}, {Name: "one"}, {Name: "é", Value: []byte{}}},
		}))
	case "forward":
		return refused(wasmton.Produce(wasmton.Record{
			Topic: words[1], Timestamp: task.Timestamp, Key: task.Key, Value: task.Value, Headers: task.Headers,
		}))
	case "count-up":
		wasmton.Count(words[1], uint32(number(words[2])))
	case "http":
		return send(ctx, words)
	case "print":
		fmt.Println("out")
		fmt.Fprintln(os.Stderr, "err")
	case "trap":
		panic("on purpose")
	case "exit":
		os.Exit(number(words[1]))
	case "loop":
		for {
		}
	default:
		return wasmton.Skip(fmt.Errorf("no such word: %s", words[0]))
	}
	return nil
}

// send sends a request: METHOD URL TIMEOUT BODY and headers, a hyphen for none.
func send(ctx context.Context, words []string) error {
	if timeout := number(words[3]); timeout >= 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(timeout)*time.Millisecond)
		defer cancel()
		ctx = limited
	}
	var body io.Reader
	if words[4] != "-" {
		body = strings.NewReader(words[4])
	}
	request, err := http.NewRequestWithContext(ctx, words[1], words[2], body)
	if err != nil {
		return err
	}
	for i := 5; i < len(words); i += 2 {
		request.Header.Set(words[i], words[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		var failed *wasmtonhttp.Error
		if errors.As(err, &failed) {
			return wasmton.Skip(fmt.Errorf("http %d: %w", failed.Failure, failed))
		}
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%d %s", response.StatusCode, content)
	if len(content) > 100 {
		line = fmt.Sprintf("%d %d bytes", response.StatusCode, len(content))
	}
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		if strings.HasPrefix(name, "X-") {
			line += fmt.Sprintf(" %s=%s", strings.ToLower(name), response.Header.Get(name))
		}
	}
	slog.Info(line)
	return nil
}

func describe(task wasmton.Task) string {
	timestamp := int64(-1)
	if !task.Timestamp.IsZero() {
		timestamp = task.Timestamp.UnixMilli()
	}
	line := fmt.Sprintf("%s %d %d %d %d key=%s value=%s", task.Topic, task.Partition, task.Offset, timestamp,
		task.Attempt, digits(task.Key), digits(task.Value))
	for _, header := range task.Headers {
		line += fmt.Sprintf(" %s=%s", header.Name, digits(header.Value))
	}
	return line
}

// digits returns hexadecimal digits; a hyphen for none at all.
func digits(bytes []byte) string {
	if bytes == nil {
		return "-"
	}
	return hex.EncodeToString(bytes)
}

func refused(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, wasmton.ErrTopicDenied):
		return wasmton.Skip(errors.New("topic-denied"))
	case errors.Is(err, wasmton.ErrTooLarge):
		return wasmton.Skip(errors.New("too-large"))
	default:
		return wasmton.Skip(errors.New("queue-full"))
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
