"""A Dovecot of the test's own: the server of another operator, from which BALs move to us."""
import imaplib
import ssl
import subprocess
from pathlib import Path

from sandbox.place import free_ports, require

CONF = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
mail_location = mdbox:{folder}/mail/%n
mail_uid = {user.pw_uid}
mail_gid = {user.pw_gid}
first_valid_uid = 1
mail_fsync = never
default_internal_user = {user.pw_name}
default_login_user = {user.pw_name}
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password=sesame
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={folder}/home/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Tout {{
    auto = no
    special_use = \\All
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
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
"""


class Dovecot:
    def __init__(self, folder: Path, sandbox):
        self.folder, self.sandbox = folder, sandbox
        self.port = free_ports("127.0.0.1", 1)[0]
        self.conf, self.password = folder / "dovecot.conf", folder / "password"

    def start(self):
        self.folder.chmod(0o755)
        for name in ("mail", "home"):
            self.sandbox.place.make_folder(self.folder / name)
        pki = self.sandbox.pki
        self.conf.write_text(CONF.format(folder=self.folder, user=self.sandbox.place.account, port=self.port,
                                         cert=pki.cert("operator"), key=pki.key("operator")))
        self.sandbox.place.write(self.password, "sesame\n", 0o600)
        self.sandbox.place.write(self.folder / "wrong", "autre\n", 0o600)
        subprocess.run([require("dovecot"), "-c", self.conf], check=True)
        self.sandbox.wait_until(self.answers)

    def stop(self):
        subprocess.run([require("dovecot"), "-c", self.conf, "stop"], check=False)

    def answers(self) -> bool:
        try:
            self.client("probe").logout()
            return True
        except (OSError, imaplib.IMAP4.error):
            return False

    def client(self, user: str):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context)
        client.login(user, "sesame")
        return client

    def fill(self, user: str, folder: str, messages, date='"20-Nov-2025 10:00:00 +0100"'):
        client = self.client(user)
        wire = folder.replace("é", "&AOk-")
        client.create(wire)
        for message in messages:
            assert client.append(wire, "(\\Seen)", date, message)[0] == "OK"
        client.logout()

    def flag(self, user: str, folder: str, messages: str, flags: str):
        client = self.client(user)
        client.select(folder)
        assert client.store(messages, "+FLAGS", flags)[0] == "OK"
        client.logout()

    def log(self) -> str:
        return (self.folder / "dovecot.log").read_text()

    def words(self, user: str, **change) -> list:
        """The words of `caducee bal import`; change={"--ca": "other"} to take another."""
        words = {"--imap": "localhost", "--port": self.port, "--user": user, "--password-file": self.password,
                 "--ca": self.sandbox.pki.bundle, **change}
        if words["--ca"] == "other":
            words["--ca"] = self.sandbox.pki.ca("other")
        if words["--password-file"] == "wrong":
            words["--password-file"] = self.folder / "wrong"
        return [part for pair in words.items() for part in pair]
