//! The scenarios, and which of them finds fault with which mutant.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::cell::UnsafeCell;
use loom::thread;

/// The value in the tables here. loom watches it, and finds two threads that use it with nothing between them, and one
/// that uses it while another drops it.
struct Value {
    number: UnsafeCell<u32>,
    live: Arc<AtomicUsize>,
}

impl Value {
    fn new(number: u32, live: &Arc<AtomicUsize>) -> Self {
        live.fetch_add(1, Ordering::SeqCst);
        Value { number: UnsafeCell::new(number), live: live.clone() }
    }

    fn read(&self) -> u32 {
        // SAFETY: loom sees to it that nobody writes.
        self.number.with(|number| unsafe { *number })
    }

    fn write(&mut self) -> u32 {
        // SAFETY: loom sees to it that nobody else is here.
        self.number.with_mut(|number| unsafe { *number })
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.write();
        }
        self.live.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The scenarios with the tables of one module.
macro_rules! scenarios {
    ($module:ident, $path:path) => {
        #[allow(dead_code, reason = "a mutant is tried in one scenario")]
        mod $module {
            use super::*;
            use handle::{Exclusive, ExclusiveRef, Refused, Shared};
            use $path as handle;

            /// Somebody enters while another closes: the value is dropped once, by the last of them.
            pub fn enter_and_close() {
                loom::model(|| {
                    let live = Arc::new(AtomicUsize::new(0));
                    let table = Arc::new(Exclusive::new("Thing"));
                    let handle = table.insert(Value::new(1, &live));
                    let other = {
                        let table = table.clone();
                        thread::spawn(move || {
                            if let Ok(mut value) = table.enter(handle) {
                                assert_eq!(1, value.write());
                            }
                        })
                    };
                    table.close(handle);
                    assert!(table.enter(handle).is_err());
                    other.join().expect("no panic");
                    assert_eq!(0, live.load(Ordering::SeqCst), "the value was not dropped");
                });
            }

            /// Two enter, and one of them closes while both may be inside.
            pub fn enter_by_two_and_close() {
                loom::model(|| {
                    let live = Arc::new(AtomicUsize::new(0));
                    let table = Arc::new(Exclusive::new("Thing"));
                    let handle = table.insert(Value::new(1, &live));
                    let other = {
                        let table = table.clone();
                        thread::spawn(move || {
                            if let Ok(value) = table.try_enter(handle) {
                                write_and_leave(value);
                            }
                        })
                    };
                    match table.try_enter(handle) {
                        Ok(value) => {
                            table.close(handle);
                            assert!(value.is_closed());
                            write_and_leave(value);
                        }
                        Err(Refused::Busy) => table.close(handle),
                        Err(Refused::Closed) => panic!("nobody else closes"),
                    }
                    other.join().expect("no panic");
                    assert_eq!(0, live.load(Ordering::SeqCst), "the value was not dropped");
                });
            }

            /// Does not leave where loom finds fault: to leave could be the next fault, and a second panic aborts.
            fn write_and_leave(value: ExclusiveRef<'_, Value>) {
                let mut value = ManuallyDrop::new(value);
                value.write();
                drop(ManuallyDrop::into_inner(value));
            }

            /// A slot is closed and filled again under somebody who comes with the old handle.
            pub fn enter_by_a_stale_handle() {
                loom::model(|| {
                    let live = Arc::new(AtomicUsize::new(0));
                    let table = Arc::new(Exclusive::new("Thing"));
                    let first = table.insert(Value::new(1, &live));
                    let other = {
                        let table = table.clone();
                        thread::spawn(move || {
                            if let Ok(mut value) = table.enter(first) {
                                assert_eq!(1, value.write(), "a stale handle leads to another object");
                            }
                        })
                    };
                    table.close(first);
                    let second = table.insert(Value::new(2, &live));
                    assert_ne!(first, second);
                    let mut value = table.enter(second).expect("nobody has it, and nobody closes it");
                    assert_eq!(2, value.write());
                    drop(value);
                    other.join().expect("no panic");
                    assert_eq!(1, live.load(Ordering::SeqCst));
                    table.close(second);
                    assert_eq!(0, live.load(Ordering::SeqCst));
                });
            }

            /// Two close, one of them while it is inside; the slot is filled again at once.
            pub fn close_by_two() {
                loom::model(|| {
                    let live = Arc::new(AtomicUsize::new(0));
                    let table = Arc::new(Exclusive::new("Thing"));
                    let handle = table.insert(Value::new(1, &live));
                    let other = {
                        let (table, live) = (table.clone(), live.clone());
                        thread::spawn(move || {
                            table.close(handle);
                            table.insert(Value::new(2, &live))
                        })
                    };
                    if let Ok(mut value) = table.enter(handle) {
                        assert_eq!(1, value.write());
                        table.close(handle);
                    }
                    let second = other.join().expect("no panic");
                    assert_eq!(1, live.load(Ordering::SeqCst));
                    assert_eq!(2, table.enter(second).expect("open").write());
                    table.close(second);
                    assert_eq!(0, live.load(Ordering::SeqCst));
                });
            }

            /// A pin keeps what is closed from being dropped, and is taken back while another is inside.
            pub fn pin_and_close() {
                loom::model(|| {
                    let live = Arc::new(AtomicUsize::new(0));
                    let table = Arc::new(Exclusive::new("Thing"));
                    let handle = table.insert(Value::new(1, &live));
                    table.pin(handle).expect("open");
                    let other = {
                        let table = table.clone();
                        thread::spawn(move || {
                            if let Ok(mut value) = table.enter(handle) {
                                value.write();
                            }
                        })
                    };
                    table.close(handle);
                    assert_eq!(1, live.load(Ordering::SeqCst), "the pin holds it");
                    table.unpin(handle);
                    other.join().expect("no panic");
                    assert_eq!(0, live.load(Ordering::SeqCst), "the value was not dropped");
                });
            }

            /// Somebody has what is shared while another closes it and fills the slot again.
            pub fn get_and_close() {
                loom::model(|| {
                    let live = Arc::new(AtomicUsize::new(0));
                    let table = Arc::new(Shared::new("Thing"));
                    let first = table.insert(Value::new(1, &live));
                    let other = {
                        let table = table.clone();
                        thread::spawn(move || {
                            if let Ok(value) = table.get(first) {
                                assert_eq!(1, value.read());
                            }
                        })
                    };
                    if let Ok(value) = table.get(first) {
                        table.close(first);
                        assert_eq!(1, value.read());
                    }
                    let second = table.insert(Value::new(2, &live));
                    assert_eq!(2, table.get(second).expect("open").read());
                    other.join().expect("no panic");
                    assert_eq!(1, live.load(Ordering::SeqCst));
                    table.close(second);
                    assert_eq!(0, live.load(Ordering::SeqCst));
                });
            }
        }
    };
}

scenarios!(product, wasmton_handles::bridge::handle);

/// The product passes every scenario.
macro_rules! passes {
    ($($scenario:ident)*) => {
        $(#[test]
        fn $scenario() {
            product::$scenario();
        })*
    };
}

passes!(enter_and_close enter_by_two_and_close enter_by_a_stale_handle close_by_two pin_and_close get_and_close);

/// A mutant fails in a scenario.
macro_rules! finds {
    ($($mutant:ident in $scenario:ident: $message:literal)*) => {
        $(mod $mutant {
            use super::*;

            scenarios!(mutant, wasmton_handles::mutants::$mutant);

            #[test]
            #[should_panic(expected = $message)]
            fn fails() {
                mutant::$scenario();
            }
        })*
    };
}

finds! {
    without_fence_at_leaving in enter_and_close: "the value was not dropped"
    without_fence_at_emptying in enter_and_close: "the value was not dropped"
    without_look_at_leaving in enter_and_close: "the value was not dropped"
    without_look_at_emptying in close_by_two: ""
    without_look_after_entering in enter_by_a_stale_handle: ""
    without_generation in enter_by_a_stale_handle: ""
    without_release in enter_by_two_and_close: ""
    without_pins in pin_and_close: ""
}
