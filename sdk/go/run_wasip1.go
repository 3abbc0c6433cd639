//go:build !batch

package wasmton

import (
	"context"
	"unsafe"
)

//go:wasmimport wasmton_v1 next
func wasmtonNext(buffer unsafe.Pointer, capacity uint32) int32

//go:wasmexport run
func run() {
	each(wasmtonNext, func(packed []byte) {
		if err := handler(context.Background(), unpack(packed)); err != nil {
			finish(err)
		}
	})
}

// checkBatch ends a processor for batches at its start: what is built without the tag takes one task at a time.
func checkBatch() { panic("wasmton.HandleBatch needs a build with -tags batch") }

// Outside of batches there is nothing to select.
func selectTask(uint32) {}
