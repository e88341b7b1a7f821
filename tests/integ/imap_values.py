"""FETCH answers as Python values: lists, bytes, None; atoms are upper-case strings."""


def parse(data: bytes):
    value, at = value_at(data, 0)
    assert at == len(data), data[at:at + 50]
    return value


def value_at(data, at):
    byte = data[at:at + 1]
    if byte == b"(":
        return list_at(data, at + 1)
    if byte == b'"':
        return quoted_at(data, at + 1)
    if byte == b"{":
        end = data.index(b"}\r\n", at)
        size = int(data[at + 1:end])
        return data[end + 3:end + 3 + size], end + 3 + size
    end = at
    depth = 0
    while end < len(data) and (depth or data[end:end + 1] not in b" ()"):
        depth += (data[end:end + 1] == b"[") - (data[end:end + 1] == b"]")
        end += 1
    word = data[at:end].upper()
    return (None if word == b"NIL" else int(word) if word.isdigit() else word.decode("latin-1")), end


def list_at(data, at):
    out = []
    while data[at:at + 1] != b")":
        if data[at:at + 1] == b" ":
            at += 1
            continue
        value, at = value_at(data, at)
        out.append(value)
    return out, at + 1


def quoted_at(data, at):
    out = b""
    while data[at:at + 1] != b'"':
        at += data[at:at + 1] == b"\\"
        out += data[at:at + 1]
        at += 1
    return out, at + 1
