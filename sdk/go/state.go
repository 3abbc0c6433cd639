package wasmton

import (
	"bytes"
	"errors"
)

// Store is a store, in which a processor keeps bytes by key. The operator grants it (--state). What a task writes is
// kept when the task is done, and dropped when it failed. Its methods panic where there is no task.
type Store struct{ number int32 }

// Entry is an entry of a store.
type Entry struct {
	Key   []byte
	Value []byte
}

// Errors of stores. Returned by a processor, they mean what their comments say: a retry would not help.
var (
	// ErrNoSuchStore means that there is no store of that name (--state): stop.
	ErrNoSuchStore = Stop(errors.New("there is no such store (--state)"))
	// ErrReadOnly means that the store is a table, which is only read: stop.
	ErrReadOnly = Stop(errors.New("the store is a table, which is only read"))
	// ErrEntryTooLarge means that a key has more than 65,536 bytes, or a key and its value more than 1,000,000: dead
	// letter.
	ErrEntryTooLarge = DeadLetter(errors.New("the key or the value is too large for a store"))
	// ErrStateLimit means that the task has used its stores as much as it may: dead letter. The log says which limit.
	ErrStateLimit = DeadLetter(errors.New("the task has used its stores as much as it may"))
)

func stateError(refusal int32) error {
	switch refusal {
	case 0:
		return nil
	case 1:
		return ErrReadOnly
	case 2:
		return ErrEntryTooLarge
	default:
		return ErrStateLimit
	}
}

// OpenStore returns the store of that name. It can be kept from task to task.
func OpenStore(name string) (Store, error) {
	number := stateOpen(name)
	if number < 0 {
		return Store{}, ErrNoSuchStore
	}
	return Store{number}, nil
}

// results is where values and entries arrive. It grows to the largest one.
var results = make([]byte, 4*1024)

// result calls a function with a buffer that is large enough for its result, and returns the result.
func result(get func(buffer []byte) int32) ([]byte, int32) {
	size := get(results)
	if int(size) > len(results) {
		results = make([]byte, int(size)+int(size)/2)
		size = get(results)
	}
	if size < 0 {
		return nil, size
	}
	return results[:size], size
}

// Get returns the value of a key, nil if there is none.
func (s Store) Get(key []byte) ([]byte, error) {
	value, size := result(func(buffer []byte) int32 { return stateGet(s.number, key, buffer) })
	if size < -1 {
		return nil, stateError(-size)
	}
	return bytes.Clone(value), nil
}

// Set sets the value of a key.
func (s Store) Set(key, value []byte) error { return stateError(stateSet(s.number, key, value)) }

// Delete removes a key; one that is not there is no error.
func (s Store) Delete(key []byte) error { return stateError(stateDelete(s.number, key)) }

// Scan returns the first entries whose keys are at least from and below to, in the order of their bytes. A nil to is
// the end of the store.
func (s Store) Scan(from, to []byte, limit int) ([]Entry, error) {
	packed, size := result(func(buffer []byte) int32 {
		return stateScan(s.number, from, to, uint32(max(limit, 0)), buffer)
	})
	if size < 0 {
		return nil, stateError(-size)
	}
	var entries []Entry
	for r := reader(bytes.Clone(packed)); len(r) > 0; {
		key, value := r.int(), r.int()
		entries = append(entries, Entry{r.bytes(key), r.bytes(value)})
	}
	return entries, nil
}

// ScanPrefix returns the first entries whose keys begin with prefix, in the order of their bytes.
func (s Store) ScanPrefix(prefix []byte, limit int) ([]Entry, error) {
	return s.Scan(prefix, prefixEnd(prefix), limit)
}

// prefixEnd returns the first key behind all that begin with prefix, nil if there is none.
func prefixEnd(prefix []byte) []byte {
	for length := len(prefix); length > 0; length-- {
		if last := prefix[length-1]; last < 255 {
			return append(bytes.Clone(prefix[:length-1]), last+1)
		}
	}
	return nil
}
