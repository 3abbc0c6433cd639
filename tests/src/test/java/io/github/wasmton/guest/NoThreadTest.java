package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmtimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a system that refuses threads: the first that is missing is another one each time. */
class NoThreadTest {
    /** Refuses a thread where as many live as the file THREADS says; those made before the file do not count. */
    private static final String THREADS = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <pthread.h>
            #include <stdatomic.h>
            #include <stdio.h>
            #include <stdlib.h>

            typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

            struct body {
                void *(*function)(void *);
                void *argument;
            };

            static atomic_int live;

            static void *counted(void *argument) {
                struct body body = *(struct body *) argument;
                free(argument);
                void *result = body.function(body.argument);
                live--;
                return result;
            }

            int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *),
                               void *argument) {
                create *system = (create *) dlsym(RTLD_NEXT, "pthread_create");
                FILE *file = fopen(getenv("THREADS"), "r");
                if (file == NULL) {
                    return system(thread, attributes, function, argument);
                }
                int limit = 0;
                fscanf(file, "%d", &limit);
                fclose(file);
                if (live >= limit) {
                    return EAGAIN;
                }
                live++;
                struct body *body = malloc(sizeof *body);
                *body = (struct body) {function, argument};
                return system(thread, attributes, counted, body);
            }
            """;

    @Test
    void missingThreadIsAnExceptionAndTheNextTryWorks(@TempDir Path directory) throws Exception {
        Path threads = directory.resolve("threads");
        // Compiler threads of the JVM itself are made at the start.
        new ChildJvm("-XX:-UseDynamicNumberOfCompilerThreads").preloading(THREADS, directory)
                .with("THREADS", threads.toString()).run(Tries.class, threads.toString()).succeeded();
    }

    static final class Tries {
        private static final int MOST = 40;

        public static void main(String[] arguments) throws Exception {
            new Store().close();  // The JVM makes a thread of its own for the library's objects.
            List<String> messages = new ArrayList<>();
            int limit = 0;
            while (!worked(Path.of(arguments[0]), limit, messages)) {
                limit++;
                assertTrue(limit < MOST, () -> "never worked: " + messages);
            }
            for (String thread : List.of("compiling", "the deadlines of guests", "the input and output of guests")) {
                assertTrue(messages.stream().anyMatch(m -> m.contains("the system has no thread for " + thread)),
                        () -> thread + " in " + messages);
            }
        }

        private static boolean worked(Path threads, int limit, List<String> messages) throws Exception {
            Files.writeString(threads, Integer.toString(limit));
            try (GuestModule module = GuestModule.load(guest("probe"), GuestOptions.DEFAULT);
                    Guest guest = module.instantiate()) {
                assertEquals(Outcome.DONE, guest.process(task("nothing")));
                return true;
            } catch (WasmtimeException e) {
                messages.add(e.getMessage());
                return false;
            }
        }
    }
}
