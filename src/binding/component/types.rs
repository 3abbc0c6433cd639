//! Types of a component as text, which Java reads in `ComponentType`: WIT's own way to write them, for lack of names
//! with records and the like in place of those.

use std::fmt::Write;

use wasmtime::Engine;
use wasmtime::component::types::{ComponentExtern, ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ResourceType, Type};

use crate::bridge::error::Result;

/// The most that the types of a component may take as text. A component of a few kilobytes can have types that take
/// gigabytes, as each use of a type is written out.
const MOST: usize = 8 << 20;

/// Resources with their names.
type Names = Vec<(ResourceType, String)>;

/// Returns interface, name and type of each item that a component imports or exports. One without an interface has none
/// before its name; each interface comes first without a name and type.
pub fn items(component: &Component, imports: bool) -> Result<Vec<String>> {
    let engine = component.engine();
    let ty = component.component_type();
    let mut names = Names::new();
    for (name, item) in ty.imports(engine).chain(ty.exports(engine)) {
        name_resources(engine, name, &item, &mut names);
    }
    let mut text = Text { names: &names, written: 0 };
    let mut items = Vec::new();
    let all: Vec<_> = if imports { ty.imports(engine).collect() } else { ty.exports(engine).collect() };
    for (name, item) in all {
        if let ComponentItem::ComponentInstance(instance) = &item.ty {
            items.extend([name.to_owned(), String::new(), String::new()]);
            for (member, item) in instance.exports(engine) {
                items.extend([name.to_owned(), member.to_owned(), text.item(&item.ty)?]);
            }
        } else {
            items.extend([String::new(), name.to_owned(), text.item(&item.ty)?]);
        }
    }
    Ok(items)
}

fn name_resources(engine: &Engine, name: &str, item: &ComponentExtern<'_>, names: &mut Names) {
    let mut add = |resource: ResourceType, name: String| {
        if !names.iter().any(|(known, _)| *known == resource) {
            names.push((resource, name));
        }
    };
    match &item.ty {
        ComponentItem::Resource(resource) => add(*resource, name.to_owned()),
        ComponentItem::ComponentInstance(instance) => {
            for (member, item) in instance.exports(engine) {
                if let ComponentItem::Resource(resource) = item.ty {
                    add(resource, format!("{name}#{member}"));
                }
            }
        }
        _ => {}
    }
}

struct Text<'a> {
    names: &'a Names,
    written: usize,
}

impl Text<'_> {
    fn item(&mut self, item: &ComponentItem) -> Result<String> {
        let mut text = String::new();
        match item {
            ComponentItem::ComponentFunc(func) => self.func(&mut text, func)?,
            ComponentItem::Type(ty) => {
                text.push_str("type ");
                self.ty(&mut text, ty)?;
            }
            ComponentItem::Resource(resource) => write_all(&mut text, &["resource ", self.name(resource)]),
            ComponentItem::CoreFunc(_) => text.push_str("core func"),
            ComponentItem::Module(_) => text.push_str("core module"),
            ComponentItem::Component(_) => text.push_str("component"),
            ComponentItem::ComponentInstance(_) => text.push_str("instance"),
        }
        self.written += text.len();
        Ok(text)
    }

    fn func(&self, text: &mut String, func: &ComponentFunc) -> Result<()> {
        text.push_str(if func.async_() { "async func(" } else { "func(" });
        for (i, (name, ty)) in func.params().enumerate() {
            write_all(text, &[if i == 0 { "" } else { ", " }, name, ": "]);
            self.ty(text, &ty)?;
        }
        text.push(')');
        for ty in func.results() {
            text.push_str(" -> ");
            self.ty(text, &ty)?;
        }
        Ok(())
    }

    fn name(&self, resource: &ResourceType) -> &str {
        self.names.iter().find(|(known, _)| known == resource).map_or("a resource", |(_, name)| name)
    }

    fn ty(&self, text: &mut String, ty: &Type) -> Result<()> {
        if self.written + text.len() > MOST {
            return Err(wasmtime::format_err!("the types of the component take more than {MOST} bytes as text").into());
        }
        let named = |text: &mut String, kind: &str, names: &mut dyn Iterator<Item = &str>| {
            write_all(text, &[kind, "{"]);
            for (i, name) in names.enumerate() {
                write_all(text, &[if i == 0 { "" } else { ", " }, name]);
            }
            text.push('}');
        };
        match ty {
            Type::Bool => text.push_str("bool"),
            Type::S8 => text.push_str("s8"),
            Type::U8 => text.push_str("u8"),
            Type::S16 => text.push_str("s16"),
            Type::U16 => text.push_str("u16"),
            Type::S32 => text.push_str("s32"),
            Type::U32 => text.push_str("u32"),
            Type::S64 => text.push_str("s64"),
            Type::U64 => text.push_str("u64"),
            Type::Float32 => text.push_str("f32"),
            Type::Float64 => text.push_str("f64"),
            Type::Char => text.push_str("char"),
            Type::String => text.push_str("string"),
            Type::List(list) => self.of(text, "list", [list.ty()])?,
            Type::FixedLengthList(list) => {
                text.push_str("list<");
                self.ty(text, &list.ty())?;
                // Writing to a String cannot fail.
                let _ = write!(text, ", {}>", list.len());
            }
            Type::Map(map) => self.of(text, "map", [map.key(), map.value()])?,
            Type::Tuple(tuple) => self.of(text, "tuple", tuple.types())?,
            Type::Option(option) => self.of(text, "option", [option.ty()])?,
            Type::Record(record) => {
                text.push_str("record{");
                for (i, field) in record.fields().enumerate() {
                    write_all(text, &[if i == 0 { "" } else { ", " }, field.name, ": "]);
                    self.ty(text, &field.ty)?;
                }
                text.push('}');
            }
            Type::Variant(variant) => {
                text.push_str("variant{");
                for (i, case) in variant.cases().enumerate() {
                    write_all(text, &[if i == 0 { "" } else { ", " }, case.name]);
                    if let Some(ty) = case.ty {
                        text.push('(');
                        self.ty(text, &ty)?;
                        text.push(')');
                    }
                }
                text.push('}');
            }
            Type::Enum(names) => named(text, "enum", &mut names.names()),
            Type::Flags(names) => named(text, "flags", &mut names.names()),
            Type::Result(result) => {
                text.push_str("result");
                match (result.ok(), result.err()) {
                    (None, None) => {}
                    (Some(ok), None) => self.of(text, "", [ok])?,
                    (None, Some(error)) => {
                        text.push_str("<_, ");
                        self.ty(text, &error)?;
                        text.push('>');
                    }
                    (Some(ok), Some(error)) => self.of(text, "", [ok, error])?,
                }
            }
            Type::Own(resource) => write_all(text, &["own<", self.name(resource), ">"]),
            Type::Borrow(resource) => write_all(text, &["borrow<", self.name(resource), ">"]),
            Type::Future(future) => self.maybe_of(text, "future", future.ty())?,
            Type::Stream(stream) => self.maybe_of(text, "stream", stream.ty())?,
            Type::ErrorContext => text.push_str("error-context"),
        }
        Ok(())
    }

    fn maybe_of(&self, text: &mut String, name: &str, ty: Option<Type>) -> Result<()> {
        match ty {
            Some(ty) => self.of(text, name, [ty]),
            None => {
                text.push_str(name);
                Ok(())
            }
        }
    }

    fn of(&self, text: &mut String, name: &str, types: impl IntoIterator<Item = Type>) -> Result<()> {
        write_all(text, &[name, "<"]);
        for (i, ty) in types.into_iter().enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            self.ty(text, &ty)?;
        }
        text.push('>');
        Ok(())
    }
}

fn write_all(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
}

/// Returns whether a component imports or exports an async function or one with futures or streams, or imports a
/// function of WASI 0.3, of which some wait although they are not async.
pub fn has_async(component: &Component) -> bool {
    let engine = component.engine();
    let ty = component.component_type();
    let mut left = MOST_PARTS;
    let mut is_async = |item: &ComponentItem| match item {
        ComponentItem::ComponentFunc(func) => {
            func.async_() || func.params().map(|(_, ty)| ty).chain(func.results()).any(|ty| waits(&ty, &mut left))
        }
        _ => false,
    };
    ty.imports(engine).any(|(name, _)| name.starts_with("wasi:") && name.contains("@0.3."))
        || ty.imports(engine).chain(ty.exports(engine)).any(|(_, item)| match &item.ty {
            ComponentItem::ComponentInstance(instance) => instance.exports(engine).any(|(_, item)| is_async(&item.ty)),
            item => is_async(item),
        })
}

/// The most parts of types that are looked at for futures and streams. Types can refer to types, so a small component
/// can have more parts than there is time for.
const MOST_PARTS: usize = 100_000;

/// Returns whether a type has futures or streams.
fn waits(ty: &Type, left: &mut usize) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    match ty {
        Type::Future(_) | Type::Stream(_) => true,
        Type::List(list) => waits(&list.ty(), left),
        Type::FixedLengthList(list) => waits(&list.ty(), left),
        Type::Map(map) => waits(&map.key(), left) || waits(&map.value(), left),
        Type::Option(option) => waits(&option.ty(), left),
        Type::Result(result) => result.ok().iter().chain(&result.err()).any(|ty| waits(ty, left)),
        Type::Tuple(tuple) => tuple.types().any(|ty| waits(&ty, left)),
        Type::Record(record) => record.fields().any(|field| waits(&field.ty, left)),
        Type::Variant(variant) => variant.cases().filter_map(|case| case.ty).any(|ty| waits(&ty, left)),
        _ => false,
    }
}

/// Returns how many core values stand for a value, or more than `most` for more.
pub fn flat(ty: &Type, most: usize) -> usize {
    let sum = |types: &mut dyn Iterator<Item = Type>| {
        let mut sum = 0;
        for ty in types {
            sum += flat(&ty, most);
            if sum > most {
                break;
            }
        }
        sum
    };
    match ty {
        Type::String | Type::List(_) | Type::Map(_) => 2,
        Type::Record(record) => sum(&mut record.fields().map(|field| field.ty)),
        Type::Tuple(tuple) => sum(&mut tuple.types()),
        Type::FixedLengthList(list) => flat(&list.ty(), most).saturating_mul(list.len() as usize),
        Type::Variant(variant) => {
            1 + variant.cases().filter_map(|case| case.ty).map(|ty| flat(&ty, most)).max().unwrap_or(0)
        }
        Type::Option(option) => 1 + flat(&option.ty(), most),
        Type::Result(result) => 1 + result.ok().iter().chain(&result.err()).map(|ty| flat(ty, most)).max().unwrap_or(0),
        Type::Flags(flags) => flags.names().len().div_ceil(32),
        _ => 1,
    }
}
