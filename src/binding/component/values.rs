//! Packed values <-> the memory of a component, by wasmtime's own traits for typed calls, implemented for values whose
//! type is known at run time only. That way no tree of `Val`s is built in between, and a list of bytes is copied once.
//!
//! wasmtime documents these traits as its own. Their shape is that of the pinned version; `ComponentValuesTest` notices
//! a change.

use std::cell::Cell;
use std::mem::MaybeUninit;

use wasmtime::ValRaw;
use wasmtime::component::__internal::wasmtime_environ::component::{MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, TypeTupleIndex};
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower};

use crate::binding::component::lift::Lifting;
use crate::binding::component::lower::Lowering;
use crate::binding::component::packed::{Arrays, Packed, Reader, SharedResources, wrong};

pub type Result<T> = wasmtime::Result<T>;

thread_local! {
    /// Where the results of this thread's innermost call of a component can put large byte lists.
    static RESULT_ARRAYS: Cell<(Arrays, u32)> = const { Cell::new((Arrays::none(), 0)) };
}

/// Has results put large byte lists into arrays, while `body` runs.
pub fn with_result_arrays<R>(arrays: Arrays, body: impl FnOnce() -> R) -> R {
    struct Restore((Arrays, u32));
    impl Drop for Restore {
        fn drop(&mut self) {
            RESULT_ARRAYS.set(self.0);
        }
    }
    let _restore = Restore(RESULT_ARRAYS.replace((arrays, 0)));
    body()
}

/// Arguments of a function of a component.
pub struct Arguments<'a> {
    pub bytes: &'a [u8],
    pub arrays: Arrays,
    pub resources: &'a SharedResources,
}

/// Arguments that outlive the native method that brought them.
#[cfg(feature = "component-async")]
pub struct OwnedArguments {
    pub bytes: Vec<u8>,
    pub resources: SharedResources,
}

/// The result of a function of a component.
pub struct Returned(pub Packed);

/// Arguments for a host function that `FLAT` numbers stand for, or memory if that is 0 and there are too many.
pub struct HostArguments<const FLAT: usize>(pub Packed);

/// The result of a host function: `FLAT` numbers, or written to memory.
pub struct HostResult<const FLAT: usize> {
    pub bytes: Vec<u8>,
    pub resources: SharedResources,
}

const ABI: CanonicalAbiInfo = CanonicalAbiInfo::ZERO;

/// Returns how many numbers stand for the values of that tuple, if they are no more than `most`.
fn flat(ty: &InterfaceType, types: &InstanceType<'_>, most: usize) -> Result<Option<usize>> {
    Ok(types.types[tuple(*ty)?].abi.flat_count(most))
}

fn check_flat(expected: usize, found: Option<usize>) -> Result<()> {
    if found.unwrap_or(0) == expected {
        Ok(())
    } else {
        Err(wasmtime::Error::msg("a host function was made for a function of another type"))
    }
}

fn tuple(ty: InterfaceType) -> Result<TypeTupleIndex> {
    match ty {
        InterfaceType::Tuple(tuple) => Ok(tuple),
        _ => Err(wrong()),
    }
}

// SAFETY: `Lower` is an array of `ValRaw`. wasmtime hands over the type that the values have; they are lowered by it,
// and everything that is read is checked. A function with more than 16 parameters gets an address in the first.
unsafe impl ComponentType for Arguments<'_> {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];

    const ABI: CanonicalAbiInfo = ABI;

    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: it stands for a tuple of parameters of any type.
unsafe impl ComponentNamedList for Arguments<'_> {}

// SAFETY: as above. What no parameter stands for stays uninitialised, and wasm does not read it.
unsafe impl Lower for Arguments<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let mut lowering = Lowering { cx, reader: Reader::new(self.bytes, self.arrays), resources: self.resources };
        // SAFETY: an array of uninitialised values may be seen as such.
        let dst: &mut [MaybeUninit<ValRaw>; MAX_FLAT_PARAMS] = unsafe { std::mem::transmute(dst) };
        let types = lowering.cx.types;
        let tuple = &types[tuple(ty)?];
        if tuple.abi.flat_count(MAX_FLAT_PARAMS).is_some() {
            let mut dst = dst.iter_mut();
            return tuple.types.iter().try_for_each(|ty| lowering.flat(*ty, &mut dst));
        }
        let address = lowering.cx.realloc(0, 0, tuple.abi.align32, tuple.abi.size32 as usize)?;
        dst[0].write(ValRaw::u64(address as u64));
        lowering.memory(ty, address)
    }

    fn linear_lower_to_memory<T>(&self, _: &mut LowerContext<'_, T>, _: InterfaceType, _: usize) -> Result<()> {
        Err(wrong())
    }
}

// SAFETY: as for `Arguments`, whose it is.
#[cfg(feature = "component-async")]
unsafe impl ComponentType for OwnedArguments {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];

    const ABI: CanonicalAbiInfo = ABI;

    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: as for `Arguments`.
#[cfg(feature = "component-async")]
unsafe impl ComponentNamedList for OwnedArguments {}

// SAFETY: as for `Arguments`, which does it.
#[cfg(feature = "component-async")]
unsafe impl Lower for OwnedArguments {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let OwnedArguments { bytes, resources } = self;
        Arguments { bytes, arrays: Arrays::none(), resources }.linear_lower_to_flat(cx, ty, dst)
    }

    fn linear_lower_to_memory<T>(&self, _: &mut LowerContext<'_, T>, _: InterfaceType, _: usize) -> Result<()> {
        Err(wrong())
    }
}

// SAFETY: `Lower` is one `ValRaw`: the result, or the address of one that takes more.
unsafe impl ComponentType for Returned {
    type Lower = [ValRaw; MAX_FLAT_RESULTS];

    const ABI: CanonicalAbiInfo = ABI;

    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: it stands for the tuple of one result of any type, or none.
unsafe impl ComponentNamedList for Returned {}

// SAFETY: the values are lifted by the type that wasmtime hands over, and addresses are checked.
unsafe impl Lift for Returned {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &Self::Lower) -> Result<Self> {
        let mut lifting = Lifting { arrays: RESULT_ARRAYS.get(), cx, packed: Packed::new() };
        let types = lifting.cx.types;
        let tuple = &types[tuple(ty)?];
        if tuple.abi.flat_count(MAX_FLAT_RESULTS).is_some() {
            let mut src = src.iter();
            tuple.types.iter().try_for_each(|ty| lifting.flat(*ty, &mut src))?;
        } else {
            let address = src[0].get_u32() as usize;
            lifting.check(address, tuple.abi.size32 as usize, tuple.abi.align32)?;
            lifting.memory(ty, address)?;
        }
        Ok(Returned(lifting.packed))
    }

    fn linear_lift_from_memory(_: &mut LiftContext<'_>, _: InterfaceType, _: &[u8]) -> Result<Self> {
        Err(wrong())
    }
}

// SAFETY: `Lower` is as many `ValRaw`s as `typecheck` has seen to.
unsafe impl<const FLAT: usize> ComponentType for HostArguments<FLAT> {
    type Lower = [ValRaw; FLAT];

    const ABI: CanonicalAbiInfo = ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check_flat(FLAT, flat(ty, types, MAX_FLAT_PARAMS)?)
    }
}

// SAFETY: it stands for a tuple of parameters of any type.
unsafe impl<const FLAT: usize> ComponentNamedList for HostArguments<FLAT> {}

// SAFETY: as for `Returned`.
unsafe impl<const FLAT: usize> Lift for HostArguments<FLAT> {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &Self::Lower) -> Result<Self> {
        let mut lifting = Lifting { arrays: (Arrays::none(), 0), cx, packed: Packed::new() };
        let types = lifting.cx.types;
        let mut src = src.iter();
        types[tuple(ty)?].types.iter().try_for_each(|ty| lifting.flat(*ty, &mut src))?;
        Ok(HostArguments(lifting.packed))
    }

    /// `bytes` is empty, as [`ABI`] has no size: it tells the address alone, which wasmtime has checked for the size of
    /// the type.
    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<Self> {
        let address = bytes.as_ptr().addr().checked_sub(cx.memory().as_ptr().addr()).ok_or_else(wrong)?;
        let mut lifting = Lifting { arrays: (Arrays::none(), 0), cx, packed: Packed::new() };
        lifting.memory(ty, address)?;
        Ok(HostArguments(lifting.packed))
    }
}

// SAFETY: `Lower` is as many `ValRaw`s as `typecheck` has seen to.
unsafe impl<const FLAT: usize> ComponentType for HostResult<FLAT> {
    type Lower = [ValRaw; FLAT];

    const ABI: CanonicalAbiInfo = ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check_flat(FLAT, flat(ty, types, MAX_FLAT_RESULTS)?)
    }
}

// SAFETY: it stands for the tuple of one result of any type, or none.
unsafe impl<const FLAT: usize> ComponentNamedList for HostResult<FLAT> {}

// SAFETY: as for `Arguments`.
unsafe impl<const FLAT: usize> Lower for HostResult<FLAT> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let mut lowering =
            Lowering { cx, reader: Reader::new(&self.bytes, Arrays::none()), resources: &self.resources };
        // SAFETY: an array of uninitialised values may be seen as such.
        let dst: &mut [MaybeUninit<ValRaw>; FLAT] = unsafe { &mut *(&raw mut *dst).cast() };
        let types = lowering.cx.types;
        let mut dst = dst.iter_mut();
        types[tuple(ty)?].types.iter().try_for_each(|ty| lowering.flat(*ty, &mut dst))
    }

    fn linear_lower_to_memory<T>(&self, cx: &mut LowerContext<'_, T>, ty: InterfaceType, address: usize) -> Result<()> {
        Lowering { cx, reader: Reader::new(&self.bytes, Arrays::none()), resources: &self.resources }
            .memory(ty, address)
    }
}

pub fn is_byte(ty: InterfaceType) -> bool {
    matches!(ty, InterfaceType::U8 | InterfaceType::S8)
}

/// Returns whether values lie in memory as they are packed, and any bits are one.
pub fn is_plain(ty: InterfaceType) -> bool {
    matches!(
        ty,
        InterfaceType::U8
            | InterfaceType::S8
            | InterfaceType::U16
            | InterfaceType::S16
            | InterfaceType::U32
            | InterfaceType::S32
            | InterfaceType::U64
            | InterfaceType::S64
            | InterfaceType::Float32
            | InterfaceType::Float64
    )
}

#[cold]
pub fn unsupported() -> wasmtime::Error {
    wasmtime::Error::msg("a function with futures, streams, maps or error contexts cannot be called from Java yet")
}
