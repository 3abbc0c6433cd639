//! The world `decaton:processor`: what the host does for it.

use wasmtime::component::{HasSelf, Linker};

use super::instance::State;
use crate::guest::notes;

wasmtime::component::bindgen!({
    path: "wit/processor",
    world: "stateful-processor",
    imports: {
        "decaton:processor/producer.produce": trappable,
        "decaton:processor/state.[method]bucket.get": trappable,
        "decaton:processor/state.[method]bucket.set": trappable,
        "decaton:processor/state.[method]bucket.delete": trappable,
        "decaton:processor/state.[method]bucket.scan": trappable,
    },
});

/// The world of processors that take batches. Its interfaces are those above.
pub mod batch {
    wasmtime::component::bindgen!({
        path: "wit/processor",
        world: "batch-processor",
        with: {
            "decaton:processor/types": crate::guest::component::world::decaton::processor::types,
            "decaton:processor/producer": crate::guest::component::world::decaton::processor::producer,
            "decaton:processor/log": crate::guest::component::world::decaton::processor::log,
            "decaton:processor/metrics": crate::guest::component::world::decaton::processor::metrics,
            "decaton:processor/configuration": crate::guest::component::world::decaton::processor::configuration,
        },
        exports: { default: async },
    });
}

use decaton::processor::{configuration, log, metrics, types};

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    StatefulProcessor::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl types::Host for State {}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) {
        if log::Host::enabled(self, level) {
            self.notes.add(level.into(), message);
        }
    }

    fn enabled(&mut self, level: log::Level) -> bool {
        notes::Level::from(level) >= self.module.settings.log_level
    }
}

impl From<log::Level> for notes::Level {
    fn from(level: log::Level) -> Self {
        match level {
            log::Level::Trace => notes::Level::Trace,
            log::Level::Debug => notes::Level::Debug,
            log::Level::Info => notes::Level::Info,
            log::Level::Warn => notes::Level::Warn,
            log::Level::Error => notes::Level::Error,
        }
    }
}

impl metrics::Host for State {
    fn count(&mut self, name: String, amount: u32) {
        self.module.settings.counts.add(name.as_bytes(), amount, &self.notes);
    }
}

impl configuration::Host for State {
    fn get(&mut self, name: String) -> Option<String> {
        let settings = &self.module.settings.configuration;
        settings.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone())
    }

    fn get_all(&mut self) -> Vec<(String, String)> {
        self.module.settings.configuration.clone()
    }
}
