"""What the compiler does not see: banned calls, the layers of lib/, third-party headers in one place, the form in which the
row-level variable is set, long functions. Prints file:line: what, expected what; ends with 1 when anything is wrong.

A line that must be an exception says so itself: `/* NOLINT: why */`.
"""
import pathlib
import re
import subprocess
import sys

LAYERS = ["base", "proto", "net", "trust", "store", "auth"]

BANNED = {
    "strcpy": "str_puts()", "strcat": "str_puts()", "sprintf": "str_addf() or snprintf()", "vsprintf": "str_vaddf()",
    "strncpy": "str_add() or memcpy()", "strncat": "str_add()", "stpcpy": "str_puts()", "strtok": "span_cut()",
    "gets": "conn_input()", "atoi": "num_u32()", "atol": "num_i64()", "atoll": "num_i64()", "strtol": "num_i64()",
    "strtoul": "num_u64()", "strtoull": "num_u64()", "strtoll": "num_i64()", "sscanf": "span_cut() and num_u64()",
    "alloca": "an arena", "strlcpy": "str_puts()", "strlcat": "str_puts()", "strdup": "xstrdup()",
    "strndup": "xstrndup()", "system": "nothing: no shell", "popen": "nothing: no shell", "tmpnam": "mkstemp()",
    "mktemp": "mkstemp()", "rand": "crypto_random()", "random": "crypto_random()", "gmtime": "gmtime_r()",
    "localtime": "localtime_r()", "ctime": "clock_iso8601()", "asctime": "clock_rfc5322()",
}
ALLOC = {"malloc": "xmalloc()", "calloc": "xcalloc()", "realloc": "xrealloc()"}

# header prefix -> path prefixes (regular expressions) of the files that may include it
THIRD_PARTY = {
    r"libpq-fe\.h|libpq/": r"lib/store/",
    r"openssl/": r"lib/net/(tls|tickets|conn|x509)|lib/base/crypto|lib/trust/",
    r"libetpan/": r"lib/proto/mime|ctl/import",
    r"libxml/|libxslt/|libexslt/": r"lib/proto/",
    r"xmlsec/": r"lib/proto/whitelist_signature",
    r"sasl/": r"lib/auth/",
    r"ldap\.h|lber\.h": r"directory/",
    r"curl/": r"lib/net/https",
    r"ares": r"lib/net/dns",
    r"event2/": r"lib/net/",
    r"jansson\.h|cjose/": r"lib/proto/token|lib/proto/json|lib/auth/|lib/base/json",
    r"unicode/": r"lib/proto/(charset|dn_fold|address_domain|text_fold|html)",
    r"zip\.h": r"lib/proto/(xdm|cda|zip)",
    r"fcgi": r"webmail-cgi/",
    r"seccomp\.h": r"lib/net/seccomp",
    r"ini\.h": r"lib/base/conf",
    r"zstd\.h": r"lib/store/",
    r"zlib\.h": r"lib/net/deflate|webmail-cgi/",
    r"sodium": r"lib/base/crypto",
}

FUNCTION_SHOWN = 60  # lines: listed
FUNCTION_MAX = 90    # lines: refused (tables excepted)

problems = []


def problem(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def blank(text):
    """The source with comments and literals replaced by blanks, line for line; includes keep their names."""
    def fill(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    out = re.sub(r"/\*.*?\*/|//[^\n]*", fill, text, flags=re.S)
    return re.sub(r'(?<!#include )"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', fill, out)


def check_calls(path, source, lines):
    banned = dict(BANNED)
    if not path.startswith("lib/base/"):
        banned.update(ALLOC)
    if path.startswith("tests/"):
        banned = {name: banned[name] for name in ("strcpy", "strcat", "sprintf", "gets", "strncpy", "strtok")}
    for match in re.finditer(r"(?<![\w.>])(" + "|".join(banned) + r")\s*\(", source):
        line = source.count("\n", 0, match.start()) + 1
        if "NOLINT" not in lines[line - 1]:
            problem(path, line, f"{match.group(1)}() is banned, expected {banned[match.group(1)]}")


def layer_of(path):
    match = re.match(r"lib/(\w+)/", path)
    return match.group(1) if match else None


def check_includes(path, text, lines):
    for match in re.finditer(r'^\s*#\s*include\s+(["<])([^">]+)[">]', text, flags=re.M):
        line = text.count("\n", 0, match.start()) + 1
        name = match.group(2)
        if "NOLINT" in lines[line - 1]:
            continue
        if match.group(1) == '"':
            own, other = layer_of(path), layer_of(name)
            if own and not other and not name.startswith("build"):
                problem(path, line, f'lib/ includes "{name}", expected headers of lib/ alone')
            elif own and other and LAYERS.index(other) > LAYERS.index(own):
                problem(path, line, f"layer {own} includes {other}, expected only {', '.join(LAYERS[:LAYERS.index(own) + 1])}")
            continue
        if path.startswith("tests/"):
            continue
        for header, places in THIRD_PARTY.items():
            if re.match(header, name) and not re.match(places, path):
                problem(path, line, f"<{name}> is included here, expected only in {places}")


def check_sql(path, text):
    for match in re.finditer(r"(?i)\bset\s+(?:session\s+)?caducee\.bal\b", text):
        line = text.count("\n", 0, match.start()) + 1
        problem(path, line, "plain SET of caducee.bal outlives the transaction, expected set_config('caducee.bal', …, true)")
    for match in re.finditer(r"(?i)set_config\(\s*'caducee\.bal'\s*,[^()]*,\s*false\s*\)", text):
        line = text.count("\n", 0, match.start()) + 1
        problem(path, line, "set_config(…, false) outlives the transaction, expected true")


def check_functions(path, source):
    """A function starts at a '{' in column 0 and ends at the next '}' there."""
    long = []
    start, name = None, ""
    rows = source.split("\n")
    for number, row in enumerate(rows, 1):
        if row == "{":
            start = number
            before = " ".join(rows[max(0, number - 5):number - 1])
            found = re.findall(r"(\w+)\s*\(", before)
            name = found[-1] if found else "?"
            named = [f for f in found if f not in ("PRINTF", "__attribute__")]
            name = named[0] if len(named) == 1 else name
        elif row == "}" and start:
            length = number - start
            if length > FUNCTION_MAX and not path.startswith("tests/"):
                problem(path, start, f"{name}() has {length} lines, expected at most {FUNCTION_MAX}")
            elif length > FUNCTION_SHOWN:
                long.append(f"{path}:{start}: {length} lines")
            start = None
    return long


def main():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
    long = []
    for path in sorted(set(listed.stdout.split("\n"))):
        file = pathlib.Path(path)
        if not path or not file.is_file() or path.startswith("tests/lint/"):
            continue
        if file.suffix in (".c", ".h", ".def", ".sql", ".py", ".mk"):
            text = file.read_text(encoding="utf-8")
            check_sql(path, text)
        if file.suffix in (".c", ".h"):
            lines = text.split("\n")
            source = blank(text)
            check_calls(path, source, lines)
            check_includes(path, re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S), lines)
            long += check_functions(path, source)
            if "\t" in text:
                problem(path, text[:text.index("\t")].count("\n") + 1, "a tab, expected blanks")
    for text in problems:
        print(text)
    for text in long:
        print("note: long function:", text)
    print(f"check: {len(problems)} problems, {len(long)} functions over {FUNCTION_SHOWN} lines")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
