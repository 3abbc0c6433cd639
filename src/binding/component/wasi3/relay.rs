//! Futures of WASI 0.3 that the host reads on their way.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use wasmtime::component::{FutureConsumer, FutureReader, Lift, Lower, Source};
use wasmtime::{AsContextMut, StoreContextMut};

/// Keeps something until a stream of wasmtime's ends, which its result tells. Returns the result for the guest.
pub fn keep<R>(
    store: impl AsContextMut,
    result: FutureReader<R>,
    kept: impl Send + Unpin + 'static,
) -> wasmtime::Result<FutureReader<R>>
where
    R: Lift + Lower + Send + Sync + Unpin + 'static,
{
    relay(store, result, move |result| {
        let _kept = &kept;
        result
    })
}

/// Returns a future that changes the value of another one.
pub fn relay<R>(
    mut store: impl AsContextMut,
    future: FutureReader<R>,
    change: impl FnOnce(R) -> R + Send + Unpin + 'static,
) -> wasmtime::Result<FutureReader<R>>
where
    R: Lift + Lower + Send + Sync + Unpin + 'static,
{
    let (sender, receiver) = oneshot::channel();
    future.pipe(&mut store, Relay(Some((change, sender))))?;
    FutureReader::new(store, receiver)
}

struct Relay<R, F>(Option<(F, oneshot::Sender<R>)>);

impl<D, R, F> FutureConsumer<D> for Relay<R, F>
where
    D: 'static,
    R: Lift + Send + Unpin + 'static,
    F: FnOnce(R) -> R + Send + Unpin + 'static,
{
    type Item = R;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<D>,
        mut source: Source<'_, R>,
        _: bool,
    ) -> Poll<wasmtime::Result<()>> {
        let mut value = None;
        source.read(store, &mut value)?;
        if let Some(((change, sender), value)) = self.0.take().zip(value) {
            // The other end may have been dropped.
            let _ = sender.send(change(value));
        }
        Poll::Ready(Ok(()))
    }
}
