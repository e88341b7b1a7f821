"""A real clamd with one signature of ours: no virus, and no download of any. A message that holds MARK is "infected"."""
from .place import Place, require
from .processes import Processes

MARK = "CADUCEE-ESSAI-ANTIVIRUS-99"
NAME = "Caducee.Essai"
# clamd's own limits must be at least ours (36 MiB a message, base64 included), or it would pass what it did not read.
CONF = """Foreground yes
LocalSocket {socket}
LocalSocketMode 660
DatabaseDirectory {database}
TemporaryDirectory {temporary}
LogTime yes
StreamMaxLength 64M
MaxScanSize 256M
MaxFileSize 64M
MaxRecursion 12
MaxThreads 4
SelfCheck 0
ConcurrentDatabaseReload no
"""


class Antivirus:
    def __init__(self, place: Place, processes: Processes):
        self.place, self.processes = place, processes
        self.file = place.path("clamd.conf")

    @property
    def socket(self):
        return self.place.run / "clamd.sock"

    def start(self):
        folder = self.place.make_folder(self.place.path("clamd"))
        temporary = self.place.make_folder(self.place.path("clamd-tmp"), 0o700)
        self.place.write(folder / "caducee.ndb", f"{NAME}:0:*:{MARK.encode().hex()}\n", 0o644)
        self.place.write(self.file, CONF.format(socket=self.socket, database=folder, temporary=temporary), 0o644)
        self.processes.start("clamd", [require("clamd"), f"--config-file={self.file}"])
        self.processes.wait("clamd", self.socket)

    def stop(self):
        self.processes.stop("clamd")
