//! Described records, the way in which settings cross: a Java record states them, and each of its components is read
//! here once, by its name. Nothing hangs on the time that the look-ups take.

use jni::Env;
use jni::jni_sig;
use jni::objects::{JLongArray, JObject, JObjectArray, JString};
use jni::signature::MethodSignature;
use jni::strings::JNIStr;
use jni::sys::jlong;

use crate::bridge::error::Result;
use crate::bridge::java;

/// A Java record whose components are read.
pub struct Described<'e, 'l, 'o> {
    env: &'e mut Env<'l>,
    record: &'o JObject<'o>,
}

impl<'e, 'l, 'o> Described<'e, 'l, 'o> {
    pub fn new(env: &'e mut Env<'l>, record: &'o JObject<'o>) -> Self {
        Described { env, record }
    }

    /// Returns the environment, for objects that have to be read by other means.
    pub fn env(&mut self) -> &mut Env<'l> {
        self.env
    }

    /// Reads an object, whose accessor has that signature.
    pub fn object(&mut self, name: &JNIStr, accessor: MethodSignature<'_, '_>) -> Result<JObject<'l>> {
        Ok(self.env.call_method(self.record, name, accessor, &[])?.into_object()?)
    }

    /// Reads a `long`.
    pub fn long(&mut self, name: &JNIStr) -> Result<jlong> {
        Ok(self.env.call_method(self.record, name, jni_sig!("()J"), &[])?.into_long()?)
    }

    /// Reads a `long` that is a size or a number of things. One below zero is none at all.
    pub fn size(&mut self, name: &JNIStr) -> Result<usize> {
        let number = self.long(name)?;
        Ok(if number < 0 { 0 } else { usize::try_from(number).unwrap_or(usize::MAX) })
    }

    /// Reads a `String`, which may be null.
    pub fn string(&mut self, name: &JNIStr) -> Result<Option<String>> {
        let string = self.object(name, jni_sig!("()Ljava/lang/String;"))?;
        let string = self.env.cast_local::<JString<'_>>(string)?;
        if string.is_null() { Ok(None) } else { Ok(Some(string.try_to_string(self.env)?)) }
    }

    /// Reads a `String[]`.
    pub fn strings(&mut self, name: &JNIStr) -> Result<Vec<String>> {
        let array = self.object(name, jni_sig!("()[Ljava/lang/String;"))?;
        let array = self.env.cast_local::<JObjectArray<'_, JString<'_>>>(array)?;
        java::strings(self.env, &array)
    }

    /// Reads a `String[]` of names and values in turn.
    pub fn pairs(&mut self, name: &JNIStr) -> Result<Vec<(String, String)>> {
        Ok(self.strings(name)?.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
    }

    /// Reads a `long[]`.
    pub fn longs(&mut self, name: &JNIStr) -> Result<Vec<jlong>> {
        let array = self.object(name, jni_sig!("()[J"))?;
        let array = self.env.cast_local::<JLongArray<'_>>(array)?;
        let mut longs = vec![0; array.len(self.env)?];
        array.get_region(self.env, 0, &mut longs)?;
        Ok(longs)
    }
}
