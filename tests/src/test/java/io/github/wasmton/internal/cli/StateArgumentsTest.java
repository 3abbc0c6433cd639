package io.github.wasmton.internal.cli;

import static io.github.wasmton.testing.TestGuests.guest;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.wasmton.testing.ProgramRun;

class StateArgumentsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --state-task-operations=0 | a task may make at least one call into its stores, not 0
            --state-task-bytes=0B     | a task may exchange at least one byte with its stores, not 0
            --table=counts            | each store and table has its own name: not 'counts' twice
            """)
    void errorNamesTheOptionThatIsWrong(String option, String error) {
        ProgramRun run = ProgramRun.of("invoke", guest("count").toString(), "--state", "counts", "--value", "x",
                option);
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        String name = option.replaceFirst("=.*", "");
        assertEquals(error + (name.equals("--table") ? " (--state, --table)\n" : " (" + name + ")\n"), run.err());
    }
}
