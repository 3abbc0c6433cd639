//! Arguments and results that are a few numbers, which cross as they are: a call of such a function packs nothing.
//!
//! Each crosses as a long with its bits in the lower end; bool, char and all numbers count.

use std::mem::MaybeUninit;

use jni::sys::jlong;
use wasmtime::ValRaw;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower};

use crate::binding::component::packed::wrong;

type Result<T> = wasmtime::Result<T>;

/// The most arguments that cross this way.
const MOST: usize = 4;

/// Arguments of a function; the first ones are used.
pub struct Numbers(pub [jlong; MOST]);

/// The result of a function; 0 if it has none.
pub struct Number(pub jlong);

// SAFETY: `Lower` is an array of `ValRaw`, long enough for the functions that pass `linear_lower_to_flat`.
unsafe impl ComponentType for Numbers {
    type Lower = [ValRaw; MOST];

    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::ZERO;

    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: it stands for a tuple of numbers.
unsafe impl ComponentNamedList for Numbers {}

// SAFETY: the values are of the types that wasmtime hands over, or there is an error. What no parameter stands for
// stays uninitialised, and wasm does not read it.
unsafe impl Lower for Numbers {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        // SAFETY: an array of uninitialised values may be seen as such.
        let dst: &mut [MaybeUninit<ValRaw>; MOST] = unsafe { std::mem::transmute(dst) };
        let InterfaceType::Tuple(tuple) = ty else { return Err(wrong()) };
        let types = &cx.types[tuple].types;
        if types.len() > MOST {
            return Err(wrong());
        }
        for ((ty, number), dst) in types.iter().zip(self.0).zip(dst) {
            dst.write(match ty {
                InterfaceType::Bool => ValRaw::u32((number != 0).into()),
                InterfaceType::S8 => ValRaw::i32((number as i8).into()),
                InterfaceType::U8 => ValRaw::u32((number as u8).into()),
                InterfaceType::S16 => ValRaw::i32((number as i16).into()),
                InterfaceType::U16 => ValRaw::u32((number as u16).into()),
                InterfaceType::S32 | InterfaceType::U32 => ValRaw::u32(number as u32),
                InterfaceType::S64 | InterfaceType::U64 => ValRaw::i64(number),
                InterfaceType::Float32 => ValRaw::f32(number as u32),
                InterfaceType::Float64 => ValRaw::f64(number as u64),
                InterfaceType::Char => ValRaw::u32(char::from_u32(number as u32).ok_or_else(wrong)?.into()),
                _ => return Err(wrong()),
            });
        }
        Ok(())
    }

    fn linear_lower_to_memory<T>(&self, _: &mut LowerContext<'_, T>, _: InterfaceType, _: usize) -> Result<()> {
        Err(wrong())
    }
}

// SAFETY: `Lower` is one `ValRaw`.
unsafe impl ComponentType for Number {
    type Lower = [ValRaw; 1];

    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::ZERO;

    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: it stands for the tuple of one number, or none.
unsafe impl ComponentNamedList for Number {}

// SAFETY: it is read by the type that wasmtime hands over.
unsafe impl Lift for Number {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &Self::Lower) -> Result<Self> {
        let InterfaceType::Tuple(tuple) = ty else { return Err(wrong()) };
        let low = || src[0].get_u32();
        Ok(Number(match &*cx.types[tuple].types {
            [] => 0,
            [InterfaceType::Bool] => (low() != 0).into(),
            [InterfaceType::S8] => (low() as i8).into(),
            [InterfaceType::U8] => (low() as u8).into(),
            [InterfaceType::S16] => (low() as i16).into(),
            [InterfaceType::U16] => (low() as u16).into(),
            [InterfaceType::S32] => (low() as i32).into(),
            [InterfaceType::U32 | InterfaceType::Float32] => low().into(),
            [InterfaceType::S64 | InterfaceType::U64 | InterfaceType::Float64] => src[0].get_i64(),
            [InterfaceType::Char] if char::from_u32(low()).is_some() => low().into(),
            [InterfaceType::Char] => {
                return Err(wasmtime::Error::msg(format!("the component returned {:#x} as a char", low())));
            }
            _ => return Err(wrong()),
        }))
    }

    fn linear_lift_from_memory(_: &mut LiftContext<'_>, _: InterfaceType, _: &[u8]) -> Result<Self> {
        Err(wrong())
    }
}
