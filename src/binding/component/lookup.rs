//! `wasi:sockets/ip-name-lookup` on the look-ups of [`net::lookup`](crate::binding::net). wasmtime's own share their
//! threads with the files of all Stores.

use std::net::IpAddr;
use std::vec;

use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::binding::component::network::{Connected, NetworkView};

const INTERFACE: &str = "wasi:sockets/ip-name-lookup@0.2.12";

/// A `resolve-address-stream`.
pub struct Lookup {
    name: String,
    found: Found,
}

enum Found {
    Waiting(Receiver<std::io::Result<Vec<IpAddr>>>),
    Addresses(vec::IntoIter<IpAddr>),
    Nothing,
}

impl Found {
    fn of(answer: std::io::Result<Vec<IpAddr>>) -> Self {
        answer.map_or(Found::Nothing, |addresses| Found::Addresses(addresses.into_iter()))
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Lookup {
    async fn ready(&mut self) {
        if let Found::Waiting(receiver) = &mut self.found {
            self.found = receiver.await.map_or(Found::Nothing, Found::of);
        }
    }
}

/// Defines the interface. The linker must allow that it takes the place of wasmtime's.
pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.resource("resolve-address-stream", ResourceType::host::<Lookup>(), |mut store, rep| {
        store.data_mut().network().table.delete(Resource::<Lookup>::new_own(rep))?;
        Ok(())
    })?;
    interface.func_wrap("resolve-addresses", resolve_addresses)?;
    interface.func_wrap("[method]resolve-address-stream.resolve-next-address", resolve_next_address)?;
    interface.func_wrap("[method]resolve-address-stream.subscribe", subscribe_lookup)
}

type Resolved = Result<Resource<Lookup>, ErrorCode>;

fn resolve_addresses<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (network, name): (Resource<Network>, String),
) -> wasmtime::Result<(Resolved,)> {
    let NetworkView { table, network: doors, .. } = store.data_mut().network();
    table.get(&network)?;
    if !doors.policy.may_look_up(&name) {
        return Ok((Err(ErrorCode::AccessDenied),));
    }
    let host = name.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&name);
    let found = match host.parse::<IpAddr>() {
        Ok(address) => Found::Addresses(vec![address].into_iter()),
        Err(_) => match doors.policy.look_up(&name) {
            Some(receiver) => Found::Waiting(receiver),
            None => return Ok((Err(ErrorCode::TemporaryResolverFailure),)),
        },
    };
    Ok((Ok(table.push(Lookup { name, found })?),))
}

type Next = Result<Option<IpAddress>, ErrorCode>;

fn resolve_next_address<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (stream,): (Resource<Lookup>,),
) -> wasmtime::Result<(Next,)> {
    let NetworkView { table, network, .. } = store.data_mut().network();
    let Lookup { name, found } = table.get_mut(&stream)?;
    if let Found::Waiting(receiver) = found {
        *found = match receiver.try_recv() {
            Ok(answer) => Found::of(answer),
            Err(TryRecvError::Empty) => return Ok((Err(ErrorCode::WouldBlock),)),
            Err(TryRecvError::Closed) => Found::Nothing,
        };
    }
    Ok((match found {
        Found::Addresses(addresses) => Ok(addresses.next().map(|address| {
            network.policy.looked_up(name, address);
            address.into()
        })),
        _ => Err(ErrorCode::NameUnresolvable),
    },))
}

fn subscribe_lookup<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (stream,): (Resource<Lookup>,),
) -> wasmtime::Result<(Resource<DynPollable>,)> {
    Ok((subscribe(store.data_mut().network().table, stream)?,))
}
