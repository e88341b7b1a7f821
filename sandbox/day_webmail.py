"""The end of the day, at the webmail: a scripted tour by headless Chromium, its pictures in a folder that it names."""
import os
import subprocess

from .day_steps import Chapter
from .place import SOURCE, missing

TOUR = SOURCE / "tests" / "browser" / "test_tour.py"


class WebmailChapter(Chapter):
    title = ("Au webmail", "At the webmail")

    def possible(self):
        return bool(self.sandbox.status()["webmail"]) and TOUR.exists() and not missing("chromium", "chromedriver")

    def steps(self):
        return [("on se connecte, on lit, on répond, au clavier et au doigt", "log in, read, answer, by keyboard and by touch",
                 self.tour)]

    def tour(self) -> str:
        """Played once a sandbox: it takes a minute, and its pictures stay."""
        pictures = self.sandbox.place.make_folder(self.sandbox.place.path("pictures"))
        if any(pictures.glob("*.png")):
            return self.say(f"déjà joué ; captures : {pictures}", f"played before; pictures: {pictures}")
        done = subprocess.run(
            ["/usr/bin/python3", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", TOUR, "-k", "pictures or answered"],
            cwd=SOURCE, capture_output=True, text=True, timeout=300,
            env={**os.environ, "CADUCEE_TEST_SANDBOX": str(self.sandbox.place.folder), "CADUCEE_SHOTS": str(pictures)})
        summary = (done.stdout.strip() or done.stderr.strip() or "?").splitlines()[-1]
        self.check(done.returncode == 0, summary, summary)
        count = len(list(pictures.glob("*.png")))
        return self.say(f"{count} captures (bureau et téléphone, clair et sombre) : {pictures}",
                        f"{count} pictures (desktop and phone, light and dark): {pictures}")
