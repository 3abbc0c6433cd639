// A processor of protocol 1 that obeys its tasks: a word and its arguments. The probes in other languages do the same.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "wasmton.hpp"

using wasmton::Produced;
using wasmton::Record;
using wasmton::Task;
using wasmton::Verdict;

static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words(1);
    for (char c : text) {
        if (c == ' ') {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    return words;
}

// Hexadecimal digits; a hyphen for none at all.
static std::string digits(const wasmton::Bytes &bytes) {
    std::string digits = bytes ? "" : "-";
    for (unsigned char byte : bytes.value_or("")) {
        digits += "0123456789abcdef"[byte >> 4];
        digits += "0123456789abcdef"[byte & 15];
    }
    return digits;
}

static std::string describe(const Task &task) {
    std::string line(task.topic);
    line += ' ' + std::to_string(task.partition) + ' ' + std::to_string(task.offset) + ' ' +
        std::to_string(task.timestamp.value_or(-1)) + ' ' + std::to_string(task.attempt);
    line += " key=" + digits(task.key) + " value=" + digits(task.value);
    for (const wasmton::Header &header : task.headers) {
        line += ' ' + std::string(header.name) + '=' + digits(header.value);
    }
    return line;
}

static Verdict produced(Produced answer) {
    switch (answer) {
        case Produced::ok: return {};
        case Produced::topic_denied: return Verdict::skip("topic-denied");
        case Produced::too_large: return Verdict::skip("too-large");
        default: return Verdict::skip("queue-full");
    }
}

static Produced produce_words(const std::vector<std::string> &words) {
    Produced answer = Produced::ok;
    for (size_t i = 2; i < words.size() && answer == Produced::ok; i++) {
        answer = wasmton::produce({.topic = words[1], .value = words[i]});
    }
    return answer;
}

// Sends a request: METHOD URL TIMEOUT BODY and headers, a hyphen for none.
static Verdict send(const std::vector<std::string> &words) {
    wasmton::HttpRequest request{.method = words[1], .url = words[2], .timeout = std::stoi(words[3])};
    if (words[4] != "-") {
        request.body = words[4];
    }
    for (size_t i = 5; i < words.size(); i += 2) {
        request.headers.push_back({words[i], words[i + 1]});
    }
    wasmton::HttpResponse response = wasmton::send(request);
    if (response.error != 0) {
        return Verdict::skip("http " + std::to_string(response.error) + ": " + response.body);
    }
    size_t size = response.body.size();
    std::string line = std::to_string(response.status) + ' ';
    line += size > 100 ? std::to_string(size) + " bytes" : response.body;
    for (const wasmton::HttpHeader &header : response.headers) {
        if (header.name.rfind("x-", 0) == 0) {
            line += ' ' + header.name + '=' + header.value;
        }
    }
    wasmton::log(WASMTON_INFO, line);
    return {};
}

static Verdict process(const Task &task) {
    static int tasks;
    tasks++;
    std::vector<std::string> words = split(task.value.value_or(""));
    const std::string &word = words[0];
    if (word.empty() || word == "record") {
        wasmton::log(WASMTON_INFO, describe(task));
    } else if (word == "nothing") {
    } else if (word == "retry") {
        return Verdict::retry("later");
    } else if (word == "dead-letter") {
        return Verdict::dead_letter("broken: ü");
    } else if (word == "skip") {
        return Verdict::skip("not ours");
    } else if (word == "stop") {
        return Verdict::stop("never");
    } else if (word == "count") {
        wasmton::log(WASMTON_INFO, std::to_string(tasks));
    } else if (word == "log") {
        wasmton::log(WASMTON_TRACE, "trace ü");
        wasmton::log(WASMTON_DEBUG, "debug ü");
        wasmton::log(WASMTON_INFO, "info ü");
        wasmton::log(WASMTON_WARN, "warn ü");
        wasmton::log(WASMTON_ERROR, "error ü");
    } else if (word == "setting") {
        wasmton::log(WASMTON_INFO, wasmton::setting(words[1]).value_or("none"));
    } else if (word == "settings") {
        std::string line;
        for (const std::string &name : wasmton::setting_names()) {
            line += (line.empty() ? "" : " ") + name;
        }
        wasmton::log(WASMTON_INFO, line);
    } else if (word == "produce") {
        return produced(produce_words(words));
    } else if (word == "produce-and-retry") {
        produce_words(words);
        return Verdict::retry("later");
    } else if (word == "produce-and-trap") {
        produce_words(words);
        std::abort();
    } else if (word == "produce-size") {
        std::string value(std::stoul(words[3]), '\0');
        Produced answer = Produced::ok;
        for (int count = std::stoi(words[2]); count > 0 && answer == Produced::ok; count--) {
            answer = wasmton::produce({.topic = words[1], .value = value});
        }
        return produced(answer);
    } else if (word == "produce-whole") {
        return produced(wasmton::produce({
            .topic = words[1], .key = "key", .headers = {{"one", "1"}, {"one", {}}, {"é", ""}},
            .partition = std::stoi(words[2]), .timestamp = 1700000000123,
        }));
    } else if (word == "forward") {
        return produced(wasmton::produce({
            .topic = words[1], .key = task.key, .value = task.value, .headers = task.headers,
            .timestamp = task.timestamp,
        }));
    } else if (word == "count-up") {
        wasmton::count(words[1], static_cast<uint32_t>(std::stoul(words[2])));
    } else if (word == "http") {
        return send(words);
    } else if (word == "print") {
        std::printf("out\n");
        std::fprintf(stderr, "err\n");
    } else if (word == "trap") {
        std::fprintf(stderr, "on purpose\n");
        std::abort();
    } else if (word == "exit") {
        std::exit(std::stoi(words[1]));
    } else if (word == "loop") {
        for (volatile int i = 0;; i = i + 1) {
        }
    } else {
        return Verdict::skip("no such word: " + word);
    }
    return {};
}

WASMTON_PROCESSOR(process)
