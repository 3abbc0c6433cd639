//! Futures that cross between Java and components. One of a component is to Java a call that ends with its value; one
//! of Java's is an answer that comes later. See [`streams`](super::streams) for streams.

use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use jni::sys::jlong;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentType, FutureConsumer, FutureReader, Lift, Lower, Source};
use wasmtime::{AsContextMut, StoreContextMut, ValRaw};

use crate::binding::component::answers;
use crate::binding::component::driver::{self, Driven};
use crate::binding::component::lift::Lifting;
use crate::binding::component::lower::Lowering;
use crate::binding::component::packed::{Arrays, Packed, Reader, SharedResources, wrong};
use crate::binding::component::streams;
use crate::binding::component::values::Result;
use crate::binding::store::Data;
use crate::bridge::error::Error;

/// The value of a future of any type.
pub struct Value {
    packed: Packed,
    resources: SharedResources,
}

// SAFETY: a future's value is always in memory, where it is read and written by the type that wasmtime hands over. The
// size in `ABI` is 0, so wasmtime checks the address alone, and `Lift` and `Lower` check the rest.
unsafe impl ComponentType for Value {
    type Lower = [ValRaw; 0];

    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::ZERO;

    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: see above.
unsafe impl Lift for Value {
    fn linear_lift_from_flat(_: &mut LiftContext<'_>, _: InterfaceType, _: &Self::Lower) -> Result<Self> {
        Err(wrong())
    }

    /// `bytes` is empty: it tells the address.
    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<Self> {
        let address = bytes.as_ptr().addr().checked_sub(cx.memory().as_ptr().addr()).ok_or_else(wrong)?;
        let abi = cx.types.canonical_abi(&ty);
        let (size, align) = (abi.size32 as usize, abi.align32);
        let mut lifting = Lifting { arrays: (Arrays::none(), 0), cx, packed: Packed::new() };
        lifting.check(address, size, align)?;
        lifting.memory(ty, address)?;
        Ok(Value { packed: lifting.packed, resources: SharedResources::default() })
    }
}

// SAFETY: see above.
unsafe impl Lower for Value {
    fn linear_lower_to_flat<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        _: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        Err(wrong())
    }

    fn linear_lower_to_memory<T>(&self, cx: &mut LowerContext<'_, T>, ty: InterfaceType, address: usize) -> Result<()> {
        let abi = cx.types.canonical_abi(&ty);
        let end = address.checked_add(abi.size32 as usize);
        if !address.is_multiple_of(abi.align32 as usize) || end.is_none_or(|end| end > cx.as_slice_mut().len()) {
            return Err(wasmtime::Error::msg("a pointer of the component is not aligned or out of bounds"));
        }
        let reader = Reader::new(&self.packed.bytes, Arrays::none());
        Lowering { cx, reader, resources: &self.resources }.memory(ty, address)
    }
}

/// Gives what crosses to Java its numbers: resources, futures and streams. Returns the resources that are borrowed.
pub fn cross(packed: &mut Packed, store: &mut StoreContextMut<'_, Data>) -> Result<Vec<jlong>> {
    for (at, future) in std::mem::take(&mut packed.futures) {
        let number = driver::value_number();
        let driven = driven(store)?;
        driven.expect(number);
        let reader = FutureReader::<Value>::try_from_future_any(future)?;
        reader.pipe(&mut *store, Receiver { number, driven, has_ended: false })?;
        packed.put(at, number);
    }
    for (at, stream) in std::mem::take(&mut packed.streams) {
        driven(store)?;
        packed.put(at, streams::open(store, stream)?);
    }
    let resources = store.data().components.resources.clone();
    Ok(packed.number(&resources))
}

fn driven(store: &StoreContextMut<'_, Data>) -> Result<Arc<Driven>> {
    store.data().components.fibers.driven.clone().ok_or_else(|| {
        Error::state("a component passes a future or a stream to Java. Call its functions by callAsync").into_wasmtime()
    })
}

/// The end of a component's future that Java has.
struct Receiver {
    number: jlong,
    driven: Arc<Driven>,
    has_ended: bool,
}

impl FutureConsumer<Data> for Receiver {
    type Item = Value;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut store: StoreContextMut<'_, Data>,
        mut source: Source<'_, Value>,
        _: bool,
    ) -> Poll<Result<()>> {
        let mut value = None;
        source.read(store.as_context_mut(), &mut value)?;
        if let Some(Value { mut packed, .. }) = value {
            cross(&mut packed, &mut store)?;
            self.has_ended = true;
            self.driven.end(self.number, Ok(packed.bytes));
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if !self.has_ended {
            self.driven.end(self.number, Err(Error::state("the component has dropped the future without a value")));
        }
    }
}

/// Makes a component's future of an answer of Java's.
pub fn promised<T: 'static>(
    store: impl AsContextMut<Data = T>,
    number: jlong,
    resources: &SharedResources,
) -> Result<FutureReader<Value>> {
    let resources = resources.clone();
    let answer = answers::take(number).ok_or_else(wrong)?;
    FutureReader::new(store, async move {
        let bytes = answer.wait().await?;
        Ok::<_, wasmtime::Error>(Value { packed: Packed::of(bytes), resources })
    })
}
