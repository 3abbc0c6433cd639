package wasmton

import (
	"bytes"
	"context"
	"log/slog"
)

// LevelTrace is the level TRACE of Wasmton's log, below slog's levels.
const LevelTrace = slog.LevelDebug - 4

// LogHandler returns a handler that writes to Wasmton's log, where each line has the place of its task:
//
//	slog.SetDefault(slog.New(wasmton.LogHandler()))
func LogHandler() slog.Handler {
	buffer := new(bytes.Buffer)
	return logHandler{buffer, slog.NewTextHandler(buffer, &slog.HandlerOptions{
		Level: LevelTrace,
		// Wasmton's log has time, level and message already.
		ReplaceAttr: func(groups []string, attribute slog.Attr) slog.Attr {
			if len(groups) == 0 {
				switch attribute.Key {
				case slog.TimeKey, slog.LevelKey, slog.MessageKey:
					return slog.Attr{}
				}
			}
			return attribute
		},
	})}
}

// logHandler formats attributes with a handler for text.
type logHandler struct {
	buffer *bytes.Buffer
	text   slog.Handler
}

func (h logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return logEnabled(number(level))
}

func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	h.buffer.Reset()
	if err := h.text.Handle(ctx, record); err != nil {
		return err
	}
	line := record.Message
	if attributes := bytes.TrimSpace(h.buffer.Bytes()); len(attributes) > 0 {
		line += " " + string(attributes)
	}
	logLine(number(record.Level), line)
	return nil
}

func (h logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return logHandler{h.buffer, h.text.WithAttrs(attributes)}
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.buffer, h.text.WithGroup(name)}
}

// number returns the number of a level in protocol 1.
func number(level slog.Level) int32 {
	switch {
	case level < slog.LevelDebug:
		return 0
	case level < slog.LevelInfo:
		return 1
	case level < slog.LevelWarn:
		return 2
	case level < slog.LevelError:
		return 3
	default:
		return 4
	}
}
