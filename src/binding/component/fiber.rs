//! Components with async functions, and those that use WASI 0.3. wasmtime runs everything in their Store on fibers, so
//! that one function can wait while another one runs. The thread that called drives them until the call's end; the
//! [`driver`](super::driver) does so where nobody waits.
//!
//! HotSpot takes a fiber for an overflown stack, so a fiber never calls Java. It asks the thread that drives it, which
//! does the work in Java as soon as the fiber has stopped to wait for it. The Store is the fiber's all that time: Java
//! cannot use it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use jni::Env;
use jni::sys::jlong;
use tokio::sync::oneshot;
use wasmtime::component::Component;
use wasmtime::{StoreContextMut, Trap};

#[cfg(feature = "component-async")]
use crate::binding::component::answers::{self, Expected};
#[cfg(feature = "component-async")]
use crate::binding::component::driver::Driven;
#[cfg(feature = "component-async")]
use crate::binding::component::events::{self, Event, Output};
#[cfg(feature = "component-async")]
use crate::binding::component::futures;
use crate::binding::component::packed::Packed;
use crate::binding::component::types;
use crate::binding::component::waits::Limit;
use crate::binding::deadline::StoreLimit;
use crate::binding::host_calls::Lent;
use crate::binding::stdio::BufferedOutput;
use crate::binding::store::Data;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::host_call;

/// The way in which a Store runs components.
#[derive(Default)]
pub struct Fibers {
    /// True once the Store has a component that needs them. Then all its components run on fibers.
    pub needed: bool,
    /// True while one of them runs.
    pub running: bool,
    /// True once a call failed, which leaves components in the middle of something.
    failed: bool,
    pub java: JavaWork,
    /// Output for Java streams.
    pub output: Vec<BufferedOutput>,
    /// The calls that nobody waits for, while a [`driver`](super::driver) runs them.
    #[cfg(feature = "component-async")]
    pub driven: Option<Arc<Driven>>,
    /// Locked by the thread that writes to these streams.
    #[cfg(feature = "component-async")]
    delivering: Arc<Mutex<()>>,
}

pub type Work = Box<dyn FnOnce() + Send>;

impl Fibers {
    /// Fails where an earlier call has failed.
    pub fn check(&self) -> Result<()> {
        if self.failed { Err(wasmtime::Error::from(Trap::CannotEnterComponent).into()) } else { Ok(()) }
    }
}

#[cfg(feature = "component-async")]
impl Fibers {
    /// Keeps the Store's components from being entered again.
    pub fn fail(&mut self) {
        self.failed = true;
    }

    /// Returns the Java streams that have output to get.
    pub fn waiting_output(&self) -> Output {
        let output = self.output.iter().filter(|output| output.is_waiting()).cloned().collect();
        Output(output, self.delivering.clone())
    }
}

/// Work in Java that fibers have asked for, in that order.
#[derive(Clone, Default)]
pub struct JavaWork(Arc<Mutex<VecDeque<Work>>>);

impl JavaWork {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Work>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the thread below to work in Java, and waits until that is done.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Env<'_>) -> Result<T> + Send + 'static,
    ) -> wasmtime::Result<T> {
        let (answer, answered) = oneshot::channel();
        self.lock().push_back(Box::new(move || {
            // Nobody waits any more where the component has cancelled its call.
            let _ = answer.send(host_call(work).map_err(Error::into_wasmtime));
        }));
        answered.await.unwrap_or_else(|_| Err(Trap::Interrupt.into()))
    }

    /// Asks Java for something that may come later. `work` gets the number of the answer, and returns none if Java
    /// gives it by that number.
    #[cfg(feature = "component-async")]
    pub async fn ask_for_answer(
        &self,
        work: impl FnOnce(&mut Env<'_>, jlong) -> Result<Option<Vec<u8>>> + Send + 'static,
    ) -> wasmtime::Result<Vec<u8>> {
        let expected = Expected::new();
        let number = expected.number();
        self.lock().push_back(Box::new(move || match host_call(|env| work(env, number)) {
            Ok(None) => {}
            Ok(Some(values)) => answers::give(number, Ok(values)),
            Err(e) => answers::give(number, Err(e.into_wasmtime())),
        }));
        expected.wait().await
    }

    /// Has threads of Java's do all work that was asked for.
    #[cfg(feature = "component-async")]
    pub fn hand_over(&self) {
        self.lock().drain(..).for_each(|work| events::push(Event::Work(work)));
    }

    /// Forgets work that nobody waits for any more.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Does all work that was asked for. Returns whether there was any.
    fn run(&self, store: jlong) -> bool {
        let work = std::mem::take(&mut *self.lock());
        if work.is_empty() {
            return false;
        }
        let _lent = Lent::nothing(store);
        // As in `stdio`: Java may enter another guest, which wants a `block_on` of its own.
        tokio::task::block_in_place(|| work.into_iter().for_each(|work| work()));
        true
    }
}

/// Returns whether a component needs fibers.
pub fn are_needed(component: &Component) -> bool {
    cfg!(feature = "component-async") && types::has_async(component)
}

/// Gives what crosses to Java its numbers. Returns the resources that are borrowed.
pub fn cross(packed: &mut Packed, store: &mut StoreContextMut<'_, Data>) -> wasmtime::Result<Vec<jlong>> {
    #[cfg(feature = "component-async")]
    {
        futures::cross(packed, store)
    }
    #[cfg(not(feature = "component-async"))]
    Ok(packed.number(&store.data().components.resources.clone()))
}

/// Does work of a Store's components on fibers, until a deadline of the Store. Work that fails or is cut off leaves
/// components in an unknown state, so none of that Store can be entered after it.
pub fn run<R>(
    store: &mut StoreContextMut<'_, Data>,
    work: impl AsyncFnOnce(&mut StoreContextMut<'_, Data>) -> wasmtime::Result<R>,
) -> Result<R> {
    let components = &store.data().components;
    components.fibers.check()?;
    let java = components.fibers.java.clone();
    let (handle, limit) = (store.data().handle(), StoreLimit::of(store.data()));
    store.data_mut().components.fibers.running = true;
    let done = {
        let mut work = pin!(work(store));
        let work = poll_fn(|context| {
            loop {
                match work.as_mut().poll(context) {
                    Poll::Pending if java.run(handle) => {}
                    polled => return polled,
                }
            }
        });
        limit.block(work)
    };
    java.clear();
    let components = &mut store.data_mut().components;
    let done = done.flatten();
    components.fibers.failed = done.is_err();
    components.fibers.running = false;
    let output = std::mem::take(&mut components.fibers.output);
    let delivered = output.iter().filter(|output| output.is_waiting()).try_for_each(|output| {
        let _lent = Lent::nothing(handle);
        host_call(|env| output.deliver(env))
    });
    store.data_mut().components.fibers.output = output;
    let done = done?;
    delivered?;
    Ok(done)
}
