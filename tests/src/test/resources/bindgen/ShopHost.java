import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import com.acme.Tuple2;
import com.acme.acme.shop.Baskets;
import com.acme.acme.shop.Discounts;
import com.acme.acme.shop.Goods;
import com.acme.acme.shop.Plugin;
import com.acme.acme.shop.PluginImports;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentException;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** A shop with a plug-in, on generated sources; the test of the generator compiles and runs it. */
public final class ShopHost {
    private final List<String> lines = new ArrayList<>();
    private final TreeMap<String, Goods.Item> items = new TreeMap<>();

    private ShopHost() {
        items.put("pen", new Goods.Item("pen", (short) 1, 150, Optional.of(new byte[] {1})));
        items.put("pencil", new Goods.Item("pencil", (short) 255, 90, Optional.empty()));
        items.put("piano", new Goods.Item("piano", (short) 2, 4_000_000_000L, Optional.empty()));
    }

    /** A view of the goods; a component owns it. */
    private final class View implements Goods.Goods_ {
        private final String name;
        private final Iterator<Goods.Item> left;
        private boolean ended;

        View(String prefix) {
            name = prefix;
            left = items.values().stream().filter(item -> item.name().startsWith(prefix)).iterator();
        }

        @Override
        public Optional<Goods.Item> next() {
            if (ended) {
                throw new Goods.ErrorException(new Goods.Error.Closed());
            }
            return left.hasNext() ? Optional.of(left.next()) : Optional.empty();
        }

        @Override
        public long close_() {
            if (ended) {
                throw new ComponentException("ended before");
            }
            ended = true;
            return 7;
        }

        @Override
        public String toString_() {
            return "view of '" + name + '\'';
        }

        @Override
        public void close() {
            lines.add("dropped " + toString_());
        }
    }

    private final class Shelf implements Goods {
        @Override
        public Goods_ newGoods(String prefix) {
            return new View(prefix);
        }

        @Override
        public Goods_ goodsJoin(Goods_ left, Goods_ right) {
            View joined = new View(left.toString_() + " and " + right.toString_());
            left.close();  // The component has given it away, and only lent the other one.
            return joined;
        }

        @Override
        public Item find(String name) {
            if (name.isEmpty()) {
                throw new ErrorException(new Error.Error_(400));
            }
            Item found = items.get(name);
            if (found == null) {
                throw new ErrorException(new Error.NotFound(Optional.ofNullable(items.higherKey(name))));
            }
            return found;
        }
    }

    private static final class Sale implements Discounts {
        @Override
        public List<Tuple2<String, Long>> ofItems(List<Goods.Item> items) {
            return items.stream().map(item -> new Tuple2<>(item.name() + " of class " + item.class_(),
                    -item.price() / 10)).toList();
        }

        @Override
        public String firstOf(Goods.Goods_ view) {
            throw new ErrorException(new Error((short) -1));
        }
    }

    /** Runs the plug-in, and returns what came of it. */
    public static List<String> run(Path file) {
        ShopHost host = new ShopHost();
        try (Engine engine = new Engine(); Component component = Component.fromFile(engine, file);
             Store store = new Store(engine)) {
            ComponentLinker linker = new ComponentLinker()
                    .define(Goods.NAME, Goods.class, host.new Shelf())
                    .define(Discounts.NAME, Discounts.class, new Sale())
                    .define("", PluginImports.class, text -> host.lines.add("notice: " + text));
            new Wasi(store, WasiConfig.EMPTY);
            Wasi.addToLinker(linker);
            host.use(linker.instantiate(store, component, Plugin.class));
        }
        return host.lines;
    }

    private void use(Plugin plugin) {
        lines.add(plugin.names("pen").toString());
        Baskets baskets = plugin.baskets();
        Baskets.Basket second = baskets.newBasket(Baskets.Currency.EUR);
        try (Baskets.Basket first = baskets.newBasket(Baskets.Currency.USD)) {
            lines.add("items: " + first.add("pencil", 3));
            second.add("pen", 2);
            for (String name : List.of("pencils", "")) {
                try {
                    first.add(name, 1);
                } catch (Goods.ErrorException e) {
                    lines.add("refused: " + e.error());
                }
            }
            lines.add("merged: " + baskets.merge(first, second));
            lines.add("same: " + first.sameAs(first));
            items.remove("pen");
            lines.add("total: " + first.total(EnumSet.of(Baskets.Wrapping.EXPRESS_DELIVERY)) + ' '
                    + first.total(Set.of()).get(0).value());
        }
        baskets.check(List.of("pencil"));
        try {
            baskets.check(List.of("piano", "pencil"));
        } catch (Baskets.CheckException e) {
            lines.add("too dear: " + e.error().get(0).price());
        }
    }
}
