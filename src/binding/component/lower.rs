//! Packed values into a component: as numbers, or into its memory.

use std::mem::MaybeUninit;
use std::slice::IterMut;

use wasmtime::ValRaw;
use wasmtime::component::__internal::wasmtime_environ::component::VariantInfo;
use wasmtime::component::__internal::{CanonicalAbiInfo, InterfaceType, LowerContext};
use wasmtime::component::Lower;

#[cfg(feature = "component-async")]
use crate::binding::component::futures;
use crate::binding::component::packed::{Reader, SharedResources, java_resource, wrong};
#[cfg(feature = "component-async")]
use crate::binding::component::streams;
use crate::binding::component::values::{Result, is_byte, is_plain, unsupported};

/// The value of a case, with what the canonical ABI says of the type.
struct Case<'a> {
    number: u32,
    value: Option<InterfaceType>,
    abi: &'a CanonicalAbiInfo,
    info: &'a VariantInfo,
}

/// Writes packed values into a component.
pub struct Lowering<'a, 'b, T: 'static> {
    pub cx: &'a mut LowerContext<'b, T>,
    pub reader: Reader<'a>,
    pub resources: &'a SharedResources,
}

fn next<'a>(dst: &mut IterMut<'a, MaybeUninit<ValRaw>>) -> Result<&'a mut MaybeUninit<ValRaw>> {
    dst.next().ok_or_else(wrong)
}

impl<'b, T: 'static> Lowering<'_, 'b, T> {
    pub fn flat(&mut self, ty: InterfaceType, dst: &mut IterMut<'_, MaybeUninit<ValRaw>>) -> Result<()> {
        let types = self.cx.types;
        let reader = &mut self.reader;
        let value = match ty {
            InterfaceType::Bool => ValRaw::u32((reader.u8()? != 0).into()),
            InterfaceType::S8 => ValRaw::i32((reader.u8()? as i8).into()),
            InterfaceType::U8 => ValRaw::u32(reader.u8()?.into()),
            InterfaceType::S16 => ValRaw::i32((reader.u16()? as i16).into()),
            InterfaceType::U16 => ValRaw::u32(reader.u16()?.into()),
            InterfaceType::S32 | InterfaceType::U32 => ValRaw::u32(reader.u32()?),
            InterfaceType::S64 | InterfaceType::U64 => ValRaw::u64(reader.u64()?),
            InterfaceType::Float32 => ValRaw::f32(reader.u32()?),
            InterfaceType::Float64 => ValRaw::f64(reader.u64()?),
            InterfaceType::Char => ValRaw::u32(reader.char()?),
            InterfaceType::Own(_) | InterfaceType::Borrow(_) => ValRaw::u32(self.resource(ty)?),
            #[cfg(feature = "component-async")]
            InterfaceType::Future(_) | InterfaceType::Stream(_) => ValRaw::u32(self.transmit(ty)?),
            InterfaceType::String => {
                let string = self.reader.str()?;
                let mut pair = MaybeUninit::uninit();
                string.linear_lower_to_flat(self.cx, ty, &mut pair)?;
                // SAFETY: wasmtime has written both.
                let [address, length] = unsafe { pair.assume_init() };
                next(dst)?.write(address);
                length
            }
            InterfaceType::List(list) => {
                let (address, length) = self.list(types[list].element)?;
                next(dst)?.write(ValRaw::u64(address as u64));
                ValRaw::u64(length as u64)
            }
            InterfaceType::Record(record) => {
                return types[record].fields.iter().try_for_each(|field| self.flat(field.ty, dst));
            }
            InterfaceType::Tuple(tuple) => return types[tuple].types.iter().try_for_each(|ty| self.flat(*ty, dst)),
            InterfaceType::FixedLengthList(list) => {
                let list = &types[list];
                return (0..list.size).try_for_each(|_| self.flat(list.element, dst));
            }
            InterfaceType::Enum(ty) => ValRaw::u32(reader.case(types[ty].names.len())?),
            InterfaceType::Flags(flags) => {
                for _ in 0..types[flags].names.len().div_ceil(32) {
                    next(dst)?.write(ValRaw::u32(reader.u32()?));
                }
                return Ok(());
            }
            InterfaceType::Variant(_) | InterfaceType::Option(_) | InterfaceType::Result(_) => {
                let case = self.case(ty)?;
                next(dst)?.write(ValRaw::u32(case.number));
                let mut written = 1;
                if let Some(ty) = case.value {
                    self.flat(ty, dst)?;
                    written += types.canonical_abi(&ty).flat_count(usize::MAX).ok_or_else(wrong)?;
                }
                for _ in written..case.abi.flat_count(usize::MAX).ok_or_else(wrong)? {
                    next(dst)?.write(ValRaw::u64(0));
                }
                return Ok(());
            }
            _ => return Err(unsupported()),
        };
        next(dst)?.write(value);
        Ok(())
    }

    /// The address has been checked for the size of the type.
    pub fn memory(&mut self, ty: InterfaceType, address: usize) -> Result<()> {
        let types = self.cx.types;
        let reader = &mut self.reader;
        match ty {
            InterfaceType::Bool => *self.cx.get(address) = [(reader.u8()? != 0).into()],
            InterfaceType::S8 | InterfaceType::U8 => *self.cx.get(address) = [reader.u8()?],
            InterfaceType::S16 | InterfaceType::U16 => *self.cx.get(address) = reader.u16()?.to_le_bytes(),
            InterfaceType::S32 | InterfaceType::U32 | InterfaceType::Float32 => {
                *self.cx.get(address) = reader.u32()?.to_le_bytes();
            }
            InterfaceType::S64 | InterfaceType::U64 | InterfaceType::Float64 => {
                *self.cx.get(address) = reader.u64()?.to_le_bytes();
            }
            InterfaceType::Char => *self.cx.get(address) = reader.char()?.to_le_bytes(),
            InterfaceType::Own(_) | InterfaceType::Borrow(_) => {
                *self.cx.get(address) = self.resource(ty)?.to_le_bytes();
            }
            #[cfg(feature = "component-async")]
            InterfaceType::Future(_) | InterfaceType::Stream(_) => {
                *self.cx.get(address) = self.transmit(ty)?.to_le_bytes();
            }
            InterfaceType::String => self.reader.str()?.linear_lower_to_memory(self.cx, ty, address)?,
            InterfaceType::List(list) => {
                let (start, length) = self.list(types[list].element)?;
                *self.cx.get(address) = u32::try_from(start)?.to_le_bytes();
                *self.cx.get(address + 4) = u32::try_from(length)?.to_le_bytes();
            }
            InterfaceType::Record(record) => {
                let mut end = address;
                for field in &types[record].fields {
                    let address = types.canonical_abi(&field.ty).next_field32_size(&mut end);
                    self.memory(field.ty, address)?;
                }
            }
            InterfaceType::Tuple(tuple) => {
                let mut end = address;
                for ty in &types[tuple].types {
                    let address = types.canonical_abi(ty).next_field32_size(&mut end);
                    self.memory(*ty, address)?;
                }
            }
            InterfaceType::FixedLengthList(list) => {
                let list = &types[list];
                let size = types.canonical_abi(&list.element).size32 as usize;
                for i in 0..list.size as usize {
                    self.memory(list.element, address + i * size)?;
                }
            }
            InterfaceType::Flags(flags) => {
                let names = types[flags].names.len();
                for word in 0..names.div_ceil(32) {
                    let bits = reader.u32()?.to_le_bytes();
                    match names {
                        0..=8 => *self.cx.get(address) = [bits[0]],
                        9..=16 => *self.cx.get(address) = [bits[0], bits[1]],
                        _ => *self.cx.get(address + 4 * word) = bits,
                    }
                }
            }
            InterfaceType::Enum(ty) => {
                let number = reader.case(types[ty].names.len())?;
                self.discriminant(number, &types[ty].info, address);
            }
            InterfaceType::Variant(_) | InterfaceType::Option(_) | InterfaceType::Result(_) => {
                let case = self.case(ty)?;
                self.discriminant(case.number, case.info, address);
                if let Some(ty) = case.value {
                    self.memory(ty, address + case.info.payload_offset32 as usize)?;
                }
            }
            _ => return Err(unsupported()),
        }
        Ok(())
    }

    fn discriminant(&mut self, number: u32, info: &VariantInfo, address: usize) {
        let bytes = number.to_le_bytes();
        match info.size.byte_size() {
            1 => *self.cx.get(address) = [bytes[0]],
            2 => *self.cx.get(address) = [bytes[0], bytes[1]],
            _ => *self.cx.get(address) = bytes,
        }
    }

    /// Reads which case comes.
    fn case(&mut self, ty: InterfaceType) -> Result<Case<'b>> {
        let types = self.cx.types;
        Ok(match ty {
            InterfaceType::Variant(variant) => {
                let ty = &types[variant];
                let number = self.reader.case(ty.cases.len())?;
                Case { number, value: ty.cases[number as usize], abi: &ty.abi, info: &ty.info }
            }
            InterfaceType::Option(option) => {
                let ty = &types[option];
                let number = self.reader.case(2)?;
                Case { number, value: [None, Some(ty.ty)][number as usize], abi: &ty.abi, info: &ty.info }
            }
            InterfaceType::Result(result) => {
                let ty = &types[result];
                let number = self.reader.case(2)?;
                Case { number, value: [ty.ok, ty.err][number as usize], abi: &ty.abi, info: &ty.info }
            }
            _ => return Err(wrong()),
        })
    }

    /// Returns address and number of elements.
    fn list(&mut self, element: InterfaceType) -> Result<(usize, usize)> {
        let abi = self.cx.types.canonical_abi(&element);
        let (size, align) = (abi.size32 as usize, abi.align32);
        let length = self.reader.u32()?;
        if is_byte(element) && (length as i32) < 0 {
            let (array, length) = self.reader.arrays.jvm.array_at(self.reader.arrays.arrays, -1 - length as i32)?;
            let address = self.cx.realloc(0, 0, 1, length)?;
            array.copy_to(&mut self.cx.as_slice_mut()[address..][..length]);
            return Ok((address, length));
        }
        let length = length as usize;
        let bytes = length.checked_mul(size).ok_or_else(wrong)?;
        if is_plain(element) {
            let values = self.reader.take(bytes)?;
            let address = self.cx.realloc(0, 0, align, bytes)?;
            self.cx.as_slice_mut()[address..][..bytes].copy_from_slice(values);
            return Ok((address, length));
        }
        let address = self.cx.realloc(0, 0, align, bytes)?;
        for i in 0..length {
            self.memory(element, address + i * size)?;
        }
        Ok((address, length))
    }

    /// Gives the component a future or stream, and returns its own number for it.
    #[cfg(feature = "component-async")]
    fn transmit(&mut self, ty: InterfaceType) -> Result<u32> {
        let number = self.reader.u64()? as i64;
        let mut lowered = MaybeUninit::uninit();
        if let InterfaceType::Future(_) = ty {
            let future = futures::promised(&mut self.cx.store, number, self.resources)?;
            future.linear_lower_to_flat(self.cx, ty, &mut lowered)?;
        } else {
            let stream = streams::give(&mut self.cx.store, number)?;
            stream.linear_lower_to_flat(self.cx, ty, &mut lowered)?;
        }
        // SAFETY: wasmtime has written it.
        Ok(unsafe { lowered.assume_init() }.get_u32())
    }

    /// Returns the guest's own number for a resource.
    fn resource(&mut self, ty: InterfaceType) -> Result<u32> {
        let number = self.reader.u64()? as i64;
        if number >= 0 {
            let resource = self.resources.get(number).map_err(|e| e.into_wasmtime())?;
            let mut lowered = MaybeUninit::uninit();
            resource.linear_lower_to_flat(self.cx, ty, &mut lowered)?;
            if matches!(ty, InterfaceType::Own(_)) {
                self.resources.remove(number).map_err(|e| e.into_wasmtime())?;
            }
            // SAFETY: wasmtime has written it.
            return Ok(unsafe { lowered.assume_init() }.get_u32());
        }
        let rep = u32::try_from(-1 - number).map_err(|_| wrong())?;
        match ty {
            InterfaceType::Own(ty) if self.cx.resource_type(ty) == java_resource() => {
                self.cx.guest_resource_lower_own(ty, rep)
            }
            InterfaceType::Borrow(ty) if self.cx.resource_type(ty) == java_resource() => {
                self.cx.guest_resource_lower_borrow(ty, rep)
            }
            _ => Err(wrong()),
        }
    }
}
