// A core module in Go that uses the network by stealthrocket/net, which makes the socket calls of WasmEdge. It obeys
// its tasks, a word and its arguments, and prints results.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unsafe"

	_ "github.com/stealthrocket/net/http"
	"github.com/stealthrocket/net/wasip1"
)

const skip = 3

//go:wasmimport decaton poll_task
func pollTask(address int64, length int32) int32

var buffer [4096]byte

//go:wasmexport run
func run() int32 {
	length := pollTask(int64(uintptr(unsafe.Pointer(&buffer[0]))), int32(len(buffer)))
	if err := obey(strings.Split(string(buffer[:length]), " ")); err != nil {
		fmt.Println(err)
		return skip
	}
	return 0
}

func obey(words []string) error {
	switch words[0] {
	case "get":
		// Go's own client, over the library's sockets.
		answer, err := http.Get("http://" + words[1] + words[2])
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		fmt.Println(string(body))
	case "exchange":
		connection, err := wasip1.Dial("tcp", words[1])
		if err != nil {
			return err
		}
		defer connection.Close()
		fmt.Fprintf(connection, "%s\n", words[2])
		line, err := bufio.NewReader(connection).ReadString('\n')
		if err != nil {
			return err
		}
		fmt.Println(connection.RemoteAddr(), strings.TrimSpace(line))
	case "panic":
		panic("on purpose")
	default:
		return fmt.Errorf("what is %v?", words)
	}
	return nil
}

func main() {}
