package io.github.wasmton.wasmtime.component;

import java.util.Map;

/** The resources of one instance: those of its own component, and Java objects that the linker has given it. */
final class Resources {
    private final HostObjects objects;
    /** The classes of the resources that are Java objects, by name. */
    private final Map<String, Class<?>> hosts;
    /** Set once the instance is there. What its component does before cannot return a resource of its own. */
    private ComponentInstance instance;

    Resources(HostObjects objects, Map<String, Class<?>> hosts) {
        this.objects = objects;
        this.hosts = hosts;
    }

    void belongTo(ComponentInstance owner) {
        instance = owner;
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

    /** Drops a Java object that a component owned. */
    void drop(String name, int number) {
        if (objects.remove(name, number) instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw sneaky(e);
            }
        }
    }

    /** Throws an exception unchanged: it comes out of the call that entered the component as the same object. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }

    private final class Guest extends Codec {
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
            if (resource.resources() != Resources.this || !resource.name().equals(name)) {
                throw new IllegalArgumentException(where + " needs a " + name + " of this instance, not a "
                        + resource.name() + (resource.resources() == Resources.this ? "" : " of another one"));
            }
            out.putLong(resource.number());
        }

        @Override
        Object read(PackedReader in) {
            return new ComponentResource(Resources.this, name, in.getLong());
        }
    }

    boolean hasInstance() {
        return instance != null;
    }

    ComponentInstance instance() {
        if (instance == null) {
            throw new IllegalStateException("the component is still being instantiated");
        }
        return instance;
    }

    private final class Host extends Codec {
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
            int number = objects.add(name, value);
            if (!own) {
                out.afterwards(() -> objects.remove(name, number));
            }
            out.putLong(-1L - number);
        }

        @Override
        Object read(PackedReader in) {
            int number = (int) (-1 - in.getLong());
            return own ? objects.remove(name, number) : objects.get(name, number);
        }
    }
}
