#!/bin/sh
# Runs this project's build, from wherever it is called:
#
#     ./gradlew run | test | check | bench | publishToMavenLocal
#
# Uses GRADLE_HOME, else the `gradle` on the PATH, else the distribution that gradle/wrapper/gradle-wrapper.properties
# names, kept in ~/.gradle/wrapper/dists, else (root on Debian and its kin) the package `gradle`.
set -eu

root=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "$1" >&2
    exit 1
}

# ---- what the build needs ----

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jdk=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || true
if [ "${jdk:-0}" -lt 17 ] || ! command -v "${java}c" >/dev/null; then
    fail "A JDK of version 17 or later is needed on the PATH or in JAVA_HOME (Debian: apt-get install openjdk-17-jdk-headless)."
fi
command -v cargo >/dev/null ||
    fail "Rust is needed, with cargo on the PATH: install it by rustup, or open a new shell if that is done already."

# ---- Gradle ----

property() {
    sed -n "s/^$1=//p" "$root/gradle/wrapper/gradle-wrapper.properties" | sed 's/\\:/:/g'
}

# Prints where it put gradle; prints nothing when the host cannot be reached.
download() {
    url=$(property distributionUrl)
    sum=$(property distributionSha256Sum)
    archive=${url##*/}
    name=${archive%-bin.zip}
    dists=${GRADLE_USER_HOME:-$HOME/.gradle}/wrapper/dists/wasmton
    gradle=$dists/$name/bin/gradle
    if [ ! -x "$gradle" ]; then
        part=$dists/part.$$
        mkdir -p "$part"
        echo "Downloading $archive" >&2
        if { curl -fsSL --connect-timeout 5 --max-time 300 -o "$part/$archive" "$url" ||
                wget -q --tries=1 --connect-timeout=5 --read-timeout=60 -O "$part/$archive" "$url"; } 2>/dev/null; then
            if [ -n "$sum" ]; then
                actual=$( (sha256sum "$part/$archive" || shasum -a 256 "$part/$archive") 2>/dev/null)
                if [ "${actual%% *}" != "$sum" ]; then
                    rm -rf "$part"
                    fail "$archive from $url is not what gradle/wrapper/gradle-wrapper.properties says: sha256 ${actual%% *}."
                fi
            fi
            (cd "$part" && "${java%java}jar" xf "$archive")
            chmod +x "$part/$name/bin/gradle"
            mv "$part/$name" "$dists/"
        fi
        rm -rf "$part"
    fi
    [ ! -x "$gradle" ] || echo "$gradle"
}

install_package() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    echo "Installing the package gradle" >&2
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gradle; } >&2 &&
        command -v gradle
}

if [ -n "${GRADLE_HOME:-}" ] && [ -x "$GRADLE_HOME/bin/gradle" ]; then
    gradle=$GRADLE_HOME/bin/gradle
else
    gradle=$(command -v gradle) || gradle=$(download)
    [ -n "$gradle" ] || gradle=$(install_package) || true
    [ -n "$gradle" ] ||
        fail "Gradle is needed: install Gradle 8 or 9, or the package gradle of Debian or Ubuntu, and call this again."
fi

# ---- the build, and for `run` the program ----

# Tells if one of the arguments is a task that starts a program, by its name or its path.
runs_program() {
    for argument; do
        case "$argument" in
            run | *:run | runHttpGet | *:runHttpGet) return 0 ;;
        esac
    done
    return 1
}

if ! runs_program "$@"; then
    cd "$root"
    exec "$gradle" "$@"
fi

# `run` does not start the program below Gradle but leaves its command here. So the program has the terminal, the
# working directory, Ctrl-C and SIGTERM to itself and closes in its own time, and its exit code is the script's.
launch=$(mktemp)
trap 'rm -f "$launch"' EXIT
[ ! -t 0 ] || [ ! -t 1 ] || export WASMTON_TERMINAL=1

(cd "$root" && "$gradle" "-Plaunch=$launch" "$@" </dev/null)

command=$(cat "$launch")
if [ -n "$command" ]; then
    rm -f "$launch"
    trap - EXIT
    eval "exec $command"
fi
