//! Links the library so that it is never unmapped: wasmtime's signal handlers and the epoch's thread live on when the
//! JVM unloads the class loader that loaded it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
