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

// Outside of batches there is nothing to select.
func selectTask(uint32) {}
