package wasmton

import (
	"encoding/binary"
	"time"
)

// Sizes in the layout of a record, which docs/protocol-1.md describes.
const (
	fixed         = 40
	fixedOfHeader = 8
)

type reader []byte

func (r *reader) int() int32 {
	value := int32(binary.LittleEndian.Uint32(*r))
	*r = (*r)[4:]
	return value
}

func (r *reader) long() int64 {
	value := int64(binary.LittleEndian.Uint64(*r))
	*r = (*r)[8:]
	return value
}

// bytes reads that many bytes, or nil for -1.
func (r *reader) bytes(length int32) []byte {
	if length < 0 {
		return nil
	}
	value := (*r)[:length:length]
	*r = (*r)[length:]
	return value
}

func unpack(packed []byte) Task {
	r := reader(packed)
	task := Task{Partition: r.int(), Attempt: int(r.int()), Offset: r.long()}
	if timestamp := r.long(); timestamp >= 0 {
		task.Timestamp = time.UnixMilli(timestamp).UTC()
	}
	topic, key, value, headers := r.int(), r.int(), r.int(), r.int()
	task.Topic = string(r.bytes(topic))
	task.Key = r.bytes(key)
	task.Value = r.bytes(value)
	if headers > 0 {
		task.Headers = make([]Header, headers)
	}
	for i := range task.Headers {
		name, value := r.int(), r.int()
		task.Headers[i] = Header{string(r.bytes(name)), r.bytes(value)}
	}
	return task
}

func pack(record Record) []byte {
	size := fixed + len(record.Topic) + len(record.Key) + len(record.Value)
	for _, header := range record.Headers {
		size += fixedOfHeader + len(header.Name) + len(header.Value)
	}
	packed := make([]byte, 0, size)
	partition, timestamp := int32(-1), int64(-1)
	if record.Partition != nil {
		partition = *record.Partition
	}
	if !record.Timestamp.IsZero() {
		timestamp = record.Timestamp.UnixMilli()
	}
	packed = putInt(packed, partition)
	packed = putInt(packed, 0)
	packed = putLong(packed, -1)
	packed = putLong(packed, timestamp)
	packed = putInt(packed, int32(len(record.Topic)))
	packed = putInt(packed, lengthOf(record.Key))
	packed = putInt(packed, lengthOf(record.Value))
	packed = putInt(packed, int32(len(record.Headers)))
	packed = append(packed, record.Topic...)
	packed = append(packed, record.Key...)
	packed = append(packed, record.Value...)
	for _, header := range record.Headers {
		packed = putInt(packed, int32(len(header.Name)))
		packed = putInt(packed, lengthOf(header.Value))
		packed = append(packed, header.Name...)
		packed = append(packed, header.Value...)
	}
	return packed
}

func putInt(to []byte, value int32) []byte {
	return binary.LittleEndian.AppendUint32(to, uint32(value))
}

func putLong(to []byte, value int64) []byte {
	return binary.LittleEndian.AppendUint64(to, uint64(value))
}

func lengthOf(bytes []byte) int32 {
	if bytes == nil {
		return -1
	}
	return int32(len(bytes))
}
