//! Advice for imports that nothing provides, by the tool chain that makes such imports.

/// Returns a sentence on how to build a module without that import.
pub fn on(module: &str, name: &str) -> &'static str {
    let is_emscripten = |name: &str| {
        ["emscripten_", "_emscripten", "invoke_", "__syscall", "__cxa_", "_embind"]
            .iter()
            .any(|it| name.starts_with(it))
    };
    match module {
        "env" if ["abort", "seed", "trace", "console.log"].contains(&name) || name.starts_with("Date.") => {
            "AssemblyScript imports this of its own accord. 'wasmton new --lang assemblyscript' makes a processor that \
             does without, by sdk/assemblyscript. For protocol 0: npm install @assemblyscript/wasi-shim, and give asc \
             --config node_modules/@assemblyscript/wasi-shim/asconfig.json."
        }
        "env" if is_emscripten(name) => {
            "Emscripten imports this for a page of the web; build with -sSTANDALONE_WASM -sPURE_WASI --no-entry."
        }
        "env" | "GOT.mem" | "GOT.func"
            if ["__linear_memory", "memory", "__indirect_function_table"].contains(&name) =>
        {
            "This is an object file or a dynamic library; link it into a module."
        }
        "GOT.mem" | "GOT.func" => "This is a dynamic library; link it into a module.",
        "env" => {
            "A function that is declared and that nothing defines becomes an import of 'env': link the library that \
             has it."
        }
        "wbg" | "__wbindgen_placeholder__" | "__wbindgen_externref_xform__" => {
            "wasm-bindgen makes this for JavaScript; build for wasm32-wasip1, with crates that do not use wasm-bindgen \
             (a feature named js or wasm-bindgen turns it on)."
        }
        "go" | "gojs" => {
            "Go and TinyGo make this for JavaScript; build with GOOS=wasip1 GOARCH=wasm -buildmode=c-shared, in TinyGo \
             with -target=wasip1 -buildmode=c-shared."
        }
        "wasi_unstable" => "This is WASI as it was before 2020; build with a present tool chain, for wasm32-wasip1.",
        "wasi" if name == "thread-spawn" => {
            "A processor has no threads; build for wasm32-wasip1 and not for wasm32-wasip1-threads."
        }
        module if module.contains(':') => {
            "This is the core of a component; make the component: wasm-tools component new, or a target wasm32-wasip2."
        }
        _ => {
            "A processor may import poll_task from 'decaton' (protocol 0) or functions of 'wasmton_v1' (protocol 1), \
             and WASI preview 1 (wasi_snapshot_preview1); build for wasm32-wasip1 or its like."
        }
    }
}

/// Returns a sentence on an import whose type is another.
pub fn on_type(error: &str) -> &'static str {
    if error.contains("wasi_snapshot_preview1") {
        "Emscripten before version 4 cuts an i64 in two; build with -sWASM_BIGINT."
    } else {
        "poll_task takes an i64 and an i32 and returns an i32; sdk/c/wasmton.h declares the functions of 'wasmton_v1'."
    }
}
