//go:build batch

package wasmton

import (
	"context"
	"encoding/binary"
	"fmt"
	"unsafe"
)

//go:wasmimport wasmton_v1 next_batch
func wasmtonNextBatch(buffer unsafe.Pointer, capacity uint32) int32

//go:wasmimport wasmton_v1 select
func selectTask(index uint32)

func checkBatch() {}

//go:wasmexport run
func run() {
	each(wasmtonNextBatch, func(packed []byte) {
		var tasks []Task
		for len(packed) > 0 {
			size := binary.LittleEndian.Uint32(packed)
			tasks = append(tasks, unpack(packed[4:4+size]))
			packed = packed[4+size:]
		}
		errs, err := batchHandler(context.Background(), tasks)
		if err != nil {
			errs = make([]error, len(tasks))
			for i := range errs {
				errs[i] = err
			}
		}
		if len(errs) != len(tasks) {
			panic(fmt.Sprintf("the processor returned %d results for %d tasks", len(errs), len(tasks)))
		}
		for i, err := range errs {
			if err != nil {
				Select(i)
				finish(err)
			}
		}
	})
}
