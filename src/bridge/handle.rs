//! Handles: the `long` by which Java names an object here, and the tables that make a stale one harmless.
//!
//! A handle is the number of a slot and that slot's generation. Slots are never given back to the allocator, and the
//! generation moves on whenever a slot is emptied, so a handle that was closed, closed twice or made up finds a slot
//! of another generation and gets [`Cause::Closed`]. Nothing is ever freed under a running call: what is closed while
//! in use is dropped by whoever leaves it last.
//!
//! Two kinds of tables share this: [`Shared`] lends `&T` to any number of threads; [`Exclusive`] lends `&mut T` to one
//! and answers everybody else at once with [`Cause::Busy`]. One atomic read-modify-write enters. One leaves a `Shared`;
//! a write, a fence and a read leave an `Exclusive`, which every task and every call goes through. An asymmetric fence
//! by membarrier(2) would save 1.3 % of a task (0.4 to 2.7 %, measured in turn in 12 JVMs).
//!
//! `tests/handles` runs this file in every order in which threads can meet.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::sync::{OnceLock, PoisonError};

use jni::sys::jlong;

use crate::bridge::error::{Error, Result};
use crate::bridge::sync::{AtomicI64, AtomicU64, Mutex, UnsafeCell, fence, yield_now};

/// A slot's state: the generation above, then the two flags, then the number of pins.
const PINS: u64 = (1 << 30) - 1;
/// There is no value; comes with CLOSED.
const EMPTY: u64 = 1 << 30;
const CLOSED: u64 = 1 << 31;
const GENERATION_SHIFT: u32 = 32;
/// Handles are positive, so that 0 and negative numbers are free to mean "none".
const LAST_GENERATION: u64 = (1 << 31) - 1;

/// In a slot's `user`: nobody is inside, or somebody who empties it.
const NOBODY: jlong = 0;
const EMPTYING: jlong = -1;

/// Chunk `k` holds `FIRST_CHUNK << k` slots; together they number every `u32`.
const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 27;

struct Slot<T> {
    state: AtomicU64,
    /// The handle of whoever has the value to himself. One with a stale handle is here for a moment only, and touches
    /// nothing.
    user: AtomicI64,
    value: UnsafeCell<Option<T>>,
}

/// The slots of one kind of object.
struct Slots<T> {
    /// The name of the objects in messages.
    what: &'static str,
    chunks: [OnceLock<Box<[Slot<T>]>>; CHUNKS],
    free: Mutex<Free>,
}

/// Slots that can be filled: those that were emptied, and all from `next` on.
struct Free {
    emptied: Vec<u32>,
    next: u32,
}

// SAFETY: a value is reached by `&T` only through pins (`Shared`) or by `&mut T` only by the slot's user (`Exclusive`),
// and it is put in and taken out while nobody can be either; so sharing a table asks of T what sharing a `RwLock<T>`
// would.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}
// SAFETY: as above; only one thread at a time gets at the value, as with a `Mutex<T>`.
unsafe impl<T: Send> Sync for Exclusive<T> {}

fn position(index: u32) -> (usize, usize) {
    let n = index as usize / FIRST_CHUNK + 1;
    let chunk = n.ilog2() as usize;
    (chunk, index as usize - FIRST_CHUNK * ((1 << chunk) - 1))
}

impl<T> Slots<T> {
    const fn new(what: &'static str) -> Self {
        Slots {
            what,
            chunks: [const { OnceLock::new() }; CHUNKS],
            free: Mutex::new(Free { emptied: Vec::new(), next: 0 }),
        }
    }

    fn insert(&self, value: T) -> jlong {
        let index = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            free.emptied.pop().unwrap_or_else(|| {
                let index = free.next;
                free.next = index.checked_add(1).expect("four thousand million objects at once");
                index
            })
        };
        let (chunk, offset) = position(index);
        let chunk = self.chunks[chunk].get_or_init(|| {
            (0..FIRST_CHUNK << chunk)
                .map(|_| Slot {
                    state: AtomicU64::new(1 << GENERATION_SHIFT | CLOSED | EMPTY),
                    user: AtomicI64::new(NOBODY),
                    value: UnsafeCell::new(None),
                })
                .collect()
        });
        let slot = &chunk[offset];
        // SAFETY: the slot came from the free list or is new, so it is EMPTY without pins and nobody else fills it. A
        // user with a stale handle finds it closed or of another generation, and touches nothing.
        slot.value.with_mut(|slot| unsafe { *slot = Some(value) });
        let generation = slot.state.load(Ordering::Relaxed) & !(CLOSED | EMPTY);
        slot.state.store(generation, Ordering::Release);
        (generation | u64::from(index)) as jlong
    }

    /// Returns the number of filled slots.
    fn filled(&self) -> usize {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.next as usize - free.emptied.len()
    }

    #[inline]
    fn find(&self, handle: jlong) -> Option<&Slot<T>> {
        let (chunk, offset) = position(handle as u32);
        self.chunks[chunk].get()?.get(offset)
    }

    fn slot(&self, handle: jlong) -> Result<&Slot<T>> {
        self.find(handle).ok_or_else(|| Error::closed(self.what))
    }

    /// Adds a pin to an open slot.
    fn pin(&self, handle: jlong) -> Result<&Slot<T>> {
        let slot = self.slot(handle)?;
        let mut state = slot.state.load(Ordering::Relaxed);
        loop {
            if !is_open(state, handle) {
                return Err(Error::closed(self.what));
            }
            assert!(state & PINS != PINS, "too many uses of one {}", self.what);
            match slot.state.compare_exchange_weak(state, state + 1, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(slot),
                Err(now) => state = now,
            }
        }
    }

    /// Takes a pin back; the last one out of a closed slot empties it.
    fn unpin(&self, index: u32, slot: &Slot<T>) {
        if can_be_emptied(slot.state.fetch_sub(1, Ordering::AcqRel) - 1) {
            self.empty(index, slot);
        }
    }

    fn close(&self, handle: jlong) {
        let Ok(slot) = self.slot(handle) else { return };
        let closed = slot.state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |state| {
            is_open(state, handle).then_some(state | CLOSED)
        });
        if closed.is_ok_and(|before| can_be_emptied(before | CLOSED)) {
            self.empty(handle as u32, slot);
        }
    }

    /// Lets the next user in; whoever leaves a closed slot empties it.
    #[inline]
    fn leave(&self, index: u32, slot: &Slot<T>) {
        slot.user.store(NOBODY, Ordering::Release);
        // Before the look at the state, or he who closes and he who leaves could miss each other: see `empty`.
        fence(Ordering::SeqCst);
        if can_be_emptied(slot.state.load(Ordering::Acquire)) {
            self.empty(index, slot);
        }
    }

    /// Drops the value, unless somebody is inside, who then does so at leaving. Each side writes, passes a fence and
    /// reads what the other wrote: either the user's leaving is seen here, or he sees that the slot was closed.
    #[cold]
    fn empty(&self, index: u32, slot: &Slot<T>) {
        fence(Ordering::SeqCst);
        if slot.user.compare_exchange(NOBODY, EMPTYING, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return;
        }
        let state = slot.state.load(Ordering::Acquire);
        if !can_be_emptied(state) {
            // Somebody else was quicker, and the slot may be in use again. What was closed or unpinned meanwhile, by
            // somebody who met us inside, is ours to empty.
            return self.leave(index, slot);
        }
        // SAFETY: closed, without pins, and we are the user: nobody else reaches the value, and no one can begin to.
        let value = slot.value.with_mut(|value| unsafe { (*value).take() });
        let generation = (state >> GENERATION_SHIFT) + 1;
        // A slot without a further generation stays as it is, but for the value, and is never filled again.
        let generation = generation.min(LAST_GENERATION);
        slot.state.store(generation << GENERATION_SHIFT | CLOSED | EMPTY, Ordering::Release);
        slot.user.store(NOBODY, Ordering::Release);
        if generation > state >> GENERATION_SHIFT {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).emptied.push(index);
        }
        // Last, and without a lock: dropping a Store can take long and lets go of Java objects.
        drop(value);
    }
}

fn is_open(state: u64, handle: jlong) -> bool {
    state >> GENERATION_SHIFT == handle as u64 >> GENERATION_SHIFT && state & CLOSED == 0
}

/// Returns whether there is a value that nobody can reach any more, except for a user.
fn can_be_emptied(state: u64) -> bool {
    state & (CLOSED | EMPTY | PINS) == CLOSED
}

/// Objects that many threads use at once.
pub struct Shared<T>(Slots<T>);

impl<T> Shared<T> {
    pub const fn new(what: &'static str) -> Self {
        Shared(Slots::new(what))
    }

    /// Returns the number of objects that are not dropped.
    pub fn count(&self) -> usize {
        self.0.filled()
    }

    pub fn insert(&self, value: T) -> jlong {
        self.0.insert(value)
    }

    /// Keeps the object alive while the guard lives.
    pub fn get(&self, handle: jlong) -> Result<SharedRef<'_, T>> {
        let slot = self.0.pin(handle)?;
        Ok(SharedRef { slots: &self.0, index: handle as u32, slot })
    }

    /// Closes the object: it is dropped now, or when its last user lets it go. No effect on a handle that is not open.
    pub fn close(&self, handle: jlong) {
        self.0.close(handle);
    }
}

pub struct SharedRef<'a, T> {
    slots: &'a Slots<T>,
    index: u32,
    slot: &'a Slot<T>,
}

impl<T> Deref for SharedRef<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this guard's pin keeps the value in its slot, and a Shared table never lends `&mut T`.
        self.slot.value.with(|value| unsafe { (*value).as_ref() }).expect("an open slot holds a value")
    }
}

impl<T> Drop for SharedRef<'_, T> {
    fn drop(&mut self) {
        self.slots.unpin(self.index, self.slot);
    }
}

/// Why nobody gets at an object.
#[derive(Clone, Copy)]
pub enum Refused {
    Closed,
    Busy,
}

/// Objects that one thread uses at a time.
pub struct Exclusive<T>(Slots<T>);

impl<T> Exclusive<T> {
    pub const fn new(what: &'static str) -> Self {
        Exclusive(Slots::new(what))
    }

    /// Returns the number of objects that are not dropped.
    pub fn count(&self) -> usize {
        self.0.filled()
    }

    pub fn insert(&self, value: T) -> jlong {
        self.0.insert(value)
    }

    /// Has the object to itself while the guard lives; [`Cause::Busy`] at once where somebody else has.
    #[inline(always)]
    pub fn enter(&self, handle: jlong) -> Result<ExclusiveRef<'_, T>> {
        self.try_enter(handle).map_err(|refused| self.error(refused))
    }

    /// [`enter`](Self::enter) for those who know another way, and for whom an error would be made in vain.
    // Each task and each call comes through here; not inlined, it costs a tenth of them.
    #[inline(always)]
    pub fn try_enter(&self, handle: jlong) -> std::result::Result<ExclusiveRef<'_, T>, Refused> {
        let slot = self.0.find(handle).ok_or(Refused::Closed)?;
        // Looked at before too, or those with stale handles would keep others out.
        while is_open(slot.state.load(Ordering::Acquire), handle) {
            match slot.user.compare_exchange(NOBODY, handle, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => {
                    let entered = ExclusiveRef { slots: &self.0, index: handle as u32, slot };
                    if is_open(slot.state.load(Ordering::Acquire), handle) {
                        return Ok(entered);
                    }
                }
                Err(user) if user == handle => return Err(Refused::Busy),
                // With a stale handle, or to empty the slot: either way only for a moment.
                Err(_) => yield_now(),
            }
        }
        Err(Refused::Closed)
    }

    #[cold]
    pub fn error(&self, refused: Refused) -> Error {
        match refused {
            Refused::Closed => Error::closed(self.0.what),
            Refused::Busy => Error::busy(self.0.what),
        }
    }

    /// Keeps the object from being dropped until [`unpin`](Self::unpin), closed or not. Gives no access to it.
    pub fn pin(&self, handle: jlong) -> Result<()> {
        self.0.pin(handle).map(drop)
    }

    /// Takes back one [`pin`](Self::pin) of the same handle.
    pub fn unpin(&self, handle: jlong) {
        if let Ok(slot) = self.0.slot(handle) {
            let state = slot.state.load(Ordering::Relaxed);
            if state >> GENERATION_SHIFT == handle as u64 >> GENERATION_SHIFT && state & PINS != 0 {
                self.0.unpin(handle as u32, slot);
            }
        }
    }

    /// Closes the object: it is dropped now, or when its user and its pins have let it go. No effect on a handle that
    /// is not open.
    pub fn close(&self, handle: jlong) {
        self.0.close(handle);
    }
}

pub struct ExclusiveRef<'a, T> {
    slots: &'a Slots<T>,
    index: u32,
    slot: &'a Slot<T>,
}

// SAFETY: it stands for the right to use the value, which can go to any thread if the value can. Entering and leaving
// need no certain thread.
unsafe impl<T: Send> Send for ExclusiveRef<'_, T> {}

impl<T> ExclusiveRef<'_, T> {
    /// Returns whether somebody has closed the object since.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.slot.state.load(Ordering::Relaxed) & CLOSED != 0
    }
}

impl<T> Deref for ExclusiveRef<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: there is one user of a slot at a time, who keeps the value in it; this guard is an open slot's.
        self.slot.value.with(|value| unsafe { (*value).as_ref() }).expect("an open slot holds a value")
    }
}

impl<T> DerefMut for ExclusiveRef<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`.
        self.slot.value.with_mut(|value| unsafe { (*value).as_mut() }).expect("an open slot holds a value")
    }
}

impl<T> Drop for ExclusiveRef<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Whatever the panic left behind is not to be used again.
            self.slot.state.fetch_or(CLOSED, Ordering::Relaxed);
        }
        self.slots.leave(self.index, self.slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::error::Cause;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    fn is_closed<T>(outcome: Result<T>) -> bool {
        outcome.is_err_and(|e| matches!(e.cause(), Cause::Closed("Thing")))
    }

    fn is_busy<T>(outcome: Result<T>) -> bool {
        outcome.is_err_and(|e| matches!(e.cause(), Cause::Busy("Thing")))
    }

    struct Counted(Arc<AtomicUsize>);

    impl Counted {
        fn new(live: &Arc<AtomicUsize>) -> Self {
            live.fetch_add(1, Ordering::SeqCst);
            Counted(live.clone())
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn positions_number_every_slot_once() {
        let mut expected = (0, 0);
        for index in 0..10_000 {
            assert_eq!(expected, position(index));
            expected = if expected.1 + 1 == FIRST_CHUNK << expected.0 {
                (expected.0 + 1, 0)
            } else {
                (expected.0, expected.1 + 1)
            };
        }
        assert!(position(u32::MAX).0 < CHUNKS);
    }

    #[test]
    fn a_stale_or_forged_handle_is_closed() {
        let table = Shared::new("Thing");
        let first = table.insert(1);
        table.close(first);
        table.close(first);
        let second = table.insert(2);
        assert_ne!(first, second, "the slot is used again, the handle is not");
        assert_eq!(first as u32, second as u32);
        assert!(is_closed(table.get(first)));
        assert_eq!(2, *table.get(second).expect("open"));
        for forged in [0, -1, jlong::MIN, jlong::MAX, second + 1, second ^ (1 << 40)] {
            assert!(is_closed(table.get(forged)), "{forged}");
            table.close(forged);
        }
        assert_eq!(2, *table.get(second).expect("still open"));
    }

    #[test]
    fn what_is_closed_while_in_use_lives_until_its_last_user_leaves() {
        let live = Arc::new(AtomicUsize::new(0));
        let table = Exclusive::new("Thing");
        let handle = table.insert(Counted::new(&live));
        table.pin(handle).expect("open");
        let user = table.enter(handle).expect("open");
        assert!(is_busy(table.enter(handle)));
        table.close(handle);
        assert!(is_closed(table.enter(handle)));
        assert!(table.pin(handle).is_err());
        drop(user);
        assert_eq!(1, live.load(Ordering::SeqCst), "the pin holds it");
        table.unpin(handle);
        assert_eq!(0, live.load(Ordering::SeqCst));
        table.unpin(handle);
    }

    #[test]
    fn a_panic_closes_what_it_ran_in() {
        let table = Exclusive::new("Thing");
        let handle = table.insert(0);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            *table.enter(handle).expect("open") = 1;
            let _user = table.enter(handle).expect("open");
            panic!("on purpose");
        }));
        assert!(result.is_err());
        assert!(is_closed(table.enter(handle)));
    }

    #[test]
    fn threads_that_enter_and_close_at_random_drop_every_value_once() {
        static TABLE: Exclusive<(Counted, u64)> = Exclusive::new("Thing");
        let live = Arc::new(AtomicUsize::new(0));
        let handles: Vec<_> =
            (0..64).map(|_| std::sync::atomic::AtomicI64::new(TABLE.insert((Counted::new(&live), 0)))).collect();
        std::thread::scope(|threads| {
            for seed in 1..=4u64 {
                let (handles, live) = (&handles, &live);
                threads.spawn(move || {
                    let mut random = seed;
                    for _ in 0..200_000 {
                        random ^= random << 13;
                        random ^= random >> 7;
                        random ^= random << 17;
                        let cell = &handles[(random % 64) as usize];
                        if random.is_multiple_of(16) {
                            TABLE.close(cell.swap(TABLE.insert((Counted::new(live), 0)), Ordering::SeqCst));
                        } else if let Ok(mut thing) = TABLE.enter(cell.load(Ordering::SeqCst)) {
                            thing.1 += 1;
                        }
                    }
                });
            }
        });
        for handle in &handles {
            TABLE.close(handle.load(Ordering::SeqCst));
        }
        assert_eq!(0, live.load(Ordering::SeqCst));
    }
}
