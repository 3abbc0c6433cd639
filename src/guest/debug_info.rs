//! Debug information that is too large to be of use. wasmtime parses all of it at each trap, on the host's time and in
//! the host's memory.

use std::borrow::Cow;

use crate::guest::component;

/// More bytes of debug information than this are left out.
const MOST: usize = 16 * 1024 * 1024;

/// Sections of components that hold a module or a component.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// Components within components are followed that deep.
const DEPTH: usize = 32;

/// Returns the wasm without its debug information, if that is too large.
pub fn without_excess(wasm: &[u8]) -> Cow<'_, [u8]> {
    let mut size = 0;
    match strip(wasm, DEPTH, &mut size) {
        Some(stripped) if size > MOST => stripped.into(),
        // Small, or no wasm, which the compiler says better.
        _ => wasm.into(),
    }
}

/// Copies the wasm without its debug information, whose size is added up.
fn strip(wasm: &[u8], depth: usize, size: &mut usize) -> Option<Vec<u8>> {
    let (header, mut rest) = wasm.split_at_checked(component::HEADER.len())?;
    let in_component = header == component::HEADER;
    let mut stripped = header.to_vec();
    while let Some((id, after)) = rest.split_first() {
        let (length, after) = number(after)?;
        let (payload, after) = after.split_at_checked(length)?;
        rest = after;
        if *id == 0 && is_debug(payload) {
            *size += payload.len();
            continue;
        }
        let nested = in_component && (*id == CORE_MODULE || *id == COMPONENT) && depth > 0;
        let payload = if nested { strip(payload, depth - 1, size)?.into() } else { Cow::Borrowed(payload) };
        stripped.push(*id);
        put_number(&mut stripped, payload.len());
        stripped.extend_from_slice(&payload);
    }
    Some(stripped)
}

fn is_debug(custom: &[u8]) -> bool {
    number(custom).is_some_and(|(length, rest)| rest.get(..length).is_some_and(|name| name.starts_with(b".debug_")))
}

/// Reads a number in LEB128 of 32 bits.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for (i, byte) in bytes.iter().enumerate().take(5) {
        number |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[i + 1..]));
        }
    }
    None
}

fn put_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 & 0x7f | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: u8, payload: &[u8]) -> Vec<u8> {
        let mut section = vec![id];
        put_number(&mut section, payload.len());
        section.extend_from_slice(payload);
        section
    }

    fn module(debug: usize) -> Vec<u8> {
        let mut module = wat::parse_str("(module (func (export \"f\")))").expect("a module");
        let mut custom = b"\x0b.debug_line".to_vec();
        custom.resize(custom.len() + debug, 7);
        module.extend(section(0, &custom));
        module.extend(section(0, b"\x04name"));
        module
    }

    fn component(debug: usize) -> Vec<u8> {
        let mut inner = component::HEADER.to_vec();
        inner.extend(section(CORE_MODULE, &module(debug)));
        let mut outer = component::HEADER.to_vec();
        outer.extend(section(COMPONENT, &inner));
        outer
    }

    #[test]
    fn only_large_debug_information_is_left_out() {
        for make in [module, component] {
            let small = make(1000);
            assert_eq!(small, without_excess(&small).as_ref());
            let large = make(MOST);
            let stripped = without_excess(&large);
            assert!(stripped.len() < 200, "{}", stripped.len());
            let text = String::from_utf8_lossy(&stripped).into_owned();
            assert!(text.contains("name") && !text.contains(".debug_"), "{text:?}");
            wasmtime::Engine::default().precompile_module(&without_excess(&module(MOST))).expect("still a module");
        }
        wasmtime::component::Component::new(&wasmtime::Engine::default(), without_excess(&component(MOST)))
            .expect("still a component");
    }

    #[test]
    fn what_is_no_wasm_stays() {
        let mut cut = module(MOST);
        cut.truncate(cut.len() - 1);
        for bytes in [&b"\0asm"[..], b"", &cut, &[0, b'a', b's', b'm', 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(bytes, without_excess(bytes).as_ref());
        }
    }
}
