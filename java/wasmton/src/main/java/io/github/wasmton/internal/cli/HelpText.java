package io.github.wasmton.internal.cli;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_DESCRIPTION;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_FOOTER;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_PARAMETER_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_SYNOPSIS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Lays out the help of all commands. picocli would list options without groups and break lines inside of names such as
 * {@code security.protocol}; here a group is a mixin's {@code optionListHeading}, and lines break at spaces alone.
 */
final class HelpText {
    private static final int WIDTH = 80;
    private static final int COLUMN = 24;
    private static final String INDENT = "  ";
    private static final String DEFAULT_VALUE = "${DEFAULT-VALUE}";
    private static final String CANDIDATES = "${COMPLETION-CANDIDATES}";
    private static final String OTHERS = "Other options";

    private HelpText() {
    }

    /** Makes a command and its subcommands use this layout. */
    static CommandLine install(CommandLine commandLine) {
        Map<String, CommandLine.IHelpSectionRenderer> sections = commandLine.getHelpSectionMap();
        sections.put(SECTION_KEY_SYNOPSIS, help -> synopsis(help.commandSpec()));
        sections.put(SECTION_KEY_DESCRIPTION, help -> paragraphs(help.commandSpec().usageMessage().description()));
        sections.put(SECTION_KEY_PARAMETER_LIST, help -> parameters(help.commandSpec()));
        sections.put(SECTION_KEY_OPTION_LIST_HEADING, help -> "");
        sections.put(SECTION_KEY_OPTION_LIST, help -> options(help.commandSpec()));
        sections.put(SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        sections.put(SECTION_KEY_COMMAND_LIST, help -> commands(help.commandSpec()));
        sections.put(SECTION_KEY_EXIT_CODE_LIST, help -> exitCodes(help.commandSpec().usageMessage()));
        sections.put(SECTION_KEY_FOOTER, help -> footer(help.commandSpec()));
        commandLine.setHelpSectionMap(sections);
        commandLine.getSubcommands().values().forEach(HelpText::install);
        return commandLine;
    }

    /** Returns an option's description as help shows it, with its default. */
    static String description(ArgSpec arg) {
        // picocli would replace variables itself, without our forms, and take a ${file:...} that is shown for one.
        arg.command().interpolateVariables(false);
        String text = String.join("\n", arg.description());
        arg.command().interpolateVariables(true);
        String value = Form.textOf(arg, arg.initialValue());
        if (arg.completionCandidates() != null) {
            text = text.replace(CANDIDATES, String.join(", ", arg.completionCandidates()));
        }
        return text.replace(DEFAULT_VALUE, value == null ? Form.NONE : value).replace("%%", "%");
    }

    private static String synopsis(CommandSpec spec) {
        String begin = "";
        StringBuilder text = new StringBuilder();
        for (String line : spec.usageMessage().customSynopsis()) {
            text.append(begin).append(line).append('\n');
            begin = "       ";  // as long as "Usage: "
        }
        return text.toString();
    }

    private static String paragraphs(String[] lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(wrap(line, 0));
        }
        return text.toString();
    }

    private static String parameters(CommandSpec spec) {
        StringBuilder text = new StringBuilder();
        spec.positionalParameters().forEach(arg -> text.append(row(arg.paramLabel(), description(arg))));
        return text.length() == 0 ? "" : "\n" + text;
    }

    private static String options(CommandSpec spec) {
        Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                groups.computeIfAbsent(group(spec, option), heading -> new ArrayList<>()).add(option);
            }
        }
        List<OptionSpec> others = groups.remove(OTHERS);
        if (others != null) {
            groups.put(groups.isEmpty() ? "Options" : OTHERS, others);
        }
        StringBuilder text = new StringBuilder();
        groups.forEach((heading, options) -> {
            text.append('\n').append(heading).append(":\n");
            options.forEach(option -> text.append(row(signature(option), description(option))));
        });
        return text.toString();
    }

    /** Returns the heading of the mixin that brought the option. */
    private static String group(CommandSpec spec, OptionSpec option) {
        for (CommandSpec mixin : spec.mixins().values()) {
            if (mixin.optionsMap().containsKey(option.longestName())) {
                String heading = group(mixin, option);
                return heading.equals(OTHERS) && !mixin.usageMessage().optionListHeading().isEmpty()
                        ? mixin.usageMessage().optionListHeading() : heading;
            }
        }
        return OTHERS;
    }

    private static String signature(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.arity().max() == 0 ? names : names + ' ' + option.paramLabel();
    }

    private static String commands(CommandSpec spec) {
        StringBuilder text = new StringBuilder();
        spec.subcommands().forEach((name, command) -> {
            UsageMessageSpec usage = command.getCommandSpec().usageMessage();
            if (!usage.hidden() && usage.description().length > 0) {
                text.append(row(name, usage.description()[0]));
            }
        });
        return text.length() == 0 ? "" : "\nCommands:\n" + text;
    }

    private static String exitCodes(UsageMessageSpec usage) {
        StringBuilder text = new StringBuilder();
        usage.exitCodeList().forEach((code, meaning) -> text.append(row(code, meaning)));
        return text.length() == 0 ? "" : "\nExit codes:\n" + text;
    }

    private static String footer(CommandSpec spec) {
        StringBuilder text = new StringBuilder();
        if (spec.userObject() instanceof Examples shown) {
            text.append("\nExamples:\n");
            shown.examples().forEach(example -> text.append(INDENT).append(example.replace("\n", "\n" + INDENT))
                    .append('\n'));
        }
        String[] footer = spec.usageMessage().footer();
        return text + (footer.length == 0 ? "" : "\n" + paragraphs(footer));
    }

    /** A command whose help ends with examples, which are printed unchanged. */
    interface Examples {
        List<String> examples();
    }

    /** Puts a name and its description side by side, or below each other if the name is long. */
    private static String row(String name, String meaning) {
        String first = INDENT + name;
        boolean beside = first.length() < COLUMN - 1;
        String text = wrap(meaning, COLUMN);
        return beside ? first + text.substring(first.length()) : first + '\n' + text;
    }

    /** Breaks a text at spaces and indents its lines by {@code indent} spaces. Keeps line breaks of the text. */
    private static String wrap(String text, int indent) {
        StringBuilder wrapped = new StringBuilder();
        for (String paragraph : text.split("\n", -1)) {
            StringBuilder line = new StringBuilder(" ".repeat(indent));
            for (String word : paragraph.split(" ")) {
                if (line.length() > indent && line.length() + 1 + word.length() > WIDTH) {
                    wrapped.append(line).append('\n');
                    line.setLength(0);
                    line.append(" ".repeat(indent));
                }
                line.append(line.length() > indent ? " " : "").append(word);
            }
            wrapped.append(line).append('\n');
        }
        return wrapped.toString();
    }
}
