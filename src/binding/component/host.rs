//! Java functions that components call, and the destructor of resources that are Java objects. All of one
//! instance are behind one Java object, a `ComponentHost`, and have numbers there.

use jni::ids::JMethodID;
use jni::objects::{JByteArray, JObject};
use jni::refs::{LoaderContext, Reference};
use jni::signature::ReturnType;
use jni::sys::{jint, jobject, jvalue};
use jni::{Env, bind_java_type, jni_sig, jni_str};
use wasmtime::StoreContextMut;
#[cfg(feature = "component-async")]
use wasmtime::component::Accessor;
use wasmtime::component::LinkerInstance;
use wasmtime::component::types::ComponentFunc;

#[cfg(feature = "component-async")]
use crate::binding::component::packed::SharedResources;
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

/// A function or resource of Java's: the number of the linking, by which a Store finds the `ComponentHost`, and the
/// number there.
#[derive(Clone, Copy)]
pub struct HostItem {
    pub linking: u64,
    pub number: jint,
}

/// The way in which a function of Java's is called.
#[derive(Clone, Copy)]
enum Way {
    /// On the thread that called the component, which lends its Store.
    Thread,
    /// By the thread below the fiber that calls it.
    Fiber,
    /// Likewise, for an async function: other fibers run until it is called.
    Async,
}

/// A reference that a Store holds for longer than a call lasts.
struct Held(jobject);

// SAFETY: it is a global reference, which any thread may use.
unsafe impl Send for Held {}

impl HostItem {
    /// Defines a function under a name. wasmtime makes the function for a number of core values.
    pub fn define(
        self,
        linker: &mut LinkerInstance<'_, Data>,
        name: &str,
        ty: &ComponentFunc,
        on_fiber: bool,
    ) -> Result<()> {
        let mut params = 0;
        for (_, ty) in ty.params() {
            params += flat(&ty, MOST_FLAT);
            if params > MOST_FLAT {
                params = 0;
                break;
            }
        }
        // The result of an async function is always in memory.
        let results: usize = ty.results().map(|ty| flat(&ty, 1)).sum();
        let way = match (on_fiber, ty.async_()) {
            (false, _) => Way::Thread,
            (true, false) => Way::Fiber,
            (true, true) => Way::Async,
        };
        macro_rules! define {
            ($($count:literal)*) => {
                match params {
                    $( $count => match results {
                        1 => self.define_flat::<$count, 1>(linker, name, way),
                        _ => self.define_flat::<$count, 0>(linker, name, way),
                    } )*
                    _ => self.define_flat::<0, 0>(linker, name, way),
                }
            };
        }
        Ok(define!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)?)
    }

    fn define_flat<const PARAMS: usize, const RESULTS: usize>(
        self,
        linker: &mut LinkerInstance<'_, Data>,
        name: &str,
        way: Way,
    ) -> wasmtime::Result<()> {
        match way {
            Way::Thread => {
                linker.func_wrap(name, move |mut store: StoreContextMut<'_, Data>, arguments: HostArguments<PARAMS>| {
                    let bytes = self.call(&mut store, arguments.0)?;
                    Ok(HostResult::<RESULTS> { bytes, resources: store.data().components.resources.clone() })
                })
            }
            Way::Fiber => linker.func_wrap_async(
                name,
                move |mut store: StoreContextMut<'_, Data>, arguments: HostArguments<PARAMS>| {
                    Box::new(async move {
                        let HostArguments(mut packed) = arguments;
                        let resources = store.data().components.resources.clone();
                        let borrowed = packed.number(&resources);
                        let called = self.ask(store.data(), packed.bytes)?.await;
                        for number in borrowed {
                            if let Ok(resource) = resources.remove(number) {
                                resource.resource_drop_async(&mut store).await?;
                            }
                        }
                        Ok(HostResult::<RESULTS> { bytes: called?, resources })
                    })
                },
            ),
            #[cfg(feature = "component-async")]
            Way::Async => {
                linker.func_wrap_concurrent(name, move |accessor: &Accessor<Data>, arguments: HostArguments<PARAMS>| {
                    Box::pin(async move {
                        let HostArguments(mut packed) = arguments;
                        let (asked, resources) = accessor.with(|mut access| {
                            let data = access.data_mut();
                            let resources = data.components.resources.clone();
                            if let Some(number) = packed.number(&resources).first() {
                                // It is dropped with the Store: wasmtime drops none while others run.
                                return Err(no_borrowing(&resources, *number));
                            }
                            Ok((self.ask(data, packed.bytes)?, resources))
                        })?;
                        Ok(HostResult::<RESULTS> { bytes: asked.await?, resources })
                    })
                })
            }
            #[cfg(not(feature = "component-async"))]
            Way::Async => Err(wasmtime::Error::msg("this build has no async functions of components")),
        }
    }

    /// Defines a resource whose values are Java objects.
    pub fn define_resource(self, linker: &mut LinkerInstance<'_, Data>, name: &str, on_fiber: bool) -> Result<()> {
        let number = |rep| {
            let mut packed = Packed::new();
            packed.u32(rep);
            packed
        };
        if on_fiber {
            linker.resource_async(name, java_resource(), move |store, rep| {
                Box::new(async move { self.ask(store.data(), number(rep).bytes)?.await.map(drop) })
            })?;
        } else {
            linker
                .resource(name, java_resource(), move |mut store, rep| self.call(&mut store, number(rep)).map(drop))?;
        }
        Ok(())
    }

    /// Asks the thread below the fiber to call Java.
    fn ask(
        self,
        data: &Data,
        bytes: Vec<u8>,
    ) -> wasmtime::Result<impl Future<Output = wasmtime::Result<Vec<u8>>> + Send + use<>> {
        let host =
            data.held.component_host(self.linking).ok_or_else(|| Error::closed("Store").into_wasmtime())?.as_raw();
        let (host, java) = (Held(host), data.components.fibers.java.clone());
        Ok(async move { java.ask(move |env| self.call_host(env, host, &bytes)).await })
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
        let host = store.data().held.component_host(self.linking).ok_or_else(|| Error::closed("Store"))?.as_raw();
        // SAFETY: the context is ours until the host function returns, and nothing touches it before `lent` goes.
        let _lent = unsafe { Lent::context(store) };
        self.call_host(env, Held(host), bytes)
    }

    fn call_host(self, env: &mut Env<'_>, host: Held, bytes: &[u8]) -> Result<Vec<u8>> {
        // SAFETY: the reference is good until the host function returns, since a Store releases its objects only when
        // nothing runs in it.
        let host = unsafe { JObject::from_raw(env, host.0) };
        let values = env.byte_array_from_slice(bytes)?;
        let arguments = [jvalue { i: self.number }, jvalue { l: values.as_raw() }];
        // SAFETY: the object is a ComponentHost, and the method is its `call` that takes an int and an array.
        let result =
            unsafe { env.call_method_unchecked(&host, COMPONENT_HOST.members(), ReturnType::Array, &arguments) };
        let result = env.cast_local::<JByteArray<'_>>(result?.l()?)?;
        if result.is_null() { Ok(Vec::new()) } else { Ok(env.convert_byte_array(&result)?) }
    }
}

/// Returns the error for a borrowed resource of a component among the arguments of an async function.
#[cfg(feature = "component-async")]
fn no_borrowing(resources: &SharedResources, number: jni::sys::jlong) -> wasmtime::Error {
    drop(resources.remove(number));
    wasmtime::Error::msg(
        "an async function of Java's was given a borrowed resource of a component, which Java cannot use while others \
         run. Let the function take the resource as its own, or be a plain func",
    )
}
