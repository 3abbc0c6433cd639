//! Links the library so that it is never unmapped: wasmtime's signal handlers and the epoch's thread live on when the
//! JVM unloads the class loader that loaded it. And lets it be linked for macOS on other systems.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete"),
        Ok("macos") if !cfg!(target_os = "macos") => frameworks(),
        // Windows and macOS are asked at run time: src/bridge/pin.rs.
        _ => {}
    }
}

/// Gives the linker the two frameworks that rustls-native-certs calls: a tool chain on another system has none. A text
/// file in place of each is all that it needs; macOS finds the functions when it loads the library.
fn frameworks() {
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("frameworks");
    for name in ["CoreFoundation", "Security"] {
        let text = format!(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\n\
             install-name: /System/Library/Frameworks/{name}.framework/Versions/A/{name}\n...\n"
        );
        let framework = folder.join(format!("{name}.framework"));
        std::fs::create_dir_all(&framework).expect("OUT_DIR may be written to");
        std::fs::write(framework.join(format!("{name}.tbd")), text).expect("OUT_DIR may be written to");
    }
    println!("cargo::rustc-cdylib-link-arg=-F{}", folder.display());
    println!("cargo::rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");
}
