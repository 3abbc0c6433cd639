//! `Wit`: reads WIT from its sources or out of a component, for the generator of Java sources.

use std::path::Path;

use jni::Env;
use jni::objects::{JClass, JString};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{PackageId, Resolve, WorldId};

use crate::binding::module::CORE_MODULE;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn read(path: JString, world: JString) -> JString }
}

/// Reads a folder or file of WIT, or a component, and returns it as JSON: wit-parser's own form of everything, with
/// the numbers of the package and of the world. An empty `world` stands for the package's only world, or for none if
/// the package has none.
fn read<'l>(env: &mut Env<'l>, _: JClass<'l>, path: JString<'l>, world: JString<'l>) -> Result<JString<'l>> {
    let path = path.try_to_string(env)?;
    let world = world.try_to_string(env)?;
    let (resolve, package, only) = resolve(Path::new(&path))?;
    let wanted = (!world.is_empty()).then_some(world.as_str());
    let world = match only {
        Some(world) if wanted.is_none() => Some(world),
        _ if wanted.is_none() && resolve.packages[package].worlds.is_empty() => None,
        _ => {
            let found = resolve.select_world(&[package], wanted);
            Some(found.map_err(|e| Error::argument(format!("{path}: {e:#}")))?)
        }
    };
    let text = serde_json::to_string(&resolve).map_err(|e| Error::state(format!("{path}: {e}")))?;
    let world = world.map_or_else(|| "null".to_owned(), |world| world.index().to_string());
    let json = format!(r#"{{"package":{},"world":{world},"resolve":{text}}}"#, package.index());
    Ok(JString::from_str(env, json)?)
}

/// Reads everything at a path. Returns it with its main package, for a component also with its world.
fn resolve(path: &Path) -> Result<(Resolve, PackageId, Option<WorldId>)> {
    let named = |e: &dyn std::fmt::Display| Error::argument(format!("{}: {e}", path.display()));
    let mut resolve = Resolve::default();
    if path.is_dir() {
        let found = resolve.push_dir(path);
        let (package, _) = found.map_err(|e| Error::argument(resolve.render_error(&e)))?;
        return Ok((resolve, package, None));
    }
    let bytes = std::fs::read(path).map_err(|e| named(&e))?;
    if !wat::Detect::from_bytes(&bytes).is_wasm() {
        let text = String::from_utf8(bytes).map_err(|_| named(&"neither WIT, which is UTF-8, nor a component"))?;
        let found = resolve.push_source(&path.display().to_string(), &text);
        let package = found.map_err(|e| Error::argument(resolve.render_error(&e)))?;
        return Ok((resolve, package, None));
    }
    let wasm = wat::parse_bytes(&bytes).map_err(|e| named(&e))?;
    if wasm.starts_with(CORE_MODULE) {
        return Err(named(&"a core module, which has no WIT; `wasm-tools component new` makes a component of it"));
    }
    match decode(&wasm).map_err(|e| named(&format!("{e:#}")))? {
        DecodedWasm::WitPackage(resolve, package) => Ok((resolve, package, None)),
        DecodedWasm::Component(resolve, world) => {
            let package = resolve.worlds[world].package.ok_or_else(|| named(&"its world belongs to no package"))?;
            Ok((resolve, package, Some(world)))
        }
    }
}
