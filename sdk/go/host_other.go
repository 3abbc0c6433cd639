//go:build !wasip1

package wasmton

// Outside of Wasmton, in the tests of a processor, nothing is granted and nothing is set.

func produce([]byte) int32 { return 1 }

func logEnabled(int32) bool { return false }

func logLine(int32, string) {}

func setting(string) (string, bool) { return "", false }

func settingName(uint32) (string, bool) { return "", false }
