package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.ServiceLoader;

import picocli.CommandLine.Command;

/** Runs a sample on a Kafka inside this process, if the class path has one. */
@Command(name = "demo", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Show Wasmton at work: start a Kafka in this process, run a sample processor on it and send it "
            + "three tasks.",
            "",
            "It needs Wasmton's module devkafka on the class path, which './gradlew run' has."},
        customSynopsis = "wasmton demo",
        exitCodeList = {
            "0:success, or an end by SIGTERM or Ctrl-C",
            "1:the demo failed",
            "2:there is no Kafka on the class path; the message says how to get one"})
final class DemoCommand implements Subcommand {
    private static final Duration END_LIMIT = Duration.ofSeconds(20);

    @Override
    public int run(Session session) throws CommandException {
        Demonstration demo = ServiceLoader.load(Demonstration.class, DemoCommand.class.getClassLoader()).findFirst()
                .orElseThrow(() -> new BadInputException("The demo needs a Kafka inside of this process, which is not "
                        + "on the class path. Run it in a clone of Wasmton's repository by: ./gradlew run", null));
        session.endsWithin(END_LIMIT);
        session.stop().thenRun(demo::stop);
        return demo.run(session.out(), session.err());
    }
}
