#!/bin/sh
# Builds a small project on the published artefacts, by Maven (all platforms, versions by the BOM) and by Gradle (one
# platform), and runs it: dist/test-published.sh REPOSITORY VERSION PLATFORM GRADLE JDK...
set -eu

repository=$1
version=$2
platform=$3
gradle=$4
shift 4
page=$(dirname "$0")/../docs/components.md  # The parts of builds that generate sources are the page's own.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/src/main/java"
cat >"$work/src/main/java/Answer.java" <<'JAVA'
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.WasmValType;

public class Answer {
    public static void main(String[] args) {
        String wat = "(module (func (export \"answer\") (result i32) (i32.const 42)))";
        try (Store store = new Store(); Linker linker = new Linker(store); Engine engine = store.engine();
                Module module = Module.fromWat(engine, wat)) {
            linker.module("", module);
            System.out.println(WasmFunctions.func(linker.getOneByName("", "answer").func(), WasmValType.I32).call());
        }
    }
}
JAVA
cat >"$work/src/main/java/WrittenFor019.java" <<'JAVA'
import java.util.Collections;

import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;

public class WrittenFor019 {
    public static void main(String[] args) {
        String wat = "(module (func (export \"answer\") (result i32) (i32.const 42)))";
        try (Store<Void> store = Store.withoutData(); Module module = new Module(store.engine(), wat.getBytes());
                Instance instance = new Instance(store, module, Collections.emptyList())) {
            System.out.println(instance.getFunc(store, "answer").get().call(store)[0].i32());
        }
    }
}
JAVA
# Sources that are generated from WIT are compiled with it.
mkdir -p "$work/src/main/wit"
cat >"$work/src/main/wit/plugin.wit" <<'WIT'
package acme:shop@1.0.0;
/// The taxes of a country.
interface taxes {
    tax-of: func(price: u32) -> u32;
}
world plugin {
    import taxes;
}
WIT
cat >"$work/src/main/java/Country.java" <<'JAVA'
import com.acme.wit.acme.shop.Taxes;

public class Country implements Taxes {
    @Override
    public long taxOf(long price) {
        return price / 10;
    }
}
JAVA
cat >"$work/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>published</artifactId><version>1</version>
  <properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
  <repositories><repository><id>folder</id><url>file://$repository</url></repository></repositories>
  <dependencyManagement><dependencies><dependency>
    <groupId>io.github.wasmton</groupId><artifactId>wasmton-bom</artifactId>
    <version>$version</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>
  <dependencies><dependency><groupId>io.github.wasmton</groupId><artifactId>wasmtime-java-platform</artifactId>
    </dependency><dependency><groupId>io.github.wasmton</groupId><artifactId>wasmtime-java-compat</artifactId>
    </dependency></dependencies>
  <pluginRepositories><pluginRepository><id>folder</id><url>file://$repository</url></pluginRepository>
    </pluginRepositories>
  <build><plugins>
$(sed -n '/^<plugin>/,/^<\/plugin>/p' "$page" | sed "s|<version>0.1.0<|<version>$version<|")
  </plugins></build>
</project>
XML
cat >"$work/settings.gradle" <<'GRADLE'
rootProject.name = 'published'
GRADLE
generation=$(sed -n '/^configurations {/,/^sourceSets/p' "$page" | sed "s|:0.1.0|:$version|; /platform:/d")
cat >"$work/build.gradle" <<GRADLE
apply plugin: 'java-library'
repositories {
    maven { url = uri('$repository') }
    mavenCentral()
}
$generation
dependencies {
    implementation 'io.github.wasmton:wasmtime-java:$version'
    runtimeOnly 'io.github.wasmton:wasmtime-java:$version:natives-$platform'
    compileOnly 'io.github.wasmton:wasmtime-java-compat:$version'  // it would bring all platforms
}
task libraries(type: Copy) {
    from configurations.runtimeClasspath
    into 'gradle-libraries'
}
GRADLE

cd "$work"
passed=0
try() {
    tool=$1
    classpath=$2
    program=$3
    shift 3
    for jdk in "$@"; do
        out=$("$jdk/bin/java" -Dio.github.wasmton.native.cache="$work/cache" -cp "$classpath" "$program")
        [ "$out" = 42 ] || { echo "FAILED: $program, $tool, $jdk: $out" >&2; exit 1; }
        passed=$((passed + 1))
        echo "ok: $program, resolved by $tool, run on $jdk"
    done
}
if command -v mvn >/dev/null; then
    # Its own local repository, without artefacts of an earlier build with the same version.
    local=${repository%/*}/maven
    rm -rf "$local/io/github/wasmton"
    mvn -q -B -Dmaven.repo.local="$local" compile dependency:copy-dependencies -DoutputDirectory=maven-libraries
    for program in Answer WrittenFor019; do
        try Maven "$work/target/classes:$work/maven-libraries/*" "$program" "$@"
    done
else
    echo "Maven is not installed: not tried."
fi
"$gradle" -q classes libraries
[ -f build/classes/java/main/Country.class ] || { echo "FAILED: the generator as a task of Gradle" >&2; exit 1; }
passed=$((passed + 1))
echo "ok: the generator, run by Gradle"
for jdk in "$@"; do
    rm -rf generated
    "$jdk/bin/java" -Dio.github.wasmton.native.cache="$work/cache" -jar \
        "$repository/io/github/wasmton/wasmtime-java-bindgen/$version/wasmtime-java-bindgen-$version-all.jar" \
        src/main/wit --package com.acme.wit --output generated
    [ -f generated/com/acme/wit/acme/shop/Taxes.java ] || { echo "FAILED: the generator, $jdk" >&2; exit 1; }
    passed=$((passed + 1))
    echo "ok: the generator, run on $jdk"
done
try Gradle "$work/build/classes/java/main:$work/gradle-libraries/*" Answer "$@"
echo "$passed passed"
