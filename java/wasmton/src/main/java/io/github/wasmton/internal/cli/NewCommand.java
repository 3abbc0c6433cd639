package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.wasmton.internal.author.Template;
import io.github.wasmton.internal.text.FileError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the folder of a new processor. */
@Command(name = "new", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Make a folder with a new processor: source, build command, test cases and settings.",
            "",
            "The template orders parses orders as JSON, drops small ones, has an HTTP service check the others if a "
                + "setting names one, and writes them to another topic. The template count has state: it counts the "
                + "records of each key and sends each count to another topic. The template batch takes many records "
                + "at once, and sends them to an HTTP service in one request."},
        customSynopsis = "wasmton new [--template TEMPLATE] [--lang LANGUAGE] NAME",
        exitCodeList = {
            "0:the folder was made",
            "2:invalid input; the message says what is needed"})
final class NewCommand implements Subcommand, HelpText.Examples {
    /** Languages by the ends of their files' names, and by other names. */
    private static final Map<String, String> LONG_NAMES = Map.of("rs", "rust", "py", "python", "js", "javascript",
            "ts", "typescript", "golang", "go", "c++", "cpp", "as", "assemblyscript");
    private static final String NAME = "[a-z][a-z0-9]*(-[a-z0-9]+)*";

    @Parameters(index = "0", paramLabel = "NAME", converter = Form.File.class,
            description = "The processor's name, which is also its folder's; or a path whose last part is the name.")
    Path folder;

    @Option(names = "--lang", paramLabel = "LANGUAGE",
            completionCandidates = Languages.class,
            description = "Language: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    String language = Template.LANGUAGES.get(0);

    @Option(names = "--template", paramLabel = "TEMPLATE",
            completionCandidates = Templates.class,
            description = "Template: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    String templateName = Template.ORDERS;

    /** The list of templates for help and completion. */
    static final class Templates extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Templates() {
            super(Template.NAMES);
        }
    }

    /** The list of languages for help and completion. */
    static final class Languages extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Languages() {
            super(Template.LANGUAGES);
        }
    }

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton new orders",
                "wasmton new --lang python ../processors/orders",
                "wasmton new --template count --lang go totals");
    }

    @Override
    public int run(Session session) throws CommandException {
        String name = folder.toAbsolutePath().normalize().getFileName().toString();
        if (!name.matches(NAME)) {
            throw new BadInputException("'" + name + "' cannot be a processor's name. Give lower-case letters, digits "
                    + "and hyphens, beginning with a letter, such as large-orders.", null);
        }
        if (!Template.NAMES.contains(templateName)) {
            throw new BadInputException("There is no template '" + templateName + "'."
                    + Suggestion.of(templateName, Template.NAMES) + " There are: "
                    + String.join(", ", Template.NAMES) + '.', null);
        }
        List<String> languages = Template.languages(templateName);
        if (!languages.contains(language)) {
            throw new BadInputException("There is no template " + templateName + " for the language '" + language
                    + "'." + Suggestion.of(LONG_NAMES.getOrDefault(language, language), languages) + " There are: "
                    + String.join(", ", languages) + '.', null);
        }
        Template template = Template.of(templateName, language);
        try {
            template.write(folder).forEach(file -> session.out().println(folder.resolve(file)));
        } catch (FileAlreadyExistsException e) {
            throw new BadInputException("The folder " + folder + " exists and is not empty. Give another name, or "
                    + "delete it first.", e);
        } catch (IOException e) {
            throw new BadInputException("Cannot write to " + folder + ": " + FileError.of(e) + '.', e);
        }
        session.out().println("Made a processor in " + template.languageName() + ". Next:");
        session.out().println("    cd " + folder);
        session.out().println("    wasmton build");
        session.out().println("    wasmton test");
        return ExitCode.OK;
    }
}
