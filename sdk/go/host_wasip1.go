package wasmton

import (
	"bytes"
	"unsafe"
)

//go:wasmimport wasmton_v1 finish
func wasmtonFinish(verdict int32, reason unsafe.Pointer, length uint32)

//go:wasmimport wasmton_v1 produce
func wasmtonProduce(record unsafe.Pointer, length uint32) int32

//go:wasmimport wasmton_v1 log
func wasmtonLog(level int32, text unsafe.Pointer, length uint32)

//go:wasmimport wasmton_v1 log_enabled
func wasmtonLogEnabled(level int32) int32

//go:wasmimport wasmton_v1 count
func wasmtonCount(name unsafe.Pointer, length uint32, amount uint32)

//go:wasmimport wasmton_v1 setting
func wasmtonSetting(name unsafe.Pointer, nameLength uint32, buffer unsafe.Pointer, capacity uint32) int32

//go:wasmimport wasmton_v1 setting_name
func wasmtonSettingName(index uint32, buffer unsafe.Pointer, capacity uint32) int32

//go:wasmimport wasmton_v1 state_open
func wasmtonStateOpen(name unsafe.Pointer, length uint32) int32

//go:wasmimport wasmton_v1 state_get
func wasmtonStateGet(store int32, key unsafe.Pointer, keyLength uint32, buffer unsafe.Pointer, capacity uint32) int32

//go:wasmimport wasmton_v1 state_set
func wasmtonStateSet(store int32, key unsafe.Pointer, keyLength uint32, value unsafe.Pointer, valueLength uint32) int32

//go:wasmimport wasmton_v1 state_delete
func wasmtonStateDelete(store int32, key unsafe.Pointer, keyLength uint32) int32

//go:wasmimport wasmton_v1 state_scan
func wasmtonStateScan(store int32, from unsafe.Pointer, fromLength uint32, to unsafe.Pointer, toLength int32,
	limit uint32, buffer unsafe.Pointer, capacity uint32) int32

// buffer is where tasks arrive. It grows to the largest one, or the largest batch.
var buffer = make([]byte, 64*1024)

// each calls process with what next brings, until there is nothing. A copy, so that a processor may keep its parts.
func each(next func(buffer unsafe.Pointer, capacity uint32) int32, process func(packed []byte)) {
	for {
		size := next(unsafe.Pointer(unsafe.SliceData(buffer)), uint32(len(buffer)))
		if size < 0 {
			return
		}
		if int(size) > len(buffer) {
			buffer = make([]byte, int(size)+int(size)/2)
			continue
		}
		process(bytes.Clone(buffer[:size]))
	}
}

func finish(err error) {
	reason := err.Error()
	wasmtonFinish(verdictOf(err), unsafe.Pointer(unsafe.StringData(reason)), uint32(len(reason)))
}

func produce(packed []byte) int32 {
	return wasmtonProduce(unsafe.Pointer(unsafe.SliceData(packed)), uint32(len(packed)))
}

func logEnabled(level int32) bool { return wasmtonLogEnabled(level) != 0 }

func logLine(level int32, line string) {
	wasmtonLog(level, unsafe.Pointer(unsafe.StringData(line)), uint32(len(line)))
}

func count(name string, amount uint32) {
	wasmtonCount(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), amount)
}

func setting(name string) (string, bool) {
	return text(func(buffer unsafe.Pointer, capacity uint32) int32 {
		return wasmtonSetting(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), buffer, capacity)
	})
}

func settingName(index uint32) (string, bool) {
	return text(func(buffer unsafe.Pointer, capacity uint32) int32 {
		return wasmtonSettingName(index, buffer, capacity)
	})
}

// text gets a text of unknown size.
func text(get func(buffer unsafe.Pointer, capacity uint32) int32) (string, bool) {
	size := get(nil, 0)
	if size <= 0 {
		return "", size == 0
	}
	value := make([]byte, size)
	get(unsafe.Pointer(unsafe.SliceData(value)), uint32(size))
	return string(value), true
}

func at(bytes []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(bytes)), uint32(len(bytes))
}

func stateOpen(name string) int32 {
	return wasmtonStateOpen(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)))
}

func stateGet(store int32, key, buffer []byte) int32 {
	keyAt, keyLength := at(key)
	bufferAt, capacity := at(buffer)
	return wasmtonStateGet(store, keyAt, keyLength, bufferAt, capacity)
}

func stateSet(store int32, key, value []byte) int32 {
	keyAt, keyLength := at(key)
	valueAt, valueLength := at(value)
	return wasmtonStateSet(store, keyAt, keyLength, valueAt, valueLength)
}

func stateDelete(store int32, key []byte) int32 {
	keyAt, keyLength := at(key)
	return wasmtonStateDelete(store, keyAt, keyLength)
}

func stateScan(store int32, from, to []byte, limit uint32, buffer []byte) int32 {
	fromAt, fromLength := at(from)
	toAt, _ := at(to)
	bufferAt, capacity := at(buffer)
	return wasmtonStateScan(store, fromAt, fromLength, toAt, lengthOf(to), limit, bufferAt, capacity)
}
