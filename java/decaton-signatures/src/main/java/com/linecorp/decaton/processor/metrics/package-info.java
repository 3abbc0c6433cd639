/**
 * Signatures of Decaton 9.5.0, to compile against where {@code com.linecorp.decaton:decaton-processor} cannot be
 * resolved: the names, parameters and results of the few public members that Wasmton uses, and nothing else. There is
 * no behaviour in here. It is never packaged and never run in place of Decaton; the real artefact replaces it.
 */
package com.linecorp.decaton.processor.metrics;
