"""`make lint` sees what it says it sees: a small tree in which it finds nothing, then one fault of each kind, found and named."""
import os
import shutil
import subprocess

import pytest
from sandbox.place import SOURCE

GOOD = {
    "lib/base/sum.h": "#ifndef SUM_H\n#define SUM_H\nint sum(int a, int b);\n#endif\n",
    "lib/base/sum.c": '#include "lib/base/sum.h"\n\nint sum(int a, int b)\n{\n    return a + b;\n}\n',
    "lib/proto/line.h": "#ifndef LINE_H\n#define LINE_H\nint line(void);\n#endif\n",
    "lib/store/sql.def": 'SQL(bal, "SELECT set_config(\'caducee.bal\', $1, true)")\n',
    "Makefile": "all unit-programs:\n\t@$(CC) -Wall -Werror -I. -fsyntax-only lib/base/sum.c\n",
    "tool": "#!/bin/bash\nif true; then echo good; fi\n",
    "tool.py": "print('good')\n",
}
BAL = "caducee.bal"
SUM = GOOD["lib/base/sum.c"]
# name → the check, the file that goes wrong, its text, what the check says of it
FAULTS = {
    "layout": ("layout", "lib/base/sum.c", SUM.replace("a + b", "a+b"), "clang-format-violations"),
    "malloc outside base": ("rules", "lib/proto/line.c", "int line(void)\n{\n    return !malloc(1);\n}\n", "malloc() is banned"),
    "a layer above": ("rules", "lib/base/sum.c", '#include "lib/proto/line.h"\n' + SUM, "layer base includes proto"),
    "a program's header in lib": ("rules", "lib/base/sum.c", '#include "smtpd/mx.h"\n' + SUM, "expected headers of lib/ alone"),
    "SET in C": ("rules", "lib/store/x.c", f'const char *a = "SET {BAL} = 1";\n', f"plain SET of {BAL}"),
    "SET in a table": ("rules", "lib/store/sql.def", f'SQL(bal, "set session {BAL} = $1")\n', f"plain SET of {BAL}"),
    "SET in a migration": ("rules", "schema/0001_a.sql", f"SET {BAL} = '1';\n", f"plain SET of {BAL}"),
    "set_config that stays": ("rules", "lib/store/sql.def", f"SQL(bal, \"SELECT set_config('{BAL}', $1, false)\")\n",
                              "outlives the transaction"),
    "a long function": ("rules", "lib/base/sum.c", SUM.replace("    return", "    a++;\n" * 90 + "    return"), "expected at most 90"),
    "static analysis": ("static", "lib/base/sum.c", SUM.replace("return a + b", "int t[2] = {a, b};\n    return t[2]"), "arrayIndexOutOfBounds"),
    "second compiler": ("second", "lib/base/sum.c", SUM.replace("return a", "if ((a == b))\n        return 0;\n    return a"), "parentheses-equality"),
    "a script": ("scripts", "tool", "#!/bin/bash\nif true; then\n", "syntax error"),
    "a Python file": ("scripts", "tool.py", "def (:\n", "SyntaxError"),
}
CALLS = ("strcpy strcat sprintf vsprintf strncpy strncat strtok gets atoi strtol sscanf strdup alloca system popen mktemp rand "
         "gmtime localtime").split()
HEADERS = ("libpq-fe.h openssl/ssl.h libetpan/libetpan.h libxml/tree.h libxslt/xslt.h xmlsec/xmlsec.h sasl/sasl.h ldap.h curl/curl.h "
           "ares.h event2/event.h jansson.h cjose/jws.h unicode/ucnv.h zip.h fcgiapp.h seccomp.h ini.h zstd.h zlib.h sodium.h").split()
TOOLS = {"layout": ["clang-format"], "static": ["cppcheck"], "second": ["clang"]}
PIE = ["-fPIE", "-pie", "-O2", "-fstack-protector-all", "-fcf-protection", "-Wl,-z,relro,-z,now,-z,noexecstack"]
POINT = '__attribute__((used)) static const char name[] = "store.committed";\n'
MAIN = "int main(int n, char **v)\n{\n    char t[64];\n    for (int i = 0; i < n && i < 64; i++)\n        t[i] = v[i][0];\n    return t[0];\n}\n"
PROGRAMS = {  # name → the check, flags, more source, what the check says (none: it finds nothing)
    "good": ("hardened", PIE, "", None),
    "no position independence": ("hardened", ["-no-pie", *PIE[2:]], "", "is not position independent"),
    "lazy binding": ("hardened", [*PIE[:5], "-Wl,-z,relro,-z,lazy"], "", "binds lazily"),
    "no RELRO": ("hardened", [*PIE[:5], "-Wl,-z,norelro,-z,now"], "", "has no RELRO"),
    "an executable stack": ("hardened", [*PIE[:5], "-Wl,-z,relro,-z,now,-z,execstack"], "", "has an executable stack"),
    "no canaries": ("hardened", ["-fno-stack-protector", *PIE[:3], *PIE[4:]], "", "has no canaries"),
    "no hooks": ("hooks", PIE, "", None),
    "a fault point": ("hooks", PIE, POINT, "holds test hooks"),
    "the hooks' variable": ("hooks", PIE, POINT.replace("store.committed", "CADUCEE_FAULT_FILE"), "holds test hooks"),
}


@pytest.fixture
def tree(tmp_path):
    """A repository in which lint finds nothing."""
    for name, text in GOOD.items():
        write(tmp_path / name, text)
    (tmp_path / "tool").chmod(0o755)
    shutil.copytree(SOURCE / "tests/lint", tmp_path / "tests/lint")
    shutil.copy(SOURCE / ".clang-format", tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def lint(tree, *checks):
    """Whether it found nothing, and what it said."""
    for program in {tool for check in checks for tool in TOOLS.get(check, ())}:
        if not shutil.which(program):
            pytest.skip(f"this machine lacks {program}")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "BUILD", "GIT_"))}
    done = subprocess.run(["tests/lint/run", "build", *checks], cwd=tree, capture_output=True, text=True, env=clean)
    return done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("check", ["layout", "rules", "static", "second", "scripts"])
def test_nothing_is_found_in_what_is_good(tree, check):
    good, said = lint(tree, check)
    assert good and "1 passed, 0 failed" in said, said


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_named(tree, name):
    check, file, text, words = FAULTS[name]
    write(tree / file, text)
    good, said = lint(tree, check)
    assert not good and words in said and file in said, said


def test_every_banned_call_is_named(tree):
    write(tree / "lib/base/sum.c", SUM + "".join(f"int f_{call}(void)\n{{\n    return {call}(0);\n}}\n" for call in CALLS))
    good, said = lint(tree, "rules")
    assert not good and [call for call in CALLS if f": {call}() is banned" not in said] == []


def test_each_third_partys_header_has_its_place(tree):
    write(tree / "imapd/x.c", "".join(f"#include <{header}>\n" for header in HEADERS))
    good, said = lint(tree, "rules")
    assert not good and [header for header in HEADERS if f"<{header}> is included here" not in said] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_are_looked_into(tree, name):
    check, flags, source, words = PROGRAMS[name]
    write(tree / "lib/base/points.c", 'FAULT("store.committed")\n')
    write(tree / "main.c", source + MAIN)
    (tree / "build/bin").mkdir(parents=True)
    subprocess.run(["gcc", *flags, "-o", "build/bin/caducee-x", "main.c"], cwd=tree, check=True, capture_output=True)
    good, said = lint(tree, check)
    assert good == (words is None) and (words or "1 passed") in said, said


def test_objects_without_cet_are_found(tree):
    write(tree / "build/lib/a.c", MAIN)
    for flag, wanted in (("-fcf-protection", True), ("-fcf-protection=none", False)):
        subprocess.run(["gcc", flag, "-c", "a.c"], cwd=tree / "build/lib", check=True)
        assert lint(tree, "hardened")[0] == wanted
