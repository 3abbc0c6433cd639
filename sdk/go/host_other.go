//go:build !wasip1

package wasmton

// Outside of Wasmton, in the tests of a processor, nothing is granted and nothing is set.

func produce([]byte) int32 { return 1 }

func logEnabled(int32) bool { return false }

func count(string, uint32) {}

func logLine(int32, string) {}

func setting(string) (string, bool) { return "", false }

func settingName(uint32) (string, bool) { return "", false }

func stateOpen(string) int32 { return -1 }

func stateGet(int32, []byte, []byte) int32 { return -1 }

func stateSet(int32, []byte, []byte) int32 { return 0 }

func stateDelete(int32, []byte) int32 { return 0 }

func stateScan(int32, []byte, []byte, uint32, []byte) int32 { return 0 }

func selectTask(uint32) {}

func checkBatch() {}
