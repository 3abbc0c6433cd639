//! `Config`: an engine's settings, which cross as names and values in turn. The names are wasmtime's.

use std::str::FromStr;
use std::time::Duration;

use wasmtime::{
    Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, ProfilingStrategy, WasmBacktraceDetails,
};

use crate::binding::mappings;
use crate::bridge::error::{Error, Result};
use crate::bridge::stack::{DEFAULT_MAX_WASM_STACK, FIBER_RESERVE};

/// A wasmtime configuration, and the settings that are looked at besides.
pub struct EngineSettings {
    pub config: Config,
    pub max_wasm_stack: usize,
    pub epoch_interruption: bool,
    /// Interval at which the epoch advances by itself.
    pub tick: Option<Duration>,
    pooling: Option<PoolingAllocationConfig>,
    has_async: bool,
}

/// The stacks of a pool for async components. Each function that waits takes one, and two memory mappings.
const POOLED_STACKS: u32 = 100;

/// Returns the settings of a pool before Java sets any. Only async components need stacks for fibers, and stacks would
/// take 2,000 memory mappings of an engine, of which a process has 65,530.
fn default_pooling() -> PoolingAllocationConfig {
    let mut pooling = PoolingAllocationConfig::default();
    pooling.total_stacks(0);
    pooling
}

impl EngineSettings {
    /// Starts with the settings that all engines of this library share.
    pub fn new(max_wasm_stack: usize) -> Self {
        let mut config = Config::new();
        config.max_wasm_stack(max_wasm_stack);
        // Fibers are made for async components only.
        config.async_stack_size(max_wasm_stack.saturating_add(FIBER_RESERVE));
        if cfg!(any(windows, target_vendor = "apple")) {
            // HotSpot has handlers for the same exceptions there, and nobody has tried who comes first: compiled code
            // makes its own checks.
            config.signals_based_traps(false);
            // Whoever turns them on gets handlers that pass on what is not theirs. The other way of macOS, a thread
            // that listens to Mach exceptions, does not know of HotSpot's.
            config.macos_use_mach_ports(false);
        }
        if !mappings::has_memfd() {
            // Data is copied into each instance then, instead of mapped.
            config.memory_init_cow(false);
        }
        // Java may keep a ByteBuffer of a linear memory for ever, so a memory stays where it is: it grows within the
        // address space reserved for it, and not beyond.
        config.memory_may_move(false);
        // On, it triples the time of a component's call, whether the function is async or not.
        set_async(&mut config, false);
        EngineSettings {
            config,
            max_wasm_stack,
            epoch_interruption: false,
            tick: None,
            pooling: None,
            has_async: false,
        }
    }

    pub fn read(settings: &[String]) -> Result<Self> {
        let mut read = EngineSettings::new(DEFAULT_MAX_WASM_STACK);
        for setting in settings.chunks_exact(2) {
            read.set(&setting[0], &setting[1])?;
        }
        if let Some(pooling) = &mut read.pooling {
            if read.has_async {
                pooling.total_stacks(POOLED_STACKS);
            }
            read.config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling.clone()));
        }
        Ok(read)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        if let Some(name) = name.strip_prefix("pooling.") {
            return set_pooling(self.pooling.get_or_insert_with(default_pooling), name, value);
        }
        let config = &mut self.config;
        match name {
            "allocation_strategy" if value == "POOLING" => {
                self.pooling.get_or_insert_with(default_pooling);
            }
            "max_wasm_stack" => {
                self.max_wasm_stack = value
                    .parse()
                    .ok()
                    .filter(|bytes| *bytes > 0)
                    .ok_or_else(|| Error::argument(format!("maxWasmStack must be positive: {value}")))?;
                config.max_wasm_stack(self.max_wasm_stack);
                config.async_stack_size(self.max_wasm_stack.saturating_add(FIBER_RESERVE));
            }
            "signals_based_traps" => {
                config.signals_based_traps(parse(name, value)?);
            }
            "consume_fuel" => {
                config.consume_fuel(parse(name, value)?);
            }
            "epoch_interruption" => {
                self.epoch_interruption = parse(name, value)?;
                config.epoch_interruption(self.epoch_interruption);
            }
            "epoch_tick" => self.tick = Some(Duration::from_nanos(parse(name, value)?)),
            "cranelift_opt_level" => {
                config.cranelift_opt_level(match value {
                    "NONE" => OptLevel::None,
                    "SPEED" => OptLevel::Speed,
                    "SPEED_AND_SIZE" => OptLevel::SpeedAndSize,
                    _ => return Err(unknown(name, value)),
                });
            }
            "cranelift_nan_canonicalization" => {
                config.cranelift_nan_canonicalization(parse(name, value)?);
            }
            "parallel_compilation" => {
                config.parallel_compilation(parse(name, value)?);
            }
            "profiler" => {
                config.profiler(match value {
                    "NONE" => ProfilingStrategy::None,
                    "PERF_MAP" => ProfilingStrategy::PerfMap,
                    "JIT_DUMP" => ProfilingStrategy::JitDump,
                    "VTUNE" => ProfilingStrategy::VTune,
                    _ => return Err(unknown(name, value)),
                });
            }
            "native_unwind_info" => {
                config.native_unwind_info(parse(name, value)?);
            }
            "wasm_backtrace_details" => {
                config.wasm_backtrace_details(if parse(name, value)? {
                    WasmBacktraceDetails::Enable
                } else {
                    WasmBacktraceDetails::Disable
                });
            }
            "coredump_on_trap" => {
                config.coredump_on_trap(parse(name, value)?);
            }
            "memory_reservation" => {
                config.memory_reservation(parse(name, value)?);
            }
            "memory_guard_size" => {
                config.memory_guard_size(parse(name, value)?);
            }
            "memory_init_cow" => {
                config.memory_init_cow(parse(name, value)?);
            }
            "shared_memory" => {
                config.shared_memory(parse(name, value)?);
            }
            "wasm_tail_call" => {
                config.wasm_tail_call(parse(name, value)?);
            }
            "wasm_custom_page_sizes" => {
                config.wasm_custom_page_sizes(parse(name, value)?);
            }
            "wasm_threads" => {
                config.wasm_threads(parse(name, value)?);
            }
            "wasm_reference_types" => {
                config.wasm_reference_types(parse(name, value)?);
            }
            "wasm_function_references" => {
                config.wasm_function_references(parse(name, value)?);
            }
            "wasm_wide_arithmetic" => {
                config.wasm_wide_arithmetic(parse(name, value)?);
            }
            "wasm_gc" => {
                config.wasm_gc(parse(name, value)?);
            }
            "wasm_simd" => {
                config.wasm_simd(parse(name, value)?);
            }
            "wasm_relaxed_simd" => {
                config.wasm_relaxed_simd(parse(name, value)?);
            }
            "relaxed_simd_deterministic" => {
                config.relaxed_simd_deterministic(parse(name, value)?);
            }
            "wasm_bulk_memory" => {
                config.wasm_bulk_memory(parse(name, value)?);
            }
            "wasm_multi_value" => {
                config.wasm_multi_value(parse(name, value)?);
            }
            "wasm_multi_memory" => {
                config.wasm_multi_memory(parse(name, value)?);
            }
            "wasm_memory64" => {
                config.wasm_memory64(parse(name, value)?);
            }
            "wasm_extended_const" => {
                config.wasm_extended_const(parse(name, value)?);
            }
            #[cfg(feature = "component-async")]
            "wasm_component_model_async" => {
                self.has_async = parse(name, value)?;
                set_async(config, self.has_async);
            }
            #[cfg(feature = "component-async")]
            "wasm_component_model_async_stackful" => {
                let on = parse(name, value)?;
                if on {
                    self.has_async = true;
                    set_async(config, true);
                }
                config.wasm_component_model_async_stackful(on);
            }
            "wasm_exceptions" => {
                config.wasm_exceptions(parse(name, value)?);
            }
            _ => return Err(unknown(name, value)),
        }
        Ok(())
    }
}

/// Turns async components on or off, with what wasmtime does for them in each call of any component.
pub fn set_async(config: &mut Config, on: bool) {
    #[cfg(feature = "component-async")]
    config.wasm_component_model_async(on).concurrency_support(on);
    #[cfg(not(feature = "component-async"))]
    let _ = (config, on);
}

fn set_pooling(pooling: &mut PoolingAllocationConfig, name: &str, value: &str) -> Result<()> {
    match name {
        "total_core_instances" => {
            pooling.total_core_instances(parse(name, value)?);
        }
        "total_memories" => {
            pooling.total_memories(parse(name, value)?);
        }
        "total_tables" => {
            pooling.total_tables(parse(name, value)?);
        }
        "total_gc_heaps" => {
            pooling.total_gc_heaps(parse(name, value)?);
        }
        "max_memory_size" => {
            pooling.max_memory_size(parse(name, value)?);
        }
        "max_memories_per_module" => {
            pooling.max_memories_per_module(parse(name, value)?);
        }
        "max_tables_per_module" => {
            pooling.max_tables_per_module(parse(name, value)?);
        }
        "max_core_instance_size" => {
            pooling.max_core_instance_size(parse(name, value)?);
        }
        "table_elements" => {
            pooling.table_elements(parse(name, value)?);
        }
        "max_unused_warm_slots" => {
            pooling.max_unused_warm_slots(parse(name, value)?);
        }
        "linear_memory_keep_resident" => {
            pooling.linear_memory_keep_resident(parse(name, value)?);
        }
        "table_keep_resident" => {
            pooling.table_keep_resident(parse(name, value)?);
        }
        _ => return Err(unknown(name, value)),
    }
    Ok(())
}

fn parse<T: FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| unknown(name, value))
}

fn unknown(name: &str, value: &str) -> Error {
    Error::argument(format!("{name} cannot be {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_setting_is_refused() {
        for (name, value) in [("no_such", "true"), ("wasm_gc", "1"), ("pooling.no_such", "1"), ("profiler", "NO_SUCH")]
        {
            assert!(EngineSettings::read(&[name.to_owned(), value.to_owned()]).is_err(), "{name}");
        }
        let settings = EngineSettings::read(&["max_wasm_stack".to_owned(), "1000".to_owned()]).expect("a setting");
        assert_eq!(1000, settings.max_wasm_stack);
    }
}
