//! Compiled guests: made of wasm, or loaded from the file that one was saved in. Which files are to be trusted is
//! decided in Java, by `CodeCache`.

use wasmtime::component::Component;
use wasmtime::{Engine, Module, Precompiled};

use crate::binding::component::{fiber, needs_async_feature};
use crate::bridge::error::{Error, Result};
use crate::guest::engines;
use crate::guest::{component, debug_info};

/// Code that guests are instantiated from.
pub enum Code {
    Module(Module),
    Component(Component),
}

impl Code {
    /// Compiles the binary or the text format, for guests with that much stack. Needs a large stack itself.
    pub fn compile(wasm: &[u8], stack: usize) -> Result<Code> {
        let wasm = wat::parse_bytes(wasm).map_err(|e| Error::from(wasmtime::Error::msg(e.to_string())))?;
        let wasm = debug_info::without_excess(&wasm);
        Ok(if wasm.starts_with(&component::HEADER) {
            Code::Component(compile_component(&wasm, stack)?)
        } else {
            Code::Module(Module::from_binary(&engines::standard(stack)?, &wasm)?)
        })
    }

    /// Maps the file that [`Code::save`] wrote, for guests with that much stack.
    pub fn load(path: &str, stack: usize) -> Result<Code> {
        let standard = engines::standard(stack)?;
        match Engine::detect_precompiled_file(path)? {
            // SAFETY: `CodeCache` found the file where only this user can write, with the checksum that it had when it
            // was saved; such files are only ever renamed and deleted. That it is of this version of wasmtime, these
            // settings and this kind of CPU wasmtime checks.
            Some(Precompiled::Module) => Ok(Code::Module(unsafe { Module::deserialize_file(&standard, path)? })),
            Some(Precompiled::Component) => {
                // SAFETY: as above.
                let load = |engine: &Engine| unsafe { Component::deserialize_file(engine, path) };
                // One of them has the settings that the file was compiled with; the others refuse it.
                let loaded = load(&engines::small(stack)?).or_else(|_| load(&standard));
                let [small, large] = [0, usize::MAX].map(|bytes| engines::for_async_component(bytes, stack));
                let (small, large) = (small?, large?);
                Ok(Code::Component(loaded.or_else(|_| load(&small)).or_else(|_| load(&large))?))
            }
            None => Err(wasmtime::format_err!("{path} is no compiled guest").into()),
        }
    }

    /// Writes a file for [`Code::load`].
    pub fn save(&self, path: &str) -> Result<()> {
        let bytes = match self {
            Code::Module(module) => module.serialize()?,
            Code::Component(component) => component.serialize()?,
        };
        Ok(std::fs::write(path, bytes).map_err(wasmtime::Error::from)?)
    }
}

/// Compiles a component, with an engine for async ones only if it is async.
fn compile_component(wasm: &[u8], stack: usize) -> Result<Component> {
    let compiled = Component::from_binary(&engines::for_component(wasm.len(), stack)?, wasm);
    let needs_async = match &compiled {
        // It may import functions of WASI 0.3 alone that are not async.
        Ok(component) => fiber::are_needed(component),
        Err(e) => cfg!(feature = "component-async") && needs_async_feature(e),
    };
    if needs_async {
        return Ok(Component::from_binary(&engines::for_async_component(wasm.len(), stack)?, wasm)?);
    }
    Ok(compiled?)
}
