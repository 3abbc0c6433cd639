@echo off
rem Starts Wasmton. JAVA_OPTS and WASMTON_JAVA_OPTS hold options for the JVM, separated by blanks.
setlocal
rem Wasmton reports variables WASMTON_... that it does not know.
set "HOME_DIR=%~dp0.."
set "JVM_OPTS=%JAVA_OPTS% %WASMTON_JAVA_OPTS%"
set WASMTON_JAVA_OPTS=
if exist "%HOME_DIR%\runtime\bin\java.exe" (
    set "JAVA_EXE=%HOME_DIR%\runtime\bin\java.exe"
) else if defined JAVA_HOME (
    set "JAVA_EXE=%JAVA_HOME%\bin\java.exe"
) else (
    set "JAVA_EXE=java.exe"
)
rem Old JDKs do not know all of these options. -Xss: guests have 1 MiB of the stack of their thread (--max-stack).
"%JAVA_EXE%" -XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED ^
    --sun-misc-unsafe-memory-access=allow -Xss2m ^
    -Dio.github.wasmton.native.path="%HOME_DIR%\lib\@LIBRARY@" ^
    -Djava.library.path="%HOME_DIR%\lib" ^
    -Dlogback.configurationFile="%HOME_DIR%\etc\logback.xml" ^
    -Dwasmton.demo.guest="%HOME_DIR%\samples\messages.wasm" %JVM_OPTS% -jar "%HOME_DIR%\lib\main.jar" %*
exit /b %ERRORLEVEL%
