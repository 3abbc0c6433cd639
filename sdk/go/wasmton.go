// Package wasmton makes a Go program a Kafka task processor for Wasmton, as WebAssembly.
//
//	package main
//
//	import (
//		"context"
//
//		wasmton "github.com/wasmton/wasmton/sdk/go"
//	)
//
//	func init() { wasmton.Handle(process) }
//
//	func process(ctx context.Context, task wasmton.Task) error {
//		return wasmton.Produce(wasmton.Record{Topic: "copies", Key: task.Key, Value: task.Value})
//	}
//
//	func main() {}
//
// Build it with GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o processor.wasm.
package wasmton

import (
	"context"
	"errors"
	"time"
)

// Task is one Kafka record to process. A nil Key or Value means that the record has none; an empty one is not nil.
type Task struct {
	Topic     string
	Partition int32
	Offset    int64
	// Timestamp is zero if the record has none.
	Timestamp time.Time
	Key       []byte
	// Value is nil for a tombstone.
	Value   []byte
	Headers []Header
	// Attempt is 1 when the task is handed over for the first time.
	Attempt int
}

// Header is a header of a record. Names may repeat.
type Header struct {
	Name  string
	Value []byte
}

// Handle sets the function that processes tasks. Call it in an init function: main does not run.
//
// Returning nil means that the task is done. An error fails it, with the error's text as the reason: a plain error
// means that the task may work later, and Wasmton retries it. [DeadLetter], [Skip] and [Stop] mean something else, and
// errors of this package mean what their comments say. A panic fails the task, too, and the next one gets a fresh
// instance.
//
// The context is never cancelled: a task that takes longer than its deadline is ended by Wasmton.
func Handle(process func(ctx context.Context, task Task) error) {
	handler = process
}

var handler = func(context.Context, Task) error {
	return Stop(errors.New("the processor did not call wasmton.Handle in an init function"))
}

// HandleBatch sets the function that processes batches, in place of [Handle]. Call it in an init function, and build
// with -tags batch.
//
// It returns an error for each task, in their order, nil for those that are done: begin with
// make([]error, len(tasks)). The second result is an error for all of them. A panic, or another number of errors, fails
// the batch, and each of its tasks comes again once as a batch of one.
func HandleBatch(process func(ctx context.Context, tasks []Task) ([]error, error)) {
	checkBatch()
	batchHandler = process
}

var batchHandler = func(context.Context, []Task) ([]error, error) {
	return nil, Stop(errors.New("the processor did not call wasmton.HandleBatch in an init function"))
}

// Select makes a task of the batch the current one, by its index: [Produce] and the log are about it from now on.
// Before the first call there is no task to produce for, and the log is about the batch.
func Select(index int) { selectTask(uint32(index)) }

// Verdicts on a task, as protocol 1 has them.
const (
	retry      = 1
	deadLetter = 2
	skip       = 3
	stop       = 4
)

type verdictError struct {
	verdict int32
	error
}

func (e verdictError) Unwrap() error { return e.error }

// DeadLetter returns an error which says that the task will never work, and that somebody should look at it.
func DeadLetter(err error) error { return verdictError{deadLetter, err} }

// Skip returns an error which says that the task need not be processed.
func Skip(err error) error { return verdictError{skip, err} }

// Stop returns an error which says that no task will work. By default Wasmton stops.
func Stop(err error) error { return verdictError{stop, err} }

// verdictOf returns the verdict that an error stands for.
func verdictOf(err error) int32 {
	var verdict verdictError
	if errors.As(err, &verdict) {
		return verdict.verdict
	}
	return retry
}

// Record is a Kafka record to write.
type Record struct {
	Topic string
	// Partition is nil if Kafka's partitioner is to choose, by the key if there is one.
	Partition *int32
	// Timestamp is zero for the time at which it is sent.
	Timestamp time.Time
	Key       []byte
	// Value is nil for a tombstone.
	Value   []byte
	Headers []Header
}

// Errors of Produce. Returned by a processor, they mean what their comments say: a retry would not help.
var (
	// ErrTopicDenied means that the topic was not granted (--output-topic): stop.
	ErrTopicDenied = Stop(errors.New("the topic is not granted (--output-topic)"))
	// ErrTooLarge means that the record has more bytes than one may have (--output-record-bytes): dead letter.
	ErrTooLarge = DeadLetter(errors.New("the record is too large (--output-record-bytes)"))
	// ErrQueueFull means that the task has produced as many bytes or records as it may (--output-task-bytes): dead
	// letter.
	ErrQueueFull = DeadLetter(errors.New("the task has produced as much as it may (--output-task-bytes)"))
)

// Produce adds a record to the output of the current task. Wasmton sends the records when the task is done, in their
// order; those of a failed task are never sent.
func Produce(record Record) error {
	switch produce(pack(record)) {
	case 0:
		return nil
	case 1:
		return ErrTopicDenied
	case 2:
		return ErrTooLarge
	default:
		return ErrQueueFull
	}
}

// Count adds to a counter, which the operator sees among the metrics. It counts at once, and however the task ends.
func Count(name string, amount uint32) { count(name, amount) }

// Setting returns a setting that the operator gave (--guest-config), and whether there is one of that name.
func Setting(name string) (string, bool) { return setting(name) }

// Settings returns all settings.
func Settings() map[string]string {
	settings := map[string]string{}
	for i := uint32(0); ; i++ {
		name, found := settingName(i)
		if !found {
			return settings
		}
		settings[name], _ = setting(name)
	}
}
