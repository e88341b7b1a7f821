"""Debian's Postfix and Dovecot, set up as a careful administrator would for the same work: TLS and client certificates on
both sides, durable (Dovecot's LMTP fsyncs, Postfix always does), no limit that would slow a benchmark for policy's sake."""
import os
import shutil
import subprocess
from pathlib import Path

from sandbox.dns import PEER_MX
from sandbox.place import require
from sandbox.processes import answers, wait_end
from sandbox.prosante import MAIL_CLIENT
from sandbox.psc import tokens
from sandbox.whitelist import PEER_DOMAIN

MAIN = """compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.rival.mssante.fr
mydestination =
inet_protocols = ipv4
alias_maps =
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
default_process_limit = 200
in_flow_delay = 0
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
virtual_transport = lmtp:unix:private/dovecot-lmtp
virtual_mailbox_domains = rival.mssante.fr
virtual_mailbox_maps = regexp:{conf}/mailboxes
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_CAfile = {ca}
smtpd_tls_ask_ccert = yes
smtpd_tls_req_ccert = yes
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_relay_restrictions = reject_unauth_destination
lmtp_destination_concurrency_limit = 50
# Submission: tokens by Dovecot, and the sender must be who logged in.
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sender_login_maps = regexp:{conf}/senders
# Outward: mutual TLS, connections kept.
transport_maps = inline:{{ {{ {peer_domain} = smtp:[127.0.0.1]:{sink} }} }}
default_destination_concurrency_limit = 50
smtp_tls_security_level = secure
smtp_tls_secure_cert_match = {peer_host}
smtp_tls_cert_file = {cert}
smtp_tls_key_file = {key}
smtp_tls_CAfile = {ca}
smtp_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_connection_reuse = yes
smtp_connection_cache_on_demand = yes
"""
MASTER = """127.0.0.1:{port} inet n - n - 200 smtpd
127.0.0.1:{submission} inet n - n - 200 smtpd -o smtpd_tls_req_ccert=no -o smtpd_sasl_auth_enable=yes
    -o smtpd_relay_restrictions=permit_sasl_authenticated,reject -o smtpd_sender_restrictions=reject_sender_login_mismatch
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
tlsproxy unix - - n - 0 tlsproxy
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
mail_location = {format}:{folder}/mail/{format}/%n
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
mail_fsync = {fsync}
default_internal_user = {user}
default_login_user = {user}
default_client_limit = 20000
default_process_limit = 2000
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
ssl_ca = <{ca}
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_mechanisms = plain xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%n
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 2
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 2000
  unix_listener imap-master {{
    user = {user}
  }}
}}
service imap-hibernate {{
  unix_listener imap-hibernate {{
    mode = 0666
  }}
}}
service lmtp {{
  process_min_avail = 8
  unix_listener {queue}/private/dovecot-lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener {queue}/private/auth {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
mail_max_userip_connections = 0
imap_hibernate_timeout = {hibernate}
"""
# Tokens are verified here, with the provider's key; nobody is asked (local validation).
OAUTH2 = """introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = bench_user
issuers = {issuer}
"""
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")


class Rival:
    """Postfix in front of Dovecot, one mailbox format at a time."""

    def __init__(self, sandbox, mailbox_format: str):
        self.format, self.place, self.pki = mailbox_format, sandbox.place, sandbox.pki
        self.folder = self.place.path("rival")
        self.queue, self.conf = self.folder / "queue", self.folder / "postfix"
        self.sandbox = sandbox
        self.port, self.imap_port, self.submission_port, self.sink_port = self.place.state["rival_ports"]

    def start(self, hibernate="0", fsync="optimized"):
        for folder in (self.folder, self.conf, self.queue, self.folder / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in ("mail", "home", "mail/" + self.format):
            self.place.make_folder(self.folder / folder)
        shutil.chown(self.folder / "data", "postfix")
        account = self.place.account
        tls = {"cert": self.pki.cert("peer"), "key": self.pki.key("peer"), "ca": self.pki.bundle}
        (self.conf / "main.cf").write_text(MAIN.format(
            queue=self.queue, data=self.folder / "data", folder=self.folder, conf=self.conf, peer_domain=PEER_DOMAIN,
            peer_host=PEER_MX, sink=self.sink_port, **tls))
        (self.conf / "master.cf").write_text(MASTER.format(port=self.port, submission=self.submission_port))
        (self.conf / "mailboxes").write_text("/^bench-[0-9]+@rival.mssante.fr$/ ok\n")
        (self.conf / "senders").write_text("/^(bench-[0-9]+)@rival.mssante.fr$/ $1\n")
        self.trust_tokens()
        (self.folder / "dovecot.conf").write_text(DOVECOT.format(
            folder=self.folder, format=self.format, uid=account.pw_uid, gid=account.pw_gid, user=account.pw_name,
            queue=self.queue, port=self.imap_port, hibernate=hibernate, fsync=fsync, **tls))
        # Dovecot hibernates a session only when it can hand its inotify over: one instance a session, 128 by default.
        INOTIFY.write_text(str(max(int(INOTIFY.read_text()), 20000)))
        self.run("postfix", "-c", self.conf, "start")
        self.run("dovecot", "-c", self.folder / "dovecot.conf")
        for target in (("127.0.0.1", self.port), ("127.0.0.1", self.imap_port), (self.folder / "run" / "master.pid").exists):
            self.sandbox.wait_until(lambda: answers(target))

    def trust_tokens(self):
        """The provider's public key, where Dovecot looks for it: by client, algorithm and key."""
        keys = tokens.Keys(self.sandbox.psc.folder)
        file = self.folder / "keys" / MAIL_CLIENT[0] / "RS256" / keys.kid(keys.rsa)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(keys.public_pem())
        (self.folder / "oauth2.conf").write_text(OAUTH2.format(folder=self.folder, issuer=self.sandbox.psc.issuer))

    def defer(self, on: bool):
        """Keeps what is submitted in the queue, or lets it go."""
        self.run("postconf", "-c", self.conf, "defer_transports=" + ("smtp" if on else ""))
        self.run("postfix", "-c", self.conf, "reload")
        if not on:
            self.flush()

    def stop(self):
        """And waits for its end: who starts it again would find the old one still there."""
        pid_file = self.folder / "run" / "master.pid"
        master = int(pid_file.read_text()) if pid_file.exists() else 0
        for command in (("dovecot", "-c", self.folder / "dovecot.conf", "stop"), ("postfix", "-c", self.conf, "stop")):
            subprocess.run([require(command[0]), *map(str, command[1:])], capture_output=True)
        if master:
            wait_end(master, 30)

    def run(self, program, *words):
        subprocess.run([require(program), *map(str, words)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def queued(self) -> bool:
        """Does a message still wait between acceptance and the mailbox?"""
        for name in ("incoming", "active", "deferred", "maildrop"):
            for _, _, files in os.walk(self.queue / name):
                if files:
                    return True
        return False

    def forget_queue(self):
        subprocess.run([require("postsuper"), "-c", str(self.conf), "-d", "ALL"], capture_output=True)

    def flush(self):
        self.run("postqueue", "-c", self.conf, "-f")

    def fill(self, user: str, messages):
        """Messages put into a mailbox off-line: a maildir is only files; other formats import it."""
        maildir = self.folder / "fill" / user
        for sub in ("cur", "new", "tmp"):
            (maildir / sub).mkdir(parents=True, exist_ok=True)
        for number, message in enumerate(messages):
            (maildir / "cur" / f"{1700000000 + number}.M{number}.bench:2,").write_bytes(message)
        subprocess.run(["chown", "-R", self.place.account.pw_name, self.folder / "fill"], check=True)
        if self.format == "maildir":
            shutil.rmtree(self.folder / "mail" / "maildir" / user, ignore_errors=True)
            maildir.rename(self.folder / "mail" / "maildir" / user)
        else:
            self.run("doveadm", "-c", self.folder / "dovecot.conf", "import", "-u", user, f"maildir:{maildir}", "", "all")
            shutil.rmtree(maildir)

    def forget_cache(self, user: str):
        """Dovecot's cache of envelopes: its first FETCH is measured without."""
        for file in Path(self.folder / "mail").rglob("dovecot.index.cache"):
            if user in file.parts:
                file.unlink()

    def processes(self) -> list:
        """Every process of Dovecot's, for its memory."""
        master = int((self.folder / "run" / "master.pid").read_text())
        return descendants(master)


def descendants(pid: int) -> list:
    out = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            out += descendants(int(child))
    return out


def pss_kib(pids) -> int:
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total
