module {{name}}

go 1.24

require (
	github.com/stealthrocket/net v0.2.1
	github.com/wasmton/wasmton/sdk/go v0.0.0
)

replace github.com/wasmton/wasmton/sdk/go => ./wasmton
