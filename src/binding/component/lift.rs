//! Values out of a component, from numbers or its memory, and packed. Nothing of it is trusted.

use std::slice::Iter;

use wasmtime::ValRaw;
use wasmtime::component::__internal::wasmtime_environ::component::StringEncoding;
use wasmtime::component::__internal::{InterfaceType, LiftContext};
#[cfg(feature = "component-async")]
use wasmtime::component::{FutureAny, StreamAny};
use wasmtime::component::{Lift, ResourceAny};

use crate::binding::component::packed::{Arrays, LARGE, Packed, java_resource, wrong};
use crate::binding::component::values::{Result, is_byte, is_plain, unsupported};

/// The least that an element of a list counts against wasmtime's limit of what a call copies: Java makes an object of
/// each.
const ELEMENT: usize = 16;

/// Reads packed values out of a component.
pub struct Lifting<'a, 'b> {
    pub cx: &'a mut LiftContext<'b>,
    pub packed: Packed,
    /// Where large byte lists can go, and how many have gone there.
    pub arrays: (Arrays, u32),
}

fn take<'a>(src: &mut Iter<'a, ValRaw>) -> Result<&'a ValRaw> {
    src.next().ok_or_else(wrong)
}

impl Lifting<'_, '_> {
    /// Fails where that much memory is not there, or the address is not aligned.
    pub fn check(&self, address: usize, length: usize, align: u32) -> Result<()> {
        if !address.is_multiple_of(align as usize) {
            return Err(wasmtime::Error::msg("a pointer of the component is not aligned"));
        }
        match address.checked_add(length) {
            Some(end) if end <= self.cx.memory().len() => Ok(()),
            _ => Err(wasmtime::Error::msg("a pointer of the component is out of bounds of its memory")),
        }
    }

    fn bytes<const N: usize>(&self, address: usize) -> Result<[u8; N]> {
        self.cx.memory().get(address..).and_then(|bytes| bytes.first_chunk().copied()).ok_or_else(wrong)
    }

    fn char(&mut self, char: u32) -> Result<()> {
        if char::from_u32(char).is_none() {
            return Err(wasmtime::Error::msg(format!("the component returned {char:#x} as a char")));
        }
        self.packed.u32(char);
        Ok(())
    }

    pub fn flat(&mut self, ty: InterfaceType, src: &mut Iter<'_, ValRaw>) -> Result<()> {
        match ty {
            InterfaceType::Bool => self.packed.bytes.push((take(src)?.get_u32() != 0).into()),
            InterfaceType::S8 | InterfaceType::U8 => self.packed.bytes.push(take(src)?.get_u32() as u8),
            InterfaceType::S16 | InterfaceType::U16 => {
                self.packed.bytes.extend_from_slice(&(take(src)?.get_u32() as u16).to_le_bytes());
            }
            InterfaceType::S32 | InterfaceType::U32 => self.packed.u32(take(src)?.get_u32()),
            InterfaceType::Float32 => self.packed.u32(take(src)?.get_f32()),
            InterfaceType::S64 | InterfaceType::U64 => self.packed.u64(take(src)?.get_u64()),
            InterfaceType::Float64 => self.packed.u64(take(src)?.get_f64()),
            InterfaceType::Char => self.char(take(src)?.get_u32())?,
            InterfaceType::Own(_) | InterfaceType::Borrow(_) => self.resource(ty, take(src)?.get_u32())?,
            #[cfg(feature = "component-async")]
            InterfaceType::Future(_) | InterfaceType::Stream(_) => self.transmit(ty, take(src)?.get_u32())?,
            InterfaceType::String => {
                let (address, length) = (take(src)?, take(src)?);
                self.string([*address, *length])?;
            }
            InterfaceType::List(list) => {
                let (address, length) = (take(src)?.get_u32(), take(src)?.get_u32());
                let element = self.cx.types[list].element;
                self.list(element, address as usize, length as usize)?;
            }
            InterfaceType::Record(record) => {
                let types = self.cx.types;
                return types[record].fields.iter().try_for_each(|field| self.flat(field.ty, src));
            }
            InterfaceType::Tuple(tuple) => {
                let types = self.cx.types;
                return types[tuple].types.iter().try_for_each(|ty| self.flat(*ty, src));
            }
            InterfaceType::FixedLengthList(list) => {
                let (size, element) = (self.cx.types[list].size, self.cx.types[list].element);
                return (0..size).try_for_each(|_| self.flat(element, src));
            }
            InterfaceType::Flags(flags) => {
                for _ in 0..self.cx.types[flags].names.len().div_ceil(32) {
                    self.packed.u32(take(src)?.get_u32());
                }
            }
            InterfaceType::Enum(_) => {
                self.case(ty, take(src)?.get_u32())?;
            }
            InterfaceType::Variant(_) | InterfaceType::Option(_) | InterfaceType::Result(_) => {
                let flat = self.cx.types.canonical_abi(&ty).flat_count(usize::MAX).ok_or_else(wrong)?;
                let value = self.case(ty, take(src)?.get_u32())?;
                let mut taken = 1;
                if let Some(ty) = value {
                    self.flat(ty, src)?;
                    taken += self.cx.types.canonical_abi(&ty).flat_count(usize::MAX).ok_or_else(wrong)?;
                }
                for _ in taken..flat {
                    take(src)?;
                }
            }
            _ => return Err(unsupported()),
        }
        Ok(())
    }

    pub fn memory(&mut self, ty: InterfaceType, address: usize) -> Result<()> {
        match ty {
            InterfaceType::Bool => {
                let [byte] = self.bytes(address)?;
                self.packed.bytes.push((byte != 0).into());
            }
            InterfaceType::S8 | InterfaceType::U8 => {
                let [byte] = self.bytes(address)?;
                self.packed.bytes.push(byte);
            }
            InterfaceType::S16 | InterfaceType::U16 => {
                let bytes: [u8; 2] = self.bytes(address)?;
                self.packed.bytes.extend_from_slice(&bytes);
            }
            InterfaceType::S32 | InterfaceType::U32 | InterfaceType::Float32 => {
                let bytes: [u8; 4] = self.bytes(address)?;
                self.packed.bytes.extend_from_slice(&bytes);
            }
            InterfaceType::S64 | InterfaceType::U64 | InterfaceType::Float64 => {
                let bytes: [u8; 8] = self.bytes(address)?;
                self.packed.bytes.extend_from_slice(&bytes);
            }
            InterfaceType::Char => {
                let char = u32::from_le_bytes(self.bytes(address)?);
                self.char(char)?;
            }
            InterfaceType::Own(_) | InterfaceType::Borrow(_) => {
                let index = u32::from_le_bytes(self.bytes(address)?);
                self.resource(ty, index)?;
            }
            #[cfg(feature = "component-async")]
            InterfaceType::Future(_) | InterfaceType::Stream(_) => {
                let index = u32::from_le_bytes(self.bytes(address)?);
                self.transmit(ty, index)?;
            }
            InterfaceType::String => {
                let start = u32::from_le_bytes(self.bytes(address)?);
                let length = u32::from_le_bytes(self.bytes(address + 4)?);
                self.string([ValRaw::u32(start), ValRaw::u32(length)])?;
            }
            InterfaceType::List(list) => {
                let start = u32::from_le_bytes(self.bytes(address)?);
                let length = u32::from_le_bytes(self.bytes(address + 4)?);
                let element = self.cx.types[list].element;
                self.list(element, start as usize, length as usize)?;
            }
            InterfaceType::Record(record) => {
                let types = self.cx.types;
                let mut end = address;
                for field in &types[record].fields {
                    let address = types.canonical_abi(&field.ty).next_field32_size(&mut end);
                    self.memory(field.ty, address)?;
                }
            }
            InterfaceType::Tuple(tuple) => {
                let types = self.cx.types;
                let mut end = address;
                for ty in &types[tuple].types {
                    let address = types.canonical_abi(ty).next_field32_size(&mut end);
                    self.memory(*ty, address)?;
                }
            }
            InterfaceType::FixedLengthList(list) => {
                let (length, element) = (self.cx.types[list].size as usize, self.cx.types[list].element);
                let size = self.cx.types.canonical_abi(&element).size32 as usize;
                for i in 0..length {
                    self.memory(element, address + i * size)?;
                }
            }
            InterfaceType::Flags(flags) => {
                let names = self.cx.types[flags].names.len();
                for word in 0..names.div_ceil(32) {
                    let bits = match names {
                        0..=8 => self.bytes::<1>(address)?[0].into(),
                        9..=16 => u16::from_le_bytes(self.bytes(address)?).into(),
                        _ => u32::from_le_bytes(self.bytes(address + 4 * word)?),
                    };
                    self.packed.u32(bits);
                }
            }
            InterfaceType::Enum(_)
            | InterfaceType::Variant(_)
            | InterfaceType::Option(_)
            | InterfaceType::Result(_) => {
                let types = self.cx.types;
                let info = match ty {
                    InterfaceType::Enum(ty) => &types[ty].info,
                    InterfaceType::Variant(ty) => &types[ty].info,
                    InterfaceType::Option(ty) => &types[ty].info,
                    InterfaceType::Result(ty) => &types[ty].info,
                    _ => return Err(wrong()),
                };
                let number = match info.size.byte_size() {
                    1 => self.bytes::<1>(address)?[0].into(),
                    2 => u16::from_le_bytes(self.bytes(address)?).into(),
                    _ => u32::from_le_bytes(self.bytes(address)?),
                };
                if let Some(ty) = self.case(ty, number)? {
                    self.memory(ty, address + info.payload_offset32 as usize)?;
                }
            }
            _ => return Err(unsupported()),
        }
        Ok(())
    }

    /// Packs the number of a case. Returns the type of its value.
    fn case(&mut self, ty: InterfaceType, number: u32) -> Result<Option<InterfaceType>> {
        let types = &self.cx.types;
        let index = number as usize;
        let value = match ty {
            InterfaceType::Enum(ty) => (index < types[ty].names.len()).then_some(None),
            InterfaceType::Variant(ty) => types[ty].cases.get_index(index).map(|(_, ty)| *ty),
            InterfaceType::Option(ty) => [None, Some(types[ty].ty)].get(index).copied(),
            InterfaceType::Result(ty) => [types[ty].ok, types[ty].err].get(index).copied(),
            _ => return Err(wrong()),
        };
        let value = value.ok_or_else(|| {
            wasmtime::Error::msg(format!("the component returned a case {number}, which is not there"))
        })?;
        self.packed.u32(number);
        Ok(value)
    }

    fn string(&mut self, pair: [ValRaw; 2]) -> Result<()> {
        let length = pair[1].get_u32() as usize;
        if self.cx.options().string_encoding == StringEncoding::Utf8 {
            let address = pair[0].get_u32() as usize;
            self.check(address, length, 1)?;
            self.cx.consume_fuel(length)?;
            let string = std::str::from_utf8(&self.cx.memory()[address..][..length])?;
            self.packed.u32(length as u32);
            self.packed.bytes.extend_from_slice(string.as_bytes());
        } else {
            let string = String::linear_lift_from_flat(self.cx, InterfaceType::String, &pair)?;
            self.packed.u32(u32::try_from(string.len())?);
            self.packed.bytes.extend_from_slice(string.as_bytes());
        }
        Ok(())
    }

    fn list(&mut self, element: InterfaceType, address: usize, length: usize) -> Result<()> {
        let abi = self.cx.types.canonical_abi(&element);
        let (size, align) = (abi.size32 as usize, abi.align32);
        let bytes = length.checked_mul(size).ok_or_else(wrong)?;
        self.check(address, bytes, align)?;
        self.cx.consume_fuel_array(length, if is_byte(element) { 1 } else { size.max(ELEMENT) })?;
        if is_byte(element) && length >= LARGE {
            let (arrays, used) = &mut self.arrays;
            if arrays.jvm.put_array(arrays.arrays, *used, &self.cx.memory()[address..][..bytes])? {
                *used += 1;
                self.packed.u32(0u32.wrapping_sub(*used));
                return Ok(());
            }
        }
        self.packed.u32(i32::try_from(length)? as u32);
        if is_plain(element) {
            self.packed.bytes.extend_from_slice(&self.cx.memory()[address..][..bytes]);
            return Ok(());
        }
        for i in 0..length {
            self.memory(element, address + i * size)?;
        }
        Ok(())
    }

    /// Takes a future or stream from the component.
    #[cfg(feature = "component-async")]
    fn transmit(&mut self, ty: InterfaceType, index: u32) -> Result<()> {
        let index = ValRaw::u32(index);
        if let InterfaceType::Future(_) = ty {
            let future = FutureAny::linear_lift_from_flat(self.cx, ty, &index)?;
            self.packed.future(future);
        } else {
            let stream = StreamAny::linear_lift_from_flat(self.cx, ty, &index)?;
            self.packed.stream(stream);
        }
        Ok(())
    }

    fn resource(&mut self, ty: InterfaceType, index: u32) -> Result<()> {
        let rep = match ty {
            InterfaceType::Own(ty) if self.cx.resource_type(ty) == java_resource() => {
                self.cx.guest_resource_lift_own(ty, index)?.0
            }
            InterfaceType::Borrow(ty) if self.cx.resource_type(ty) == java_resource() => {
                self.cx.guest_resource_lift_borrow(ty, index)?
            }
            _ => {
                let resource = ResourceAny::linear_lift_from_flat(self.cx, ty, &ValRaw::u32(index))?;
                self.packed.resource(resource);
                return Ok(());
            }
        };
        self.packed.u64((-1 - i64::from(rep)) as u64);
        Ok(())
    }
}
