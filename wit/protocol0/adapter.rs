//! `adapter.wasm` is what `adapter.wat` and `adapter.wit` make. After a change to those, make it anew:
//!
//!     WRITE_ADAPTER=1 cargo test --release --test adapter

use std::path::Path;

use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

#[test]
fn the_adapter_is_what_its_sources_make() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit/protocol0");
    let mut made = wat::parse_file(folder.join("adapter.wat")).expect("adapter.wat is WebAssembly text");
    let mut resolve = Resolve::default();
    let package = resolve.push_file(folder.join("adapter.wit")).expect("adapter.wit is WIT");
    let world = resolve.select_world(&[package], Some("adapter")).expect("it has the world");
    embed_component_metadata(&mut made, &resolve, world, StringEncoding::UTF8).expect("they go together");

    let built = folder.join("adapter.wasm");
    if std::env::var_os("WRITE_ADAPTER").is_some() {
        std::fs::write(&built, &made).expect("the folder can be written to");
    }
    let shipped = std::fs::read(&built).unwrap_or_default();
    assert!(shipped == made, "adapter.wasm is out of date; the head of this file says how to make it");
}
