package io.github.wasmton.wasmtime.bindgen;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;

import javax.lang.model.SourceVersion;

import io.github.wasmton.wasmtime.internal.JavaNames;

/** Names for generated Java sources: a name that is taken in Java gets an underscore or another ending. */
final class JavaWords {
    /** Methods that every object has. */
    private static final Set<String> OF_OBJECTS = Set.of("clone", "equals", "finalize", "getClass", "hashCode",
            "notify", "notifyAll", "toString", "wait");
    /** Classes of java.lang that generated sources name. */
    private static final Set<String> OF_JAVA = Set.of("AutoCloseable", "Boolean", "Byte", "Double", "Float", "Integer",
            "Long", "Object", "Override", "Record", "Short", "String", "SuppressWarnings", "Void");

    private JavaWords() {}

    /** Returns the name of a method or of a record's component. */
    static String member(String camel) {
        return SourceVersion.isKeyword(camel) || OF_OBJECTS.contains(camel) ? camel + '_' : camel;
    }

    /** Returns the name of a parameter. */
    static String parameter(String wit) {
        String camel = JavaNames.camel(wit);
        return SourceVersion.isKeyword(camel) ? camel + '_' : camel;
    }

    /** Returns the name of a top-level class. It need not match WIT's name, so it gets no underscore. */
    static String topLevel(String name) {
        return OF_JAVA.contains(name) ? name + "Interface" : name;
    }

    /** Returns the name of a nested class, which must differ from those of the classes around it. */
    static String nested(String name, Collection<String> around) {
        return around.contains(name) ? name + '_' : name;
    }

    /** Returns a part of a package's name. */
    static String packagePart(String wit) {
        String part = wit.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
        return SourceVersion.isKeyword(part) || Character.isDigit(part.charAt(0)) ? '_' + part : part;
    }
}
