//! Results of Java functions and futures of Java's, which components wait for and which come later, by number.

use std::sync::{Mutex, PoisonError};

use jni::sys::jlong;
use tokio::sync::oneshot::{Receiver, Sender, channel};
use wasmtime::Trap;

use crate::bridge::handle::Shared;

type Outcome = wasmtime::Result<Vec<u8>>;

static ANSWERS: Shared<Mutex<Option<Sender<Outcome>>>> = Shared::new("answer of an async function");

/// Answers that no component waits for yet.
static PROMISES: Shared<Mutex<Option<Expected>>> = Shared::new("future of Java's");

/// An answer that somebody waits for. Once nobody does, Java's has no effect.
pub struct Expected {
    number: jlong,
    answer: Receiver<Outcome>,
}

impl Expected {
    pub fn new() -> Self {
        let (answer, expected) = channel();
        Expected { number: ANSWERS.insert(Mutex::new(Some(answer))), answer: expected }
    }

    /// Returns the number by which the answer is given.
    pub fn number(&self) -> jlong {
        self.number
    }

    /// Waits for the answer.
    pub async fn wait(mut self) -> Outcome {
        (&mut self.answer).await.unwrap_or_else(|_| Err(Trap::Interrupt.into()))
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        ANSWERS.close(self.number);
    }
}

/// Promises an answer that a component is to wait for. Returns the number of the promise and that of the answer.
pub fn promise() -> (jlong, jlong) {
    let expected = Expected::new();
    let answer = expected.number;
    (PROMISES.insert(Mutex::new(Some(expected))), answer)
}

/// Takes what a promise is for, once.
pub fn take(promise: jlong) -> Option<Expected> {
    let found = PROMISES.get(promise).ok()?.lock().unwrap_or_else(PoisonError::into_inner).take();
    forget(promise);
    found
}

/// Forgets a promise. Does nothing if a component has taken it.
pub fn forget(promise: jlong) {
    PROMISES.close(promise);
}

/// Gives an answer, once: later ones have no effect. Nobody waits for one any more if the call was cancelled or its
/// Store was closed.
pub fn give(number: jlong, outcome: Outcome) {
    let Ok(answer) = ANSWERS.get(number) else { return };
    ANSWERS.close(number);
    let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(answer) = answer {
        let _ = answer.send(outcome);
    }
}
