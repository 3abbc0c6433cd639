//! The Java objects that a Store holds: its host functions, and what its externrefs refer to.
//!
//! They hang on the Store, not on the closures and references that use them, so that a closed Store releases them
//! even where a ByteBuffer still keeps its memory: a host function that refers to such a buffer would keep itself
//! otherwise.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jni::objects::JObject;
use jni::refs::Global;

pub type Object = Global<JObject<'static>>;

/// A `ComponentHost`. Without a lifetime in its type, a future can hold it.
pub struct Host(pub Object);

/// The host functions of a Linker, which every Store holds that can call them.
#[derive(Clone, Default)]
pub struct LinkedFunctions(Arc<Mutex<Vec<Arc<Object>>>>);

impl LinkedFunctions {
    pub fn add(&self, function: Arc<Object>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(function);
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// The objects that one Store holds.
#[derive(Default)]
pub struct Held {
    functions: Vec<Object>,
    /// The functions of Linkers, by their address.
    linked: HashMap<usize, LinkedFunctions>,
    /// The `ComponentHost`s of components' instances, by the numbers of their linkings.
    component_hosts: HashMap<u64, Arc<Host>>,
    objects: Arc<Mutex<Objects>>,
}

#[derive(Default)]
struct Objects {
    by_number: HashMap<u64, Arc<Object>>,
    next: u64,
}

/// The content of an externref. The object goes with it.
pub struct HeldObject {
    number: u64,
    objects: Arc<Mutex<Objects>>,
}

impl Held {
    /// Functions stay as long as the Store, as wasmtime's do.
    pub fn add_function(&mut self, function: Object) -> usize {
        self.functions.push(function);
        self.functions.len() - 1
    }

    /// None once the Store is closed.
    #[inline]
    pub fn function(&self, index: usize) -> Option<&Object> {
        self.functions.get(index)
    }

    /// Holds a Linker's functions, those to come included. Does nothing for a Linker without any: a Store may see many.
    pub fn add_linked(&mut self, functions: &LinkedFunctions) {
        if !functions.is_empty() {
            self.linked.entry(Arc::as_ptr(&functions.0).addr()).or_insert_with(|| functions.clone());
        }
    }

    /// Holds the host functions of a component's instance. There is one instance for each number of a linking.
    pub fn add_component_host(&mut self, linking: u64, host: Object) {
        self.component_hosts.insert(linking, Arc::new(Host(host)));
    }

    pub fn has_component_host(&self, linking: u64) -> bool {
        self.component_hosts.contains_key(&linking)
    }

    /// None once the Store is closed.
    #[inline]
    pub fn component_host(&self, linking: u64) -> Option<&Arc<Host>> {
        self.component_hosts.get(&linking)
    }

    pub fn add_object(&self, object: Object) -> HeldObject {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let number = objects.next;
        objects.next += 1;
        objects.by_number.insert(number, Arc::new(object));
        HeldObject { number, objects: self.objects.clone() }
    }

    pub fn let_go(&mut self) {
        let objects = std::mem::take(&mut self.objects.lock().unwrap_or_else(PoisonError::into_inner).by_number);
        let hosts = std::mem::take(&mut self.component_hosts);
        drop((std::mem::take(&mut self.functions), std::mem::take(&mut self.linked), hosts, objects));
    }
}

impl HeldObject {
    /// None once the Store is closed.
    pub fn get(&self) -> Option<Arc<Object>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).by_number.get(&self.number).cloned()
    }
}

impl Drop for HeldObject {
    fn drop(&mut self) {
        let object = self.objects.lock().unwrap_or_else(PoisonError::into_inner).by_number.remove(&self.number);
        // Without the lock.
        drop(object);
    }
}
