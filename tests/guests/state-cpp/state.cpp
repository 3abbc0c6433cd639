// A processor of protocol 1 that uses its stores as its tasks say: a word and its arguments. The guests state-* in other
// languages do the same.

#include <string>
#include <string_view>
#include <vector>

#include "wasmton.hpp"

using wasmton::Entry;
using wasmton::Store;
using wasmton::Stored;
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

static Verdict answered(Stored answer) {
    switch (answer) {
        case Stored::done: return {};
        case Stored::read_only: return Verdict::skip("read-only");
        case Stored::too_large: return Verdict::skip("too-large");
        default: return Verdict::skip("limit");
    }
}

static Verdict tell(Stored answer, const std::vector<Entry> &entries) {
    std::string line;
    for (const Entry &entry : entries) {
        line += (line.empty() ? "" : " ") + entry.key + '=' + entry.value;
    }
    if (answer == Stored::done) {
        wasmton::log(WASMTON_INFO, line);
    }
    return answered(answer);
}

static Verdict process(const wasmton::Task &task) {
    std::vector<std::string> words = split(task.value.value_or(""));
    const std::string &word = words[0];
    std::optional<Store> store = Store::open(words[1]);
    std::vector<Entry> entries;
    if (!store) {
        return Verdict::skip("no-such-store");
    } else if (word == "get") {
        std::optional<std::string> value;
        Stored answer = store->get(words[2], value);
        if (answer == Stored::done) {
            wasmton::log(WASMTON_INFO, value.value_or("none"));
        }
        return answered(answer);
    } else if (word == "set") {
        return answered(store->set(words[2], words[3]));
    } else if (word == "set-size") {
        return answered(store->set(words[2], std::string(std::stoul(words[3]), '\0')));
    } else if (word == "delete") {
        return answered(store->remove(words[2]));
    } else if (word == "scan") {
        wasmton::Bytes to = words[3] == "-" ? wasmton::Bytes() : wasmton::Bytes(words[3]);
        return tell(store->scan(words[2], to, std::stoul(words[4]), entries), entries);
    } else if (word == "prefix") {
        return tell(store->scan_prefix(words[2], std::stoul(words[3]), entries), entries);
    }
    return Verdict::stop("no such word: " + word);
}

WASMTON_PROCESSOR(process)
