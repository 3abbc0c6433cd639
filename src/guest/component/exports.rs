//! The exports by which a component is a processor.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Type};

use crate::bridge::error::{Error, Result};

pub const PROTOCOL_0: &str = "decaton:protocol0/tasks@0.1.0";
pub const TASK_HANDLER: &str = "decaton:processor/task-handler@0.1.0";
pub const BATCH_HANDLER: &str = "decaton:processor/batch-handler@0.1.0";

/// The way in which a component gets its tasks.
#[derive(Clone, Copy)]
pub enum Protocol {
    /// By the world decaton:processor.
    World,
    /// By the world decaton:processor, many at once.
    Batches,
    /// By `run`, which may return a status.
    Zero { status: bool },
}

/// Finds the protocol. The error says what is wrong, and how to mend it.
pub fn check(compiled: &Component) -> Result<Protocol> {
    let engine = compiled.engine();
    let exports: Vec<_> =
        compiled.component_type().exports(engine).map(|(name, item)| (name.to_owned(), item.ty)).collect();
    let has = |wanted: &str| exports.iter().any(|(name, _)| name == wanted);
    match (has(TASK_HANDLER), has(BATCH_HANDLER)) {
        (true, true) => {
            return Err(Error::argument(format!(
                "it exports both {TASK_HANDLER} and {BATCH_HANDLER}. A processor takes single tasks or batches; remove \
                 one of the two."
            )));
        }
        (true, false) => return Ok(Protocol::World),
        (false, true) => return Ok(Protocol::Batches),
        (false, false) => {}
    }
    let names = || match exports.as_slice() {
        [] => "nothing at all".to_owned(),
        exports => format!(
            "only: {}",
            exports.iter().map(|(name, _)| name.escape_debug().to_string()).collect::<Vec<_>>().join(", ")
        ),
    };
    match exports.iter().find(|(name, _)| name == "run") {
        Some((_, ComponentItem::ComponentFunc(run))) => {
            let results: Vec<_> = run.results().collect();
            match (run.params().len(), results.as_slice()) {
                (0, []) => Ok(Protocol::Zero { status: false }),
                (0, [Type::S32]) => Ok(Protocol::Zero { status: true }),
                _ => Err(Error::argument(
                    "its export 'run' does not have the signature of a processor: 'run' takes no parameters and \
                     returns nothing, or an s32 that is 0 for success."
                        .to_owned(),
                )),
            }
        }
        _ if exports.iter().any(|(name, _)| name.starts_with("wasi:cli/run@")) => Err(Error::argument(
            "it is a command, with a main function. Build a library: crate-type cdylib in Rust.".to_owned(),
        )),
        _ => Err(Error::argument(format!(
            "it exports neither {TASK_HANDLER} nor a function 'run', but {}. A component exports the one (see \
             wit/processor) or the other (see wit/protocol0).",
            names()
        ))),
    }
}
