//! The rule that the rooms of `lib.rs` use each other one way only: `guest` -> `binding` -> `bridge`. And the bridge
//! names nothing of wasmtime.

use std::fs;
use std::path::Path;

/// A room, and the things that its files must not name.
struct Room {
    name: &'static str,
    /// Rooms above it.
    above: &'static [&'static str],
    knows_wasmtime: bool,
}

const ROOMS: [Room; 3] = [
    Room { name: "bridge", above: &["binding", "guest"], knows_wasmtime: false },
    Room { name: "binding", above: &["guest"], knows_wasmtime: true },
    Room { name: "guest", above: &[], knows_wasmtime: true },
];

/// Returns the words and signs of a source, with `::` as one. Comments count: a link in one is an arrow, too.
fn tokens(source: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(end);
        if !token.trim().is_empty() {
            tokens.push(token);
        }
        rest = after;
    }
    tokens
}

/// Returns the first words of all paths that begin with `crate::`, or with two times `super::` or more, groups
/// included.
fn named<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    let mut named = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let start = at;
        at += 1;
        let mut supers = 0;
        match tokens[start] {
            "crate" if tokens.get(at) == Some(&"::") => at += 1,
            "super" => {
                at = start;
                while tokens.get(at) == Some(&"super") && tokens.get(at + 1) == Some(&"::") {
                    supers += 1;
                    at += 2;
                }
                if supers < 2 {
                    at = at.max(start + 1);
                    continue;
                }
            }
            _ => continue,
        }
        if tokens.get(at) != Some(&"{") {
            named.extend(tokens.get(at));
            continue;
        }
        let mut depth = 0;
        for (token, before) in tokens[at..].iter().zip(&tokens[at - 1..]) {
            match *token {
                "{" => depth += 1,
                "}" => depth -= 1,
                word if depth == 1 && matches!(*before, "{" | ",") => named.push(word),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    named
}

/// Returns what is wrong with a source of that room.
fn wrong(room: &Room, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let arrows =
        named(&tokens).into_iter().filter(|name| room.above.contains(name)).map(|name| format!("crate::{name}"));
    let is_wasmtime = |word: &str| word.starts_with("wasmtime") || word.starts_with("wiggle");
    let crates = tokens
        .windows(2)
        .filter(|pair| !room.knows_wasmtime && is_wasmtime(pair[0]) && pair[1] == "::")
        .map(|pair| format!("{}::", pair[0]));
    arrows.chain(crates).collect()
}

/// Collects the paths and texts of the Rust files at and below a path.
fn read(path: &Path, sources: &mut Vec<(String, String)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder of ours") {
            read(&entry.expect("an entry of it").path(), sources);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        sources.push((path.display().to_string(), fs::read_to_string(path).expect("a source of ours")));
    }
}

#[test]
fn no_arrow_runs_back() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in &ROOMS {
        let mut sources = Vec::new();
        read(&src.join(format!("{}.rs", room.name)), &mut sources);
        read(&src.join(room.name), &mut sources);
        assert!(sources.len() > 5, "the room {} has moved", room.name);
        for (path, source) in sources {
            assert_eq!(Vec::<String>::new(), wrong(room, &source), "{path} must not name these");
        }
    }
}

#[test]
fn every_file_is_in_a_room() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<_> = fs::read_dir(src)
        .expect("the sources")
        .map(|entry| entry.expect("an entry of them").file_name().into_string().expect("a name in UTF-8"))
        .collect();
    files.sort();
    assert_eq!(
        ["binding", "binding.rs", "bridge", "bridge.rs", "guest", "guest.rs", "lib.rs", "seam.rs"].as_slice(),
        files
    );
}

#[test]
fn arrows_that_run_back_are_found() {
    let [bridge, binding, guest] = &ROOMS;
    for (room, source) in [
        (bridge, "use crate::binding::store;"),
        (bridge, "use crate::{bridge::error, guest::notes};"),
        (bridge, "use crate :: {\n    bridge::{error, java},\n    binding,\n};"),
        (bridge, "/// See [`Store`](crate::binding::store)."),
        (bridge, "use super::super::guest::notes;"),
        (bridge, "fn f(e: wasmtime::Error) {}"),
        (bridge, "use wasmtime_wasi::I32Exit;"),
        (binding, "let notes = crate::guest::notes::Notes::default();"),
    ] {
        assert_eq!(1, wrong(room, source).len(), "{source}");
    }
    for (room, source) in [
        (bridge, "use crate::bridge::{error, stack}; /* guest, binding */"),
        (bridge, "bind_java_type! { JStore => io.github.wasmton.wasmtime.Store }"),
        (bridge, "use super::guest;"),
        (binding, "use crate::bridge::error; use wasmtime::Trap;"),
        (guest, "use crate::{binding, bridge, guest};"),
    ] {
        assert_eq!(Vec::<String>::new(), wrong(room, source), "{source}");
    }
}
