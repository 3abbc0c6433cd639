// Quoted from "Adding experimental WebAssembly support to Decaton - Part 1", hello-wasm.rs, to show that it runs.

#[no_mangle]
pub extern "C" fn add(a: i32, b: i32) -> i32 {
    a + b
}
