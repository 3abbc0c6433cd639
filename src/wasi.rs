//! `Wasi`: preview 1 contexts, from a plain description.

use jni::Env;
use jni::objects::{JClass, JObjectArray, JString};
use jni::sys::jlong;
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::error::{Error, Result};
use crate::java::{natives, strings};
use crate::linker::LINKERS;
use crate::store;

/// What a guest gets to see: `WasiConfig` as it crosses.
pub struct Description {
    args: Vec<String>,
    env: Vec<(String, String)>,
    /// Path here, path in the guest.
    dirs: Vec<(String, String)>,
}

natives! {
    { fn install(store: jlong, args: JString[], env: JString[], dirs: JString[]) -> void }
    { fn add_to_linker(linker: jlong, store: jlong) -> void }
}

impl Description {
    /// `env` and `dirs` hold pairs, one after the other.
    pub fn read(
        jvm: &mut Env<'_>,
        args: &JObjectArray<'_, JString<'_>>,
        env: &JObjectArray<'_, JString<'_>>,
        dirs: &JObjectArray<'_, JString<'_>>,
    ) -> Result<Self> {
        let mut pairs = |array| -> Result<Vec<_>> {
            let flat = strings(jvm, array)?;
            Ok(flat.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
        };
        Ok(Description { env: pairs(env)?, dirs: pairs(dirs)?, args: strings(jvm, args)? })
    }

    pub fn build(&self) -> Result<WasiP1Ctx> {
        let mut builder = WasiCtxBuilder::new();
        // The thread is the caller's to block; files then need no hop to another.
        builder.allow_blocking_current_thread(true);
        builder.inherit_stdout().inherit_stderr();
        builder.args(&self.args).envs(&self.env);
        for (here, there) in &self.dirs {
            builder
                .preopened_dir(here, there, FsPerms::ReadWrite)
                .map_err(|e| Error::Wasm(e.context(format!("cannot open the directory '{here}' for the guest"))))?;
        }
        Ok(builder.build_p1())
    }
}

fn install<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    args: JObjectArray<'l, JString<'l>>,
    variables: JObjectArray<'l, JString<'l>>,
    dirs: JObjectArray<'l, JString<'l>>,
) -> Result<()> {
    let wasi = Description::read(env, &args, &variables, &dirs)?.build()?;
    store::with(store, |mut store| {
        store.data_mut().wasi = Some(wasi);
        Ok(())
    })
}

fn add_to_linker(_: &mut Env<'_>, _: JClass<'_>, linker: jlong, store: jlong) -> Result<()> {
    store::with(store, |_| {
        let mut linker = LINKERS.enter(linker)?;
        // Java adds a Wasi only to a Linker of its own Store, so the context is there. An empty one grants nothing.
        p1::add_to_linker_sync(&mut linker, |data| data.wasi.get_or_insert_with(|| WasiCtxBuilder::new().build_p1()))?;
        Ok(())
    })
}
