//! Guests: the host of task processors, on top of the binding. A guest is a core module, [`core`], or a component,
//! [`component`]; the two rooms have the same names for the same things.
//!
//! [`module`], [`guest`] and [`pool`] hold the native methods of `GuestModule`, `Guest` and `GuestPool`. Both kinds of
//! guests share [`settings`], [`limits`], the [`engines`] with their [`clock`], compiled [`code`] with
//! a limit of [`debug_info`], linked for different [`stacks`], the lines for the log ([`notes`]), packed
//! [`record`]s, tasks that Java brings [`packed`], produced records ([`outputs`]), stores ([`state`]), a guest's own
//! counters ([`counts`]), the [`outcome`] of a task, and the ends of the tasks of a [`batch`].

pub mod batch;
pub mod clock;
pub mod code;
pub mod component;
pub mod core;
pub mod counts;
mod debug_info;
pub mod disk;
pub mod engines;
#[expect(clippy::module_inception, reason = "one file a Java class, named alike: this one is Guest")]
pub mod guest;
pub mod limits;
pub mod module;
pub mod notes;
pub mod outcome;
pub mod outputs;
pub mod packed;
pub mod pool;
pub mod record;
pub mod settings;
pub mod stacks;
pub mod state;
