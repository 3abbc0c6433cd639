package io.github.wasmton.wasmtime.component;

import java.util.Map;

/** The kinds of resources of a linked component: its own, and those whose values are Java objects. */
final class Resources {
    /** The classes of the resources that are Java objects, by name. */
    private final Map<String, Class<?>> hosts;

    Resources(Map<String, Class<?>> hosts) {
        this.hosts = hosts;
    }

    /** Makes the codec of a resource that is handed over, or lent. */
    Codec codec(String where, String name, boolean own) {
        Class<?> type = hosts.get(name);
        return type == null ? new Guest(where, name) : new Host(where, name, type, own);
    }

    /** Returns the class that a resource's values have in Java. */
    Class<?> classOf(String name) {
        return hosts.getOrDefault(name, ComponentResource.class);
    }

    /** Throws an exception unchanged: it comes out of the call that entered the component as the same object. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }

    private static final class Guest extends Codec {
        private final String name;

        Guest(String where, String name) {
            super(where);
            this.name = name;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof ComponentResource resource)) {
                throw mismatch("a ComponentResource", value);
            }
            if (resource.resources() != out.resources || !resource.name().equals(name)) {
                throw new IllegalArgumentException(where + " needs a " + name + " of this instance, not a "
                        + resource.name() + (resource.resources() == out.resources ? "" : " of another one"));
            }
            resource.checkNotClosed();
            out.putLong(resource.number());
        }

        @Override
        Object read(PackedReader in) {
            return new ComponentResource(in.resources, name, in.getLong());
        }
    }

    private static final class Host extends Codec {
        private final String name;
        private final Class<?> type;
        private final boolean own;

        Host(String where, String name, Class<?> type, boolean own) {
            super(where);
            this.name = name;
            this.type = type;
            this.own = own;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!type.isInstance(value)) {
                throw mismatch("a " + type.getName(), value);
            }
            InstanceResources resources = out.resources;
            int number = resources.add(name, value);
            if (!own) {
                out.afterwards(() -> resources.remove(name, number));
            }
            out.putLong(-1L - number);
        }

        @Override
        Object read(PackedReader in) {
            int number = (int) (-1 - in.getLong());
            return own ? in.resources.remove(name, number) : in.resources.get(name, number);
        }
    }
}
