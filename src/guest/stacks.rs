//! Code linked for threads of different sizes. wasmtime's limit of the stack is a setting of the engine that code
//! belongs to. A thread with less room than [`GuestLimits::stack`] gets the code from an engine with a lower limit; it
//! is loaded again when the first such thread comes.
//!
//! [`GuestLimits::stack`]: crate::guest::limits::GuestLimits::stack

use std::sync::OnceLock;

use wasmtime::{ResourcesRequired, Trap};

use crate::binding::mappings::{self, with_room};
use crate::bridge::error::{Error, Result};
use crate::bridge::stack;
use crate::guest::clock::Deadline;
use crate::guest::limits::{self, bytes};

/// Stacks for threads with less room, the largest first. The first is what wasmtime gives by default, and what a Java
/// thread of the default size has room for.
const LESS: [usize; 2] = [512 * 1024, 256 * 1024];

/// Room that is left besides when an instance is made.
const SLACK: usize = 64 * 1024;

/// A module or component that is linked.
pub trait Code: Sized {
    /// Loads and links the same code for guests with that much stack.
    fn with_stack(&self, stack: usize) -> Result<Self>;

    /// Returns what an instance needs.
    fn required(&self) -> Option<ResourcesRequired>;
}

/// Linked code, and the stack that its instances may use.
pub struct Linked<C> {
    pub code: C,
    pub stack: usize,
}

impl<C: Code> Linked<C> {
    /// Waits until all guests of the process leave room for one more instance.
    pub fn await_total(&self, deadline: Deadline) -> Result<()> {
        let initial = limits::initial_memory(self.code.required());
        while !limits::total_has_room(initial) {
            if deadline.has_passed() {
                return Err(Error::limit(limits::total_reached(initial)));
            }
            std::thread::sleep(limits::TOTAL_POLL);
        }
        Ok(())
    }
}

/// The code by stacks.
pub struct Stacks<C> {
    most: Linked<C>,
    less: Vec<(usize, OnceLock<Linked<C>>)>,
}

impl<C: Code> Stacks<C> {
    /// Begins with the code for threads that have room for all of the stack.
    pub fn new(code: C, stack: usize) -> Self {
        let less = LESS.into_iter().filter(|less| *less < stack).map(|less| (less, OnceLock::new())).collect();
        Stacks { most: Linked { code, stack }, less }
    }

    /// Returns the code for threads that have room for all of the stack.
    pub fn most(&self) -> &Linked<C> {
        &self.most
    }

    /// Returns the code with the largest stack that this thread has room for.
    pub fn for_this_thread(&self) -> Result<&Linked<C>> {
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

    fn with_stack<'a>(&self, stack: usize, linked: &'a OnceLock<Linked<C>>) -> Result<&'a Linked<C>> {
        if let Some(linked) = linked.get() {
            return Ok(linked);
        }
        let code = with_room(mappings::MODULE, || self.most.code.with_stack(stack))?;
        Ok(linked.get_or_init(|| Linked { code, stack }))
    }

    /// Adds the size of the stack to the error of a guest that used it up.
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
