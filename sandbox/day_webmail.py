"""The end of the day, at the webmail, by headless Chromium: a nurse's road, then each page in pictures."""
import os
import subprocess

from .day_steps import Chapter
from .place import SOURCE, missing

BROWSER = SOURCE / "tests" / "browser"
TOUR, PICTURES = BROWSER / "test_tour.py", BROWSER / "test_pictures.py"


class WebmailChapter(Chapter):
    title = ("Au webmail", "At the webmail")

    def possible(self):
        return bool(self.sandbox.status()["webmail"]) and TOUR.exists() and not missing("chromium", "chromedriver")

    def steps(self):
        return [("un document est lu, pris en main, répondu, son patient averti",
                 "a document is read, taken in hand, answered, its patient told", self.tour),
                ("chaque page en images", "each page in pictures", self.picture)]

    def by_chromium(self, test):
        done = subprocess.run(
            ["/usr/bin/python3", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", test], cwd=SOURCE, capture_output=True,
            text=True, timeout=900,
            env={**os.environ, "CADUCEE_TEST_SANDBOX": str(self.sandbox.place.folder), "CADUCEE_SHOTS": str(self.pictures)})
        summary = (done.stdout.strip() or done.stderr.strip() or "?").splitlines()[-1]
        self.check(done.returncode == 0, summary, summary)

    @property
    def pictures(self):
        return self.sandbox.place.make_folder(self.sandbox.place.path("pictures"))

    @property
    def index(self):
        """The last that is made: when it is there, both steps have been played in this sandbox, and take a minute no more."""
        return self.pictures / "index.html"

    def tour(self) -> str:
        if self.index.exists():
            return self.say("déjà jouée", "played before")
        self.by_chromium(f"{TOUR}::test_a_day_between_two_patients")
        return self.say("la réponse est arrivée chez l'autre opérateur", "the answer has arrived at the other operator")

    def picture(self) -> str:
        if self.index.exists():
            return self.say(f"déjà faites : {self.index}", f"made before: {self.index}")
        self.by_chromium(PICTURES)
        count = len(list(self.pictures.glob("*.png")))
        return self.say(f"{count} captures (bureau et téléphone, clair et sombre) : {self.index}",
                        f"{count} pictures (desktop and phone, light and dark): {self.index}")
