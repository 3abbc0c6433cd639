//! A module linked for threads of different sizes. wasmtime's limit of the stack is a setting of the engine that a
//! module belongs to. A thread with less room than [`GuestLimits::stack`] gets the module from an engine with a lower
//! limit; its code is loaded again when the first such thread comes.
//!
//! [`GuestLimits::stack`]: crate::guest::limits::GuestLimits::stack

use std::sync::OnceLock;

use wasmtime::{InstancePre, Trap};

use super::instance::State;
use super::link;
use crate::binding::mappings::{self, with_room};
use crate::bridge::error::{Error, Result};
use crate::bridge::stack;
use crate::guest::engines;
use crate::guest::limits::{self, bytes};

/// Stacks for threads with less room, the largest first. The first is what wasmtime gives by default, and what a Java
/// thread of the default size has room for.
const LESS: [usize; 2] = [512 * 1024, 256 * 1024];

/// Room that is left besides when an instance is made.
const SLACK: usize = 64 * 1024;

/// A linked module, and the stack that its instances may use.
#[derive(Clone)]
pub struct Linked {
    pub module: InstancePre<State>,
    pub stack: usize,
}

impl Linked {
    /// Returns the bytes of linear memory that an instance begins with, at least.
    pub fn initial_memory(&self) -> usize {
        limits::initial_memory(Some(self.module.module().resources_required()))
    }
}

/// The module by stacks.
pub struct Stacks {
    most: Linked,
    less: Vec<(usize, OnceLock<Linked>)>,
}

impl Stacks {
    /// Begins with the module for threads that have room for all of the stack.
    pub fn new(module: InstancePre<State>, stack: usize) -> Self {
        let less = LESS.into_iter().filter(|less| *less < stack).map(|less| (less, OnceLock::new())).collect();
        Stacks { most: Linked { module, stack }, less }
    }

    pub fn compiled(&self) -> &wasmtime::Module {
        self.most.module.module()
    }

    /// Returns the module with the largest stack that this thread has room for.
    pub fn for_this_thread(&self) -> Result<&Linked> {
        let least = self.less.last().map_or(self.most.stack, |(less, _)| *less);
        // Later tasks may come at a deeper place of the thread.
        let fits = |stack: usize| stack::has_room(if stack == least { stack } else { stack + SLACK });
        if fits(self.most.stack) {
            return Ok(&self.most);
        }
        match self.less.iter().find(|(less, _)| fits(*less)) {
            Some((less, linked)) => self.with_stack(*less, linked),
            None => Err(stack::check(least).expect_err("this thread has no room for the least")),
        }
    }

    fn with_stack<'a>(&self, stack: usize, linked: &'a OnceLock<Linked>) -> Result<&'a Linked> {
        if let Some(linked) = linked.get() {
            return Ok(linked);
        }
        let code = self.compiled().serialize()?;
        let engine = engines::standard(stack)?;
        // SAFETY: wasmtime has just made these bytes of a module.
        let module = with_room(mappings::MODULE, || Ok(unsafe { wasmtime::Module::deserialize(&engine, &code)? }))?;
        let module = link(&module)?;
        Ok(linked.get_or_init(|| Linked { module, stack }))
    }

    /// Has the error of a guest that used up its stack say how much that was.
    pub fn explain(&self, error: Error, stack: usize) -> Error {
        if error.as_wasmtime().and_then(|e| e.downcast_ref()) != Some(&Trap::StackOverflow) {
            return error;
        }
        let mut text = format!("the guest used up its stack of {}", bytes(stack));
        if stack < self.most.stack {
            text += &format!(
                "; GuestLimits.stack allows {}, but its thread has no room for that (java -Xss)",
                bytes(self.most.stack)
            );
        } else {
            text += " (GuestLimits.stack)";
        }
        error.into_wasmtime().context(text).into()
    }
}
