// Quoted from "Adding experimental WebAssembly support to Decaton - Part 1", io-wasm.rs, to show that it runs. The
// article finds that it prints nothing without WASI; here it is built for wasm32-wasip1.

#[no_mangle]
pub extern "C" fn run() {
    println!("Hello Wasm!");
}
