"""The other operator: Debian's Postfix, in both directions, with a configuration and a queue of its own.

Outward it presents the peer's certificate and wants ours verified. Inward it wants a certificate of the health CA and
delivers into maildirs that tests read (`maildir()`). Its master starts as root and drops by itself, so that without
root there is no other operator, and tests that need one are reported skipped by name.
"""
import subprocess
from pathlib import Path

from .dns import OUR_MX, PATIENT_ADDRESS, PATIENT_MX, PEER_MX
from .pki import Pki
from .place import Place, SandboxError, require
from .processes import Processes
from .whitelist import ELSEWHERE, HOSTED, NON_ASCII, OUR_DOMAINS, PATIENTS, PEER_DOMAIN

MAIN = """compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {logs}/postfix.log
maillog_file_prefixes = {logs}
myhostname = {host}
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128
inet_protocols = all
alias_maps =
local_recipient_maps =
smtputf8_enable = yes
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
# No try lasts: a test that waits for a retry asks for it with `postqueue -f`.
queue_run_delay = 5s
minimal_backoff_time = 5s
maximal_backoff_time = 20s
bounce_queue_lifetime = 1h
# Inward: every domain that the other operators hold here, one maildir an address.
virtual_transport = virtual
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = regexp:{conf}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_CAfile = {ca}
smtpd_tls_ask_ccert = yes
smtpd_tls_req_ccert = yes
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtpd_relay_restrictions = reject_unauth_destination
# Outward: to our domains only, by our port, with a verified certificate of ours.
transport_maps = inline:{{ {routes} }}
default_transport = error:5.4.4 no way out of the sandbox
smtp_tls_security_level = secure
smtp_tls_secure_cert_match = {our_mx}
smtp_tls_cert_file = {cert}
smtp_tls_key_file = {key}
smtp_tls_CAfile = {ca}
smtp_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_loglevel = 1
smtp_tls_session_cache_database =
smtp_host_lookup = native
smtp_address_preference = any
"""
MASTER = """# the doors: for other operators, for those who write to patients, and for the lab's own software (in clear, loopback)
{mx} inet n - n - - smtpd -o syslog_name=postfix/mx
{patients} inet n - n - - smtpd -o syslog_name=postfix/mes -o smtpd_tls_cert_file={mes_cert}
    -o smtpd_tls_key_file={mes_key} -o myhostname={patient_mx}
{inject} inet n - n - - smtpd -o syslog_name=postfix/lab -o smtpd_tls_security_level=none -o smtpd_tls_req_ccert=no
    -o smtpd_tls_ask_ccert=no -o smtpd_relay_restrictions=permit_mynetworks,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class OtherOperator:
    def __init__(self, place: Place, processes: Processes, pki: Pki):
        self.place, self.processes, self.pki = place, processes, pki
        self.conf, self.queue = place.path("postfix", "conf"), place.path("postfix", "queue")
        self.mail = place.path("postfix", "mail")

    @property
    def available(self) -> bool:
        return self.place.is_root

    def start(self):
        if not self.available or self.processes.running("postfix"):
            return
        self.configure()
        self.command("start")
        self.processes.adopt("postfix", int((self.queue / "pid" / "master.pid").read_text()))
        host = self.place.host
        self.processes.wait("postfix", (host, self.place.port("postfix_mx")), (host, self.place.port("postfix_inject")))

    def configure(self):
        for folder in (self.conf, self.queue):
            folder.mkdir(parents=True, exist_ok=True)
        data = self.place.path("postfix", "data")
        data.mkdir(exist_ok=True)
        subprocess.run(["chown", "postfix:", data], check=True)
        self.place.make_folder(self.mail, 0o700)
        account = self.place.account
        domains = [PEER_DOMAIN, NON_ASCII.encode("idna").decode(), NON_ASCII, PATIENTS, ELSEWHERE, *HOSTED]
        next_hop = f"smtp:[{self.place.host}]:{self.place.port('mx')}"
        main = MAIN.format(
            queue=self.queue, data=data, logs=self.place.logs, host=PEER_MX, our_mx=OUR_MX, domains=" ".join(domains),
            mail=self.mail, conf=self.conf, uid=account.pw_uid, gid=account.pw_gid, cert=self.pki.cert("peer"),
            key=self.pki.key("peer"), ca=self.pki.bundle,
            routes=", ".join(f"{{ {d} = {next_hop} }}" for d in OUR_DOMAINS))
        self.put("main.cf", main)
        # Everybody's mail goes into one maildir (virtual(8) takes no part of an address into a path), but "inconnu" has none.
        self.put("mailboxes", "if !/^inconnu@/\n/./ all/\nendif\n")
        self.put("master.cf", MASTER.format(mx=self.place.reach("postfix_mx"),
                                            inject=self.place.reach("postfix_inject"), patient_mx=PATIENT_MX,
                                            patients=f"{PATIENT_ADDRESS}:{self.place.port('postfix_mx')}",
                                            mes_cert=self.pki.cert("mes"), mes_key=self.pki.key("mes")))

    def put(self, name: str, text: str):
        """Postfix wants its configuration to be root's."""
        (self.conf / name).write_text(text)

    def command(self, *words):
        done = subprocess.run([require("postfix"), "-c", str(self.conf), *words], capture_output=True, text=True)
        if done.returncode and words[0] == "start":
            raise SandboxError(f"postfix {words[0]}: {done.stderr.strip()}\n{self.processes.tail('postfix')}")

    def flush(self):
        """Tries the whole queue now."""
        subprocess.run([require("postqueue"), "-c", str(self.conf), "-f"], check=True, capture_output=True)

    def maildir(self, address: str) -> list:
        """The messages that the other operators here hold for an address, as bytes, oldest first."""
        wanted = b"\nDelivered-To: " + address.encode() + b"\n"
        files = sorted((self.mail / "all" / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [content for content in (path.read_bytes() for path in files) if wanted in content]
