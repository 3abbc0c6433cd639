#!/bin/sh
# Tries an archive: dist/test.sh ARCHIVE [ROOT]. It tries the folder that an archive is made of in the first way alone.
#
# First from a path with a blank. Then, as root, in a chroot without Java and Rust, as another user, with a read-only
# root and home, against a broker outside. ROOT is the root to use, such as one that debootstrap made; without it the
# script makes one of the C library, a shell and readlink.
set -eu

archive=$(readlink -f "$1")
given=${2:-}
dist=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
passed=0
broker=
finish() {
    [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

ok() {
    passed=$((passed + 1))
    echo "ok: $1"
}
fail() {
    echo "FAILED: $1" >&2
    [ ! -f "$work/out" ] || tail -n 30 "$work/out" >&2
    exit 1
}
# expect CODE COMMAND...: the output goes to $work/out
expect() {
    code=$1
    shift
    actual=0
    "$@" >"$work/out" 2>&1 </dev/null || actual=$?
    [ "$actual" = "$code" ] || fail "exit code $actual instead of $code: $*"
}
# Waits for a line in a file, as long as a process lives.
await() {
    until grep -q "$1" "$2" 2>/dev/null; do
        kill -0 "$3" 2>/dev/null || { cp "$4" "$work/out"; fail "ended before it wrote '$1'"; }
        sleep 0.2
    done
}

# ---- anywhere ----

mkdir "$work/with blank" "$work/elsewhere"
if [ -d "$archive" ]; then
    cp -a "$archive" "$work/with blank/"
else
    tar -xzf "$archive" -C "$work/with blank"
fi
home=$(echo "$work/with blank"/wasmton-*)
wasmton=$home/bin/wasmton
cd "$work/elsewhere"

for file in LICENSE NOTICE README.txt THIRD-PARTY-LICENSES.txt sbom.cdx.json completion/wasmton etc/logback.xml; do
    [ -s "$home/$file" ] || fail "$file is missing or empty"
done
sh -n "$wasmton"
if command -v bash >/dev/null; then
    completed=$(bash -c '. "$1"; COMP_WORDS=(wasmton dem); COMP_CWORD=1; _complete_wasmton; echo "${COMPREPLY[*]}"' \
        bash "$home/completion/wasmton")
    [ "$completed" = demo ] || fail "the completion of 'dem' is '$completed'"
    ok "bash completes 'wasmton dem'"
fi
expect 0 "$wasmton" --version
grep -q "^wasmton [0-9].*, Java [0-9]" "$work/out" || fail "--version"
ok "--version from a path with a blank: $(cat "$work/out")"
ln -s "../with blank/$(basename "$home")/bin/wasmton" one
ln -s one two
expect 0 ./two --version
ok "--version by a link to a link"
expect 2 "$wasmton" --no-such-option
ok "exit code 2 for invalid input"
WASMTON_JAVA_OPTS="-Dfirst=1 -XshowSettings:properties" expect 0 "$wasmton" --version
grep -q "first = 1" "$work/out" || fail "WASMTON_JAVA_OPTS"
ok "WASMTON_JAVA_OPTS reaches the JVM"
expect 0 "$wasmton" demo
for line in Hello from 'Wasm!'; do
    grep -qxF "$line" "$work/out" || fail "the demo did not show the line $line"
done
ok "demo"
expect 0 "$wasmton" new --lang c orders
[ -s orders/cases/orders.json ] && [ -s orders/wasmton/wasmton.h ] || fail "new made no whole folder"
expect 0 "$wasmton" inspect "$home/samples/messages.wasm"
expect 0 "$wasmton" invoke "$home/samples/messages.wasm" --value '{"message": "Hello"}' --dir .::/
grep -qxF Hello messages || fail "invoke did not run the sample"
echo '{"cases": [{"name": "n", "record": {"value": {"message": "H"}}, "http": {"/a": {"status": 204}}}]}' >cases.json
expect 0 "$wasmton" test "$home/samples/messages.wasm" --cases cases.json --dir .::/
ok "new, inspect, invoke and test"
# A guest with state, which sets one key in each task.
cat >state.wat <<'WAT'
(module
  (import "wasmton_v1" "next" (func $next (param i32 i32) (result i32)))
  (import "wasmton_v1" "state_open" (func $open (param i32 i32) (result i32)))
  (import "wasmton_v1" "state_set" (func $set (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "counts")
  (func (export "run") (local $store i32)
    (local.set $store (call $open (i32.const 0) (i32.const 6)))
    (block $end (loop $tasks
      (br_if $end (i32.lt_s (call $next (i32.const 1024) (i32.const 8192)) (i32.const 0)))
      (if (call $set (local.get $store) (i32.const 0) (i32.const 6) (i32.const 0) (i32.const 6)) (then (unreachable)))
      (br $tasks)))))
WAT
mkdir "$work/tmp"
WASMTON_JAVA_OPTS=-Djava.io.tmpdir=$work/tmp expect 0 "$wasmton" invoke state.wat --state counts:rocksdb --value x
grep -qxF "  counts = counts" "$work/out" || fail "invoke did not show the state"
[ -z "$(find "$work/tmp" -name '*rocksdb*')" ] || fail "RocksDB was unpacked into the temporary directory"
ok "state, and RocksDB loads without being unpacked"

# ---- in a chroot ----

if [ -d "$archive" ]; then
    echo "$passed passed"
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "Not root: not tried in a chroot."
    echo "$passed passed"
    exit 0
fi
if [ -n "$given" ]; then
    root=$(readlink -f "$given")
else
    root=$work/root
    mkdir -p "$root"
    needed=$(ldd "$(readlink -f /bin/sh)" "$(command -v readlink)" "$home"/runtime/lib/*.so \
        "$home"/runtime/lib/server/*.so \
        "$home"/lib/*.so | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^\t\(\/[^ ]*ld-[^ ]*\) (.*/\1/p' | sort -u)
    for file in /bin/sh "$(command -v readlink)" $needed; do
        mkdir -p "$root${file%/*}"
        cp -L "$file" "$root$file"
    done
    mkdir -p "$root/proc" "$root/tmp" "$root/dev" "$root/etc"
    chmod 1777 "$root/tmp"
    mknod -m 666 "$root/dev/null" c 1 3
    mknod -m 666 "$root/dev/random" c 1 8
    mknod -m 666 "$root/dev/urandom" c 1 9
    echo "127.0.0.1 localhost" >"$root/etc/hosts"
fi
for tool in java cargo; do
    [ -z "$(find "$root" -xdev -name $tool -type f -perm -100 -not -path "*/opt/wasmton/*" 2>/dev/null)" ] ||
        fail "$root has a $tool"
done
rm -rf "$root/opt/wasmton"
mkdir -p "$root/opt" "$root/home/nobody" "$root/data" "$work/data"
cp -a "$home" "$root/opt/wasmton"
chmod 777 "$work/data"

# The demo is the broker: it stays while its input is open. Another group gets the three tasks of its topic too.
mkfifo "$work/keyboard"
WASMTON_TERMINAL=1 "$wasmton" demo <"$work/keyboard" >"$work/demo" 2>&1 &
broker=$!
exec 9>"$work/keyboard"
await "^Sent .*Wasm" "$work/demo" "$broker" "$work/demo"
servers=$(sed -n 's/^Kafka is on \([0-9.:]*\),.*/\1/p' "$work/demo")

# The process stays the same one down to the JVM, so signals and exit codes are the JVM's.
inside() {
    # shellcheck disable=SC2016 # for the inner shell
    exec unshare --mount sh -c '
        root=$1
        data=$2
        shift 2
        mount --bind "$root" "$root"
        mount -o remount,ro,bind "$root"
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount --bind "$data" "$root/data"
        exec env -i HOME=/home/nobody PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot --userspec=65534:65534 "$root" "$@"
    ' sh "$root" "$work/data" /opt/wasmton/bin/wasmton "$@"
}
(inside --version) >"$work/out" 2>&1 || fail "--version in the chroot"
ok "chroot: $(cat "$work/out")"
actual=0
(inside run) >"$work/out" 2>&1 || actual=$?
[ "$actual" = 2 ] || fail "exit code $actual instead of 2 for run without arguments in the chroot"
ok "chroot: exit code 2 for invalid input"
(inside demo) >"$work/out" 2>&1 || fail "demo in the chroot"
grep -qxF 'Wasm!' "$work/out" || fail "the demo in the chroot did not show Wasm!"
ok "chroot: demo"
(inside run --dir /data::/ --group other --metrics-port 0 "$servers" tasks /opt/wasmton/samples/messages.wasm) \
    >"$work/run" 2>&1 &
run=$!
await '^Wasm!' "$work/data/messages" "$run" "$work/run"
kill -TERM "$run"
actual=0
wait "$run" || actual=$?
cp "$work/run" "$work/out"
[ "$actual" = 0 ] || fail "exit code $actual instead of 0 after SIGTERM"
grep -q "^3 tasks done, 0 failed" "$work/run" || fail "no closing line"
ok "chroot: run against a broker outside, and exit code 0 after SIGTERM"
cp state.wat "$root/opt/wasmton/samples/state.wat"
(inside run --exactly-once --state counts:rocksdb --streams state.dir=/data/state --group stateful \
    --summary-interval 1s --metrics-port 0 "$servers" tasks /opt/wasmton/samples/state.wat) >"$work/run" 2>&1 &
run=$!
await '3 tasks done in' "$work/run" "$run" "$work/run"
[ -n "$(find "$work/data/state" -name rocksdb)" ] || fail "there is no store on disk"
kill -TERM "$run"
actual=0
wait "$run" || actual=$?
cp "$work/run" "$work/out"
[ "$actual" = 0 ] || fail "exit code $actual instead of 0 after SIGTERM with state"
ok "chroot: a store on disk, exactly once"
rm -rf "$root/opt/wasmton"
echo "$passed passed"
