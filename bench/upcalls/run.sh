#!/bin/sh
# Measures a call of Java by an upcall stub beside one by JNI: run.sh JDK_HOME, of JDK 22 or later.
set -eu
cd "$(dirname "$0")"
library=$(mktemp)
trap 'rm -f "$library"' EXIT
cc -O2 -shared -fPIC -I"$1/include" -I"$1/include/linux" -o "$library" upcalls.c
"$1/bin/java" --enable-native-access=ALL-UNNAMED Upcalls.java "$library"
