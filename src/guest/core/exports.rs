//! The exports that make a core module a processor.

use wasmtime::{ExternType, FuncType, Module, ValType};

use super::Protocol;
use crate::bridge::error::{Error, Result};

/// Checks the exports. The error says what is wrong, and how to mend it.
pub fn check(module: &Module, protocol: Protocol) -> Result<()> {
    let missing = |what: &str, how: &str| Err(Error::argument(format!("{what}. {how}")));
    match module.get_export("run") {
        Some(ExternType::Func(ty)) if is_run(&ty) => {
            if protocol == Protocol::One && ty.results().len() > 0 {
                return missing(
                    "its export 'run' returns an i32, as in protocol 0",
                    "In protocol 1 'run' returns nothing; wasmton_v1.finish gives the verdict on each task.",
                );
            }
        }
        Some(ExternType::Func(ty)) => {
            return missing(
                &format!("its export 'run' is {ty}, which is not the signature of a processor"),
                "'run' takes no parameters and returns nothing, or an i32 that is 0 for success.",
            );
        }
        Some(_) => return missing("its export 'run' is not a function", "A processor exports the function run()."),
        None if module.get_export("_start").is_some() => {
            return missing(
                "it is a command: it exports '_start' and no function 'run'",
                "Build a reactor that exports run(): crate-type cdylib in Rust, -buildmode=c-shared in Go, \
                 -mexec-model=reactor in C.",
            );
        }
        None => {
            let exports: Vec<_> = module.exports().map(|export| export.name().escape_debug().to_string()).collect();
            return missing(
                &match exports.join(", ") {
                    none if none.is_empty() => "it exports nothing at all".to_owned(),
                    names => format!("it exports no function 'run', only: {names}"),
                },
                "A processor exports the function run(), which is called once a task.",
            );
        }
    }
    match module.get_export("memory") {
        Some(ExternType::Memory(_)) => {}
        _ => {
            return missing(
                "it exports no memory of the name 'memory'",
                "Tasks are handed over in it; toolchains export it by default.",
            );
        }
    }
    for start in ["_initialize", "_start"] {
        match module.get_export(start) {
            Some(ExternType::Func(ty)) if ty.params().len() + ty.results().len() == 0 => {}
            None => {}
            Some(_) => {
                return missing(
                    &format!("its export '{start}' is not a function without parameters and results"),
                    "WASI calls it once, before anything else.",
                );
            }
        }
    }
    Ok(())
}

fn is_run(ty: &FuncType) -> bool {
    ty.params().len() == 0
        && (ty.results().len() == 0 || ty.results().len() == 1 && matches!(ty.result(0), Some(ValType::I32)))
}
