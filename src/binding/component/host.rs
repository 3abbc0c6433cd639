//! Java functions that components call, and the destructor of resources that are Java objects. All of one
//! instance are behind one Java object, a `ComponentHost`, and have numbers there.

use std::sync::Arc;

use jni::ids::JMethodID;
use jni::objects::{JByteArray, JObject};
use jni::refs::{LoaderContext, Reference};
use jni::signature::ReturnType;
#[cfg(feature = "component-async")]
use jni::sys::jlong;
use jni::sys::{jint, jvalue};
use jni::{Env, bind_java_type, jni_sig, jni_str};
#[cfg(feature = "component-async")]
use wasmtime::AsContextMut;
use wasmtime::StoreContextMut;
#[cfg(feature = "component-async")]
use wasmtime::component::Accessor;
use wasmtime::component::LinkerInstance;
use wasmtime::component::types::ComponentFunc;

use crate::binding::component::fiber;
#[cfg(feature = "component-async")]
use crate::binding::component::packed::SharedResources;
use crate::binding::component::packed::{Packed, java_resource};
use crate::binding::component::types::flat;
use crate::binding::component::values::{HostArguments, HostResult};
use crate::binding::held::Host;
use crate::binding::host_calls::Lent;
use crate::binding::store::Data;
use crate::bridge::class::JavaClass;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::host_call;

bind_java_type! { pub JComponentHost => io.github.wasmton.wasmtime.internal.ComponentHost }

static COMPONENT_HOST: JavaClass<Methods> =
    JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.ComponentHost"));

struct Methods {
    call: JMethodID,
    #[cfg(feature = "component-async")]
    call_async: JMethodID,
}

/// The most parameters that a function takes as such.
const MOST_FLAT: usize = 16;

/// Looks `ComponentHost` up.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    COMPONENT_HOST.find(env, loader, |env, class| {
        Ok(Methods {
            call: env.get_method_id(class, jni_str!("call"), jni_sig!("(I[B)[B"))?,
            #[cfg(feature = "component-async")]
            call_async: env.get_method_id(class, jni_str!("callAsync"), jni_sig!("(I[BJ)[B"))?,
        })
    })?;
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
                        let borrowed = fiber::cross(&mut packed, &mut store)?;
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
                            let mut store = access.as_context_mut();
                            let resources = store.data().components.resources.clone();
                            if let Some(number) = fiber::cross(&mut packed, &mut store)?.first() {
                                // It is dropped with the Store: wasmtime drops none while others run.
                                return Err(no_borrowing(&resources, *number));
                            }
                            Ok((self.ask_for_answer(store.data(), packed.bytes)?, resources))
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

    /// Returns the object behind the functions.
    fn host(self, data: &Data) -> wasmtime::Result<&Arc<Host>> {
        data.held.component_host(self.linking).ok_or_else(|| Error::closed("Store").into_wasmtime())
    }

    /// Asks the thread below the fiber to call Java.
    fn ask(
        self,
        data: &Data,
        bytes: Vec<u8>,
    ) -> wasmtime::Result<impl Future<Output = wasmtime::Result<Vec<u8>>> + Send + use<>> {
        let (host, java, store) = (self.host(data)?.clone(), data.components.fibers.java.clone(), data.handle());
        Ok(async move {
            java.ask(move |env| {
                let _lent = Lent::nothing(store);
                self.call_host(env, host.0.as_obj(), &bytes)
            })
            .await
        })
    }

    /// Likewise, for an async function, whose result may come later.
    #[cfg(feature = "component-async")]
    fn ask_for_answer(
        self,
        data: &Data,
        bytes: Vec<u8>,
    ) -> wasmtime::Result<impl Future<Output = wasmtime::Result<Vec<u8>>> + Send + use<>> {
        let (host, java, store) = (self.host(data)?.clone(), data.components.fibers.java.clone(), data.handle());
        Ok(async move {
            java.ask_for_answer(move |env, answer| {
                let _lent = Lent::nothing(store);
                self.call_host_async(env, host.0.as_obj(), &bytes, answer)
            })
            .await
        })
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
        let host = self.host(store.data())?.0.as_raw();
        // SAFETY: the reference is good until the host function returns, since a Store releases its objects only when
        // nothing runs in it.
        let host = unsafe { JObject::from_raw(env, host) };
        // SAFETY: the context is ours until the host function returns, and nothing touches it before `lent` goes.
        let _lent = unsafe { Lent::context(store) };
        self.call_host(env, &host, bytes)
    }

    fn call_host(self, env: &mut Env<'_>, host: &JObject<'_>, bytes: &[u8]) -> Result<Vec<u8>> {
        let values = env.byte_array_from_slice(bytes)?;
        let arguments = [jvalue { i: self.number }, jvalue { l: values.as_raw() }];
        let method = &COMPONENT_HOST.members().call;
        // SAFETY: the object is a ComponentHost, and the method is its `call` that takes an int and an array.
        let result = unsafe { env.call_method_unchecked(host, method, ReturnType::Array, &arguments) };
        let result = result?.l()?;
        Ok(bytes_of(env, result)?.unwrap_or_default())
    }

    /// Returns none if Java gives the answer of that number later.
    #[cfg(feature = "component-async")]
    fn call_host_async(
        self,
        env: &mut Env<'_>,
        host: &JObject<'_>,
        bytes: &[u8],
        answer: jlong,
    ) -> Result<Option<Vec<u8>>> {
        let values = env.byte_array_from_slice(bytes)?;
        let arguments = [jvalue { i: self.number }, jvalue { l: values.as_raw() }, jvalue { j: answer }];
        let method = &COMPONENT_HOST.members().call_async;
        // SAFETY: the object is a ComponentHost, and the method is its `callAsync` that takes an int, an array and a
        // long.
        let result = unsafe { env.call_method_unchecked(host, method, ReturnType::Array, &arguments) };
        let result = result?.l()?;
        bytes_of(env, result)
    }
}

/// Copies a byte array that Java has returned; none for null.
fn bytes_of<'l>(env: &mut Env<'l>, result: JObject<'l>) -> Result<Option<Vec<u8>>> {
    let result = env.cast_local::<JByteArray<'_>>(result)?;
    if result.is_null() { Ok(None) } else { Ok(Some(env.convert_byte_array(&result)?)) }
}

/// Returns the error for a borrowed resource of a component among the arguments of an async function.
#[cfg(feature = "component-async")]
fn no_borrowing(resources: &SharedResources, number: jlong) -> wasmtime::Error {
    drop(resources.remove(number));
    wasmtime::Error::msg(
        "an async function of Java's was given a borrowed resource of a component, which Java cannot use while others \
         run. Let the function take the resource as its own, or be a plain func",
    )
}
