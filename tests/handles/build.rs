//! Makes the mutants: copies of `src/bridge/handle.rs`, each without one thing that it needs. The model check has to
//! find fault with every one of them.

use std::path::Path;
use std::{env, fs};

/// A mutant's name, what it lacks, and what it has instead.
const MUTANTS: [(&str, &str, &str); 8] = [
    ("without_fence_at_leaving", "fence(Ordering::SeqCst);\n        if can_be_emptied", "if can_be_emptied"),
    ("without_fence_at_emptying", "fence(Ordering::SeqCst);\n        if slot.user", "if slot.user"),
    ("without_look_at_leaving", "if can_be_emptied(slot.state.load(Ordering::Acquire)) {", "if false {"),
    ("without_look_at_emptying", "if !can_be_emptied(state) {", "if false {"),
    (
        "without_look_after_entering",
        "if is_open(slot.state.load(Ordering::Acquire), handle) {\n                        return",
        "{\n                        return",
    ),
    (
        "without_generation",
        "state >> GENERATION_SHIFT == handle as u64 >> GENERATION_SHIFT && state & CLOSED == 0",
        "handle > 0 && state & CLOSED == 0",
    ),
    (
        "without_release",
        "slot.user.store(NOBODY, Ordering::Release);\n        //",
        "slot.user.store(NOBODY, Ordering::Relaxed);\n        //",
    ),
    ("without_pins", "state & (CLOSED | EMPTY | PINS) == CLOSED", "state & (CLOSED | EMPTY) == CLOSED"),
];

fn main() {
    let original = "../../src/bridge/handle.rs";
    println!("cargo::rerun-if-changed={original}");
    println!("cargo::rerun-if-changed=build.rs");
    let source = fs::read_to_string(original).expect("this package lies in the project");
    // `include!` takes no documentation of the whole file.
    let source: String = source.split_inclusive('\n').filter(|line| !line.starts_with("//!")).collect();
    for (name, from, to) in MUTANTS {
        assert_eq!(1, source.matches(from).count(), "{original} has to have this once, for {name}: {from}");
        let mutant = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join(name).with_extension("rs");
        fs::write(mutant, source.replace(from, to)).expect("cargo's folder can be written to");
    }
}
