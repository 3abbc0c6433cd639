"""A processor that uses its stores as its tasks say: a word and its arguments. The guests state-* in other languages do
the same.
"""

import wasmton
from wit_world.imports import log


def process(task: wasmton.Task) -> None:
    word, name, *arguments = (task.value or b"").decode().split(" ")
    try:
        obey(word, wasmton.Store(name), arguments)
    except wasmton.ReadOnly:
        raise wasmton.Skip("read-only")
    except wasmton.StateLimit as e:
        raise wasmton.Skip("limit: " + str(e).removeprefix(f"{name}: "))
    except wasmton.Stop as e:
        raise wasmton.Skip("no-such-store" if "there is no store" in str(e) else str(e))


def obey(word: str, store: wasmton.Store, arguments: list[str]) -> None:
    key = arguments[0]
    if word == "get":
        value = store.get(key)
        say("none" if value is None else value.decode())
    elif word == "set":
        store.set(key, arguments[1])
    elif word == "set-size":
        store.set(key, bytes(int(arguments[1])))
    elif word == "delete":
        store.delete(key)
    elif word == "scan":
        tell(store.scan(key, None if arguments[1] == "-" else arguments[1], int(arguments[2])))
    elif word == "prefix":
        tell(store.scan_prefix(key, int(arguments[1])))
    else:
        raise wasmton.Retry(f"no such word: {word}")


def tell(entries: list[tuple[bytes, bytes]]) -> None:
    say(" ".join(f"{key.decode()}={value.decode()}" for key, value in entries))


def say(line: str) -> None:
    log.write(log.Level.INFO, line)  # the module logging drops empty lines


TaskHandler = wasmton.processor(process)
