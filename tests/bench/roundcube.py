"""Debian's Roundcube on the rival's Dovecot, configured privately: php-fpm, SQLite, lighttpd with TLS. Absent packages: no row."""
import subprocess
from pathlib import Path

from sandbox.place import free_ports, require
from sandbox.processes import wait_end

from .browser import Browser

CODE, DEFAULTS = Path("/var/lib/roundcube"), Path("/etc/roundcube")
CONFIG = """<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///{folder}/roundcube.db?mode=0600';
$config['imap_host'] = 'tls://127.0.0.1:{imap}';
$config['imap_conn_options'] = ['ssl' => ['verify_peer' => false, 'verify_peer_name' => false,
    'local_cert' => '{cert}', 'local_pk' => '{key}']];
$config['smtp_host'] = 'tls://127.0.0.1:{submission}';
$config['des_key'] = '0123456789abcdefghijklmn';
$config['log_dir'] = '{folder}/log';
$config['temp_dir'] = '{folder}/tmp';
$config['skin'] = 'elastic';
$config['plugins'] = [];
$config['language'] = 'en_US';
$config['ip_check'] = false;
$config['session_lifetime'] = 60;
$config['mail_pagesize'] = 50;
"""
FPM = """[global]
error_log = {folder}/log/fpm.log
daemonize = no
[www]
listen = {folder}/fpm.sock
pm = static
pm.max_children = 8
clear_env = no
env[ROUNDCUBE_CONFIG_DIR] = {folder}/config
php_admin_value[opcache.enable] = 1
php_admin_value[memory_limit] = 256M
php_admin_value[session.save_path] = {folder}/tmp
{who}
"""
LIGHTTPD = """server.modules = ("mod_openssl", "mod_fastcgi", "mod_deflate")
server.document-root = "/var/lib/roundcube/public_html"
server.bind = "127.0.0.1"
server.port = {port}
server.follow-symlink = "enable"
server.errorlog = "{folder}/log/lighttpd.log"
index-file.names = ("index.php")
mimetype.assign = (".css" => "text/css", ".js" => "application/javascript", ".svg" => "image/svg+xml", ".png" => "image/png",
                   ".woff2" => "font/woff2", ".html" => "text/html")
deflate.mimetypes = ("text/", "application/javascript", "image/svg+xml")
deflate.allowed-encodings = ("gzip")
ssl.engine = "enable"
ssl.pemfile = "{cert}"
ssl.privkey = "{key}"
fastcgi.server = (".php" => (("socket" => "{folder}/fpm.sock", "broken-scriptfilename" => "enable")))
"""


def php_fpm():
    """The program of whatever version Debian has."""
    found = sorted(Path("/usr/sbin").glob("php-fpm*"))
    return found[-1] if found and (CODE / "public_html" / "index.php").exists() else None


class Roundcube:
    def __init__(self, rival):
        self.rival, self.place, self.pki = rival, rival.place, rival.pki
        self.folder, self.running = rival.folder / "roundcube", []
        self.port = free_ports("127.0.0.1", 1)[0]
        self.url = f"https://127.0.0.1:{self.port}/"

    def start(self):
        for part in ("", "config", "log", "tmp"):
            self.place.make_folder(self.folder / part)
        names = {"folder": self.folder, "imap": self.rival.imap_port, "submission": self.rival.submission_port,
                 "cert": self.pki.cert("peer"), "key": self.pki.key("peer")}
        self.place.write(self.folder / "config" / "config.inc.php", CONFIG.format(**names))
        for name in ("defaults.inc.php", "mimetypes.php"):
            self.place.write(self.folder / "config" / name, (DEFAULTS / name).read_bytes())
        self.place.write(self.folder / "fpm.conf", FPM.format(folder=self.folder, who=""))
        self.place.write(self.folder / "lighttpd.conf", LIGHTTPD.format(
            folder=self.folder, port=self.port, cert=self.pki.cert("public"), key=self.pki.key("public")))
        self.spawn([php_fpm(), "-F", "-y", self.folder / "fpm.conf"])
        self.spawn([require("lighttpd"), "-D", "-f", self.folder / "lighttpd.conf"])

    def spawn(self, line):
        account = self.place.account
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if self.place.is_root else {}
        with open(self.folder / "log" / "out.log", "ab") as out:
            self.running.append(subprocess.Popen([str(w) for w in line], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                                 cwd=self.folder, start_new_session=True, **who))

    def stop(self):
        for process in reversed(self.running):
            process.terminate()
            if not wait_end(process.pid, 10):
                process.kill()
            process.wait()
        self.running = []

    def log_in(self, user) -> Browser:
        browser = Browser()
        page = browser.get(self.url + "?_task=login")
        done = browser.post(self.url + "?_task=login", {
            "_token": page.field("_token"), "_task": "login", "_action": "login", "_timezone": "Europe/Paris", "_url": "",
            "_user": user, "_pass": "x"})
        browser.token = done.find(r'"request_token":"([^"]+)"')
        return browser
