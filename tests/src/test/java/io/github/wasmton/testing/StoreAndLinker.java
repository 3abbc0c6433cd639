package io.github.wasmton.testing;

import org.junit.jupiter.api.AfterEach;

import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Store;

/** The set-up of tests that use a Store and a Linker: each test gets its own, and may close them. */
public abstract class StoreAndLinker {
    protected final Store store = new Store();
    protected final Linker linker = new Linker(store);

    @AfterEach
    protected final void closeStoreAndLinker() {
        linker.close();
        store.close();
    }
}
