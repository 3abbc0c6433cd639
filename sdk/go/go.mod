module github.com/wasmton/wasmton/sdk/go

go 1.24
