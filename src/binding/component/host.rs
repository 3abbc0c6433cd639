//! Java functions that components call, and the destructor of resources that are Java objects. All of one
//! `ComponentLinker` are behind one Java object, a `ComponentHost`, and have numbers there.

use jni::ids::JMethodID;
use jni::objects::{JByteArray, JObject};
use jni::refs::{LoaderContext, Reference};
use jni::signature::ReturnType;
use jni::sys::{jint, jvalue};
use jni::{Env, bind_java_type, jni_sig, jni_str};
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;
use wasmtime::component::types::ComponentFunc;

use crate::binding::component::packed::{Packed, java_resource};
use crate::binding::component::types::flat;
use crate::binding::component::values::{HostArguments, HostResult};
use crate::binding::host_calls::Lent;
use crate::binding::store::Data;
use crate::bridge::class::JavaClass;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::host_call;

bind_java_type! { pub JComponentHost => io.github.wasmton.wasmtime.internal.ComponentHost }

static COMPONENT_HOST: JavaClass<JMethodID> =
    JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.ComponentHost"));

/// The most parameters that a function takes as such.
const MOST_FLAT: usize = 16;

/// Looks `ComponentHost` up.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    COMPONENT_HOST.find(env, loader, |env, class| env.get_method_id(class, jni_str!("call"), jni_sig!("(I[B)[B")))?;
    Ok(())
}

/// A function or resource of Java's: the number of the `ComponentHost` among the objects that the Store holds, and the
/// number there.
#[derive(Clone, Copy)]
pub struct HostItem {
    pub host: usize,
    pub number: jint,
}

impl HostItem {
    /// Defines a function under a name. wasmtime makes the function for a number of core values.
    pub fn define(self, linker: &mut LinkerInstance<'_, Data>, name: &str, ty: &ComponentFunc) -> Result<()> {
        let mut params = 0;
        for (_, ty) in ty.params() {
            params += flat(&ty, MOST_FLAT);
            if params > MOST_FLAT {
                params = 0;
                break;
            }
        }
        let results: usize = ty.results().map(|ty| flat(&ty, 1)).sum();
        macro_rules! define {
            ($($count:literal)*) => {
                match params {
                    $( $count => match results {
                        1 => self.define_flat::<$count, 1>(linker, name),
                        _ => self.define_flat::<$count, 0>(linker, name),
                    } )*
                    _ => self.define_flat::<0, 0>(linker, name),
                }
            };
        }
        Ok(define!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)?)
    }

    fn define_flat<const PARAMS: usize, const RESULTS: usize>(
        self,
        linker: &mut LinkerInstance<'_, Data>,
        name: &str,
    ) -> wasmtime::Result<()> {
        linker.func_wrap(name, move |mut store: StoreContextMut<'_, Data>, arguments: HostArguments<PARAMS>| {
            let bytes = self.call(&mut store, arguments.0)?;
            Ok(HostResult::<RESULTS> { bytes, resources: store.data().components.resources.clone() })
        })
    }

    /// Defines a resource whose values are Java objects.
    pub fn define_resource(self, linker: &mut LinkerInstance<'_, Data>, name: &str) -> Result<()> {
        linker.resource(name, java_resource(), move |mut store, rep| {
            let mut packed = Packed::default();
            packed.u32(rep);
            self.call(&mut store, packed).map(drop)
        })?;
        Ok(())
    }

    /// Calls Java. What it borrowed is returned when the call is over.
    fn call(self, store: &mut StoreContextMut<'_, Data>, mut packed: Packed) -> wasmtime::Result<Vec<u8>> {
        let resources = store.data().components.resources.clone();
        let borrowed = packed.number(&resources);
        let called = host_call(|env| self.call_java(env, store, &packed.bytes));
        for number in borrowed {
            if let Ok(resource) = resources.remove(number) {
                resource.resource_drop(&mut *store)?;
            }
        }
        called.map_err(Error::into_wasmtime)
    }

    fn call_java(self, env: &mut Env<'_>, store: &mut StoreContextMut<'_, Data>, bytes: &[u8]) -> Result<Vec<u8>> {
        let host = store.data().held.function(self.host).ok_or_else(|| Error::closed("Store"))?.as_raw();
        // SAFETY: the reference is good until the host function returns, since a Store releases its objects only when
        // nothing runs in it.
        let host = unsafe { JObject::from_raw(env, host) };
        let values = env.byte_array_from_slice(bytes)?;
        let arguments = [jvalue { i: self.number }, jvalue { l: values.as_raw() }];
        // SAFETY: the context is ours until the host function returns, and nothing touches it before `lent` goes.
        let lent = unsafe { Lent::context(store) };
        // SAFETY: the object is a ComponentHost, and the method is its `call` that takes an int and an array.
        let result =
            unsafe { env.call_method_unchecked(&host, COMPONENT_HOST.members(), ReturnType::Array, &arguments) };
        drop(lent);
        let result = env.cast_local::<JByteArray<'_>>(result?.l()?)?;
        if result.is_null() { Ok(Vec::new()) } else { Ok(env.convert_byte_array(&result)?) }
    }
}
