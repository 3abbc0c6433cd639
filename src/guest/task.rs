//! The way of a task to a component: as the parameters of a native method, one for each of its parts.

use jni::Env;
use jni::objects::{JByteArray, JObjectArray, JString};
use jni::refs::IntoAuto;
use jni::sys::{jint, jlong};

use crate::bridge::error::Result;
use crate::bridge::java::strings;
use crate::guest::component::{Header, Task};

/// The parameters that describe a task.
pub struct TaskParameters<'l> {
    pub topic: JString<'l>,
    pub partition: jint,
    pub offset: jlong,
    pub timestamp: jlong,
    pub key: JByteArray<'l>,
    pub value: JByteArray<'l>,
    pub header_names: JObjectArray<'l, JString<'l>>,
    pub header_values: JObjectArray<'l, JByteArray<'l>>,
    pub attempt: jint,
}

impl<'l> TaskParameters<'l> {
    /// Copies the task. Once a fiber runs, Java cannot be asked any more.
    pub fn read(self, env: &mut Env<'l>) -> Result<Task> {
        Ok(Task {
            topic: self.topic.try_to_string(env)?,
            partition: self.partition,
            offset: self.offset,
            timestamp: self.timestamp,
            headers: headers(env, &self.header_names, &self.header_values)?,
            key: bytes(env, &self.key)?,
            value: bytes(env, &self.value)?,
            attempt: u32::try_from(self.attempt).unwrap_or(1),
        })
    }
}

fn headers<'l>(
    env: &mut Env<'l>,
    names: &JObjectArray<'l, JString<'l>>,
    values: &JObjectArray<'l, JByteArray<'l>>,
) -> Result<Vec<Header>> {
    let names = strings(env, names)?.into_iter().enumerate();
    names
        .map(|(i, name)| {
            let value = values.get_element(env, i)?.auto();
            Ok(Header { name, value: bytes(env, &value)? })
        })
        .collect()
}

/// Copies an array of bytes, if there is one.
fn bytes<'l>(env: &mut Env<'l>, array: &JByteArray<'l>) -> Result<Option<Vec<u8>>> {
    if array.is_null() { Ok(None) } else { Ok(Some(env.convert_byte_array(array)?)) }
}
