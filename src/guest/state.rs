//! Stores, in which guests keep bytes by key: what a guest may do with them, and the calls into Java, where
//! `StateStores` has them. Names, sizes and limits are checked here, so that Java never has to refuse.

use std::sync::OnceLock;

use jni::ids::JMethodID;
use jni::objects::JObject;
use jni::sys::{jobject, jvalue};
use jni::{Env, bind_java_type, jni_sig, jni_str};

use crate::bridge::error::{Error, Result};
use crate::bridge::java::{Jvm, LocalBytes, SharedBytes};
use crate::guest::notes::{Level, Notes};

/// Most bytes of a key, and of a key and its value; `StateAccess` in Java names them.
pub const MAX_KEY: usize = 64 * 1024;
pub const MAX_ENTRY: usize = 1_000_000;

/// The stores that a guest may use, and limits on that. A store has the number of its name: first `stores`, then
/// `tables`, which nobody writes to.
#[derive(Debug, Default)]
pub struct StateGrants {
    pub stores: Vec<String>,
    pub tables: Vec<String>,
    /// Most calls of one task.
    pub task_operations: usize,
    /// Most bytes of keys and values that one task may hand over and get.
    pub task_bytes: usize,
}

/// The number of a store, for those who know that there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store(u32);

impl Store {
    pub fn number(self) -> u32 {
        self.0
    }

    fn argument(self) -> jvalue {
        jvalue { i: self.0 as i32 }
    }
}

impl StateGrants {
    pub fn is_empty(&self) -> bool {
        self.stores.is_empty() && self.tables.is_empty()
    }

    /// Returns the names by their numbers.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.stores.iter().chain(&self.tables)
    }

    /// Finds a store by its name. A name that was not granted is also noted.
    pub fn open(&self, name: &[u8], notes: &Notes) -> Option<Store> {
        let found = self.names().position(|own| own.as_bytes() == name);
        if found.is_none() {
            // Escaping a long name takes seconds.
            let name = String::from_utf8_lossy(&name[..name.len().min(255)]);
            let name: String = name.chars().flat_map(char::escape_debug).collect();
            notes.add_once(
                Level::Warn,
                format!("there is no store '{name}'; \"{name}\" in StateAccess.stores would grant one"),
            );
        }
        found.map(|number| Store(number as u32))
    }

    /// Returns the store of that number; None if there is none.
    pub fn store(&self, number: u32) -> Option<Store> {
        ((number as usize) < self.stores.len() + self.tables.len()).then_some(Store(number))
    }

    fn is_table(&self, store: Store) -> bool {
        store.0 as usize >= self.stores.len()
    }
}

/// The reason why an operation was not done. Numbers 1 to 3 stand for them in protocol 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The store is a table.
    ReadOnly,
    /// The key or the value has more bytes than one may have.
    TooLarge(String),
    /// The task has used its stores as much as it may.
    Limit(String),
}

/// An operation's result, or the reason why it was not done. The outer error ends the task.
pub type Refusable<T> = Result<std::result::Result<T, Refusal>>;

/// The use that one task has made of its stores.
pub struct Usage {
    operations: usize,
    bytes: usize,
}

impl Usage {
    pub const NONE: Usage = Usage { operations: 0, bytes: 0 };
}

/// What an operation is held against: the grants, the use so far, and the notes for what is refused.
pub struct Limits<'a> {
    pub grants: &'a StateGrants,
    pub usage: &'a mut Usage,
    pub notes: &'a Notes,
}

impl Limits<'_> {
    /// Counts an operation that hands over that many bytes.
    fn begin(&mut self, bytes: usize) -> std::result::Result<(), Refusal> {
        if self.usage.operations >= self.grants.task_operations {
            return Err(self.limit(format!(
                "the task has made {} calls into its stores and may make no more (StateAccess.taskOperations)",
                self.usage.operations
            )));
        }
        self.usage.operations += 1;
        self.add(bytes)
    }

    /// Counts bytes.
    fn add(&mut self, bytes: usize) -> std::result::Result<(), Refusal> {
        if bytes > self.room() {
            return Err(self.no_room());
        }
        self.usage.bytes += bytes;
        Ok(())
    }

    /// Returns the bytes that the task may still hand over and get.
    fn room(&self) -> usize {
        self.grants.task_bytes.saturating_sub(self.usage.bytes)
    }

    #[cold]
    fn no_room(&self) -> Refusal {
        self.limit(format!(
            "the task may exchange {} bytes of keys and values with its stores and no more (StateAccess.taskBytes)",
            self.grants.task_bytes
        ))
    }

    #[cold]
    fn limit(&self, line: String) -> Refusal {
        self.notes.add_once(Level::Warn, line.clone());
        Refusal::Limit(line)
    }
}

/// The stores of the task in progress.
pub struct TaskStores {
    calls: StateCalls,
    usage: Usage,
}

impl TaskStores {
    /// Returns a placeholder, for the time before the first task.
    pub const NONE: TaskStores = TaskStores { calls: StateCalls::none(), usage: Usage::NONE };

    /// Begins with a task.
    #[inline]
    pub fn begin(&mut self, calls: StateCalls) {
        self.calls = calls;
        self.usage = Usage::NONE;
    }

    /// Returns what an operation of the task needs.
    pub fn operation<'a>(&'a mut self, grants: &'a StateGrants, notes: &'a Notes) -> (StateCalls, Limits<'a>) {
        (self.calls, Limits { grants, usage: &mut self.usage, notes })
    }
}

fn check_key(key: &[u8]) -> std::result::Result<(), Refusal> {
    if key.len() > MAX_KEY {
        return Err(Refusal::TooLarge(format!("a key of {} bytes; the most is {MAX_KEY}", key.len())));
    }
    Ok(())
}

/// Checks the end of a range. It may be the key right behind a longest one, which has a byte more.
fn check_bound(key: &[u8]) -> std::result::Result<(), Refusal> {
    if key.len() == MAX_KEY + 1 { Ok(()) } else { check_key(key) }
}

bind_java_type! { pub JStateCalls => io.github.wasmton.guest.StateCalls }

/// The methods of `StateCalls`.
struct Methods {
    get: JMethodID,
    set: JMethodID,
    delete: JMethodID,
    scan: JMethodID,
    get_shared: JMethodID,
    take_value: JMethodID,
    set_shared: JMethodID,
}

static METHODS: OnceLock<Methods> = OnceLock::new();

/// Looks the methods up, before there can be too little stack for it. Only a native method of a class of the same
/// loader calls this.
pub fn find(env: &mut Env<'_>) -> Result<()> {
    let class = env.find_class(jni_str!("io/github/wasmton/guest/StateCalls"))?;
    let methods = Methods {
        get: env.get_method_id(&class, jni_str!("get"), jni_sig!("(I[B)[B"))?,
        set: env.get_method_id(&class, jni_str!("set"), jni_sig!("(I[B[B)V"))?,
        delete: env.get_method_id(&class, jni_str!("delete"), jni_sig!("(I[B)V"))?,
        scan: env.get_method_id(&class, jni_str!("scan"), jni_sig!("(I[B[BIJ)[B"))?,
        get_shared: env.get_method_id(&class, jni_str!("getShared"), jni_sig!("(II)J"))?,
        take_value: env.get_method_id(&class, jni_str!("takeValue"), jni_sig!("()[B"))?,
        set_shared: env.get_method_id(&class, jni_str!("setShared"), jni_sig!("(III)V"))?,
    };
    METHODS.get_or_init(|| methods);
    Ok(())
}

/// Java's `StateCalls` of the task in progress.
#[derive(Clone, Copy)]
pub struct StateCalls {
    jvm: Jvm,
    object: jobject,
    /// Memory for keys and values that fit; the others cross as Java's arrays.
    shared: SharedBytes,
}

/// The value of a key. It is to be read before the next call.
pub enum Found {
    Array(LocalBytes),
    Shared(SharedBytes),
}

/// The result of `getShared` where there is no value.
const NO_VALUE: i64 = -1;

impl Found {
    pub fn len(&self) -> usize {
        match self {
            Found::Array(bytes) => bytes.len(),
            Found::Shared(bytes) => bytes.len(),
        }
    }

    /// Copies as many bytes of the start as `target` has, which must not be more than there are.
    pub fn copy_to(&self, target: &mut [u8]) {
        match self {
            Found::Array(bytes) => bytes.copy_to(target),
            // SAFETY: `StateCalls::with_shared` was promised that the memory is there while a guest runs.
            Found::Shared(bytes) => unsafe { bytes.copy_to(target) },
        }
    }

    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len()];
        self.copy_to(&mut bytes);
        bytes
    }
}

// SAFETY: it lies in the data of a Store, which moves between threads; every entry into wasm sets it anew before
// anything reads it, and what reads it runs inside that entry, on its thread.
unsafe impl Send for StateCalls {}

impl StateCalls {
    /// The error of a guest that uses a store when there is none for it.
    pub const MISSING: &str =
        "the guest uses a store, but its task came without any: Guest.process(Task, StateStores) brings them";

    /// Returns a placeholder, for a task that comes without stores.
    pub const fn none() -> Self {
        StateCalls { jvm: Jvm::none(), object: std::ptr::null_mut(), shared: SharedBytes::NONE }
    }

    /// Takes the argument of a native method; null stands for no stores.
    ///
    /// # Safety
    /// The value is used only on this thread and before the native method whose argument it is returns.
    pub unsafe fn new(jvm: Jvm, calls: &JStateCalls<'_>) -> Self {
        StateCalls { jvm, object: AsRef::<JObject<'_>>::as_ref(calls).as_raw(), shared: SharedBytes::NONE }
    }

    /// Lets keys and values that fit cross by memory that Java's object sees, too: that of the tasks, whose bytes are
    /// lost. Java arrays take several JNI calls each.
    ///
    /// # Safety
    /// The memory is there until the native method that has these calls as its argument returns, and nobody needs what
    /// is in it once the guest has its task.
    pub unsafe fn with_shared(self, shared: SharedBytes) -> Self {
        StateCalls { shared, ..self }
    }

    pub fn is_none(&self) -> bool {
        self.object.is_null()
    }

    fn methods(&self) -> Result<&'static Methods> {
        match METHODS.get() {
            Some(methods) if !self.is_none() => Ok(methods),
            _ => Err(Error::state(Self::MISSING)),
        }
    }

    /// Returns the value of a key, which stays Java's until somebody copies it.
    pub fn get(&self, mut limits: Limits<'_>, store: Store, key: &[u8]) -> Refusable<Option<Found>> {
        if let Err(refusal) = check_key(key).and_then(|()| limits.begin(key.len())) {
            return Ok(Err(refusal));
        }
        let value = self.value(self.methods()?, store, key)?;
        let length = value.as_ref().map_or(0, Found::len);
        Ok(limits.add(length).map(|()| value))
    }

    fn value(&self, methods: &Methods, store: Store, key: &[u8]) -> Result<Option<Found>> {
        // SAFETY: the promises of `new` and `with_shared` for environment, object and memory; `find` looked the methods
        // up with these parameters.
        unsafe {
            if self.shared.put(&[key]) {
                let length = jvalue { i: key.len() as i32 };
                let method = methods.get_shared.into_raw();
                let found = self.jvm.call_long(self.object, method, &[store.argument(), length])?;
                return Ok(match usize::try_from(found) {
                    Ok(length) => Some(Found::Shared(self.shared.first(length))),
                    Err(_) if found == NO_VALUE => None,
                    // It does not fit.
                    Err(_) => self.jvm.call_bytes(self.object, methods.take_value.into_raw(), &[])?.map(Found::Array),
                });
            }
            let key = self.jvm.new_bytes(key)?;
            let value =
                self.jvm.call_bytes(self.object, methods.get.into_raw(), &[store.argument(), key.argument()])?;
            Ok(value.map(Found::Array))
        }
    }

    /// Sets the value of a key.
    pub fn set(&self, mut limits: Limits<'_>, store: Store, key: &[u8], value: &[u8]) -> Refusable<()> {
        let bytes = key.len().saturating_add(value.len());
        if limits.grants.is_table(store) {
            return Ok(Err(Refusal::ReadOnly));
        }
        let checked = check_key(key).and_then(|()| {
            if bytes > MAX_ENTRY {
                return Err(Refusal::TooLarge(format!("a key and value of {bytes} bytes; the most is {MAX_ENTRY}")));
            }
            limits.begin(bytes)
        });
        if let Err(refusal) = checked {
            return Ok(Err(refusal));
        }
        let methods = self.methods()?;
        // SAFETY: as for `value`.
        unsafe {
            if self.shared.put(&[key, value]) {
                let (key, value) = (jvalue { i: key.len() as i32 }, jvalue { i: value.len() as i32 });
                let method = methods.set_shared.into_raw();
                self.jvm.call_void(self.object, method, &[store.argument(), key, value])?;
                return Ok(Ok(()));
            }
            let method = methods.set.into_raw();
            let (key, value) = (self.jvm.new_bytes(key)?, self.jvm.new_bytes(value)?);
            self.jvm.call_void(self.object, method, &[store.argument(), key.argument(), value.argument()])?;
        }
        Ok(Ok(()))
    }

    /// Removes a key.
    pub fn delete(&self, mut limits: Limits<'_>, store: Store, key: &[u8]) -> Refusable<()> {
        if limits.grants.is_table(store) {
            return Ok(Err(Refusal::ReadOnly));
        }
        if let Err(refusal) = check_key(key).and_then(|()| limits.begin(key.len())) {
            return Ok(Err(refusal));
        }
        let method = self.methods()?.delete.into_raw();
        // SAFETY: as for `value`.
        unsafe {
            let key = self.jvm.new_bytes(key)?;
            self.jvm.call_void(self.object, method, &[store.argument(), key.argument()])?;
        }
        Ok(Ok(()))
    }

    /// Returns the first entries of a range: for each one the lengths of key and value, then the key and the value.
    pub fn scan(
        &self,
        mut limits: Limits<'_>,
        store: Store,
        from: &[u8],
        to: Option<&[u8]>,
        most: u32,
    ) -> Refusable<Option<Found>> {
        let bytes = from.len() + to.map_or(0, <[u8]>::len);
        let checked = check_bound(from).and_then(|()| check_bound(to.unwrap_or_default()));
        if let Err(refusal) = checked.and_then(|()| limits.begin(bytes)) {
            return Ok(Err(refusal));
        }
        if most == 0 {
            return Ok(Ok(None));
        }
        let method = self.methods()?.scan.into_raw();
        let room = i64::try_from(limits.room()).unwrap_or(i64::MAX);
        // SAFETY: as for `value`.
        let packed = unsafe {
            let from = self.jvm.new_bytes(from)?;
            let to = to.map(|to| self.jvm.new_bytes(to)).transpose()?;
            let to = to.as_ref().map_or(jvalue { l: std::ptr::null_mut() }, LocalBytes::argument);
            let most = jvalue { i: i32::try_from(most).unwrap_or(i32::MAX) };
            let arguments = [store.argument(), from.argument(), to, most, jvalue { j: room }];
            self.jvm.call_bytes(self.object, method, &arguments)?
        };
        // Null stands for more bytes than there is room for.
        let Some(packed) = packed else { return Ok(Err(limits.no_room())) };
        Ok(limits.add(packed.len()).map(|()| Some(Found::Array(packed))))
    }
}
