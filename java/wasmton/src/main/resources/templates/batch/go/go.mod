module example.com/{{name}}

go 1.24

require github.com/wasmton/wasmton/sdk/go v0.0.0

replace github.com/wasmton/wasmton/sdk/go => ./wasmton
