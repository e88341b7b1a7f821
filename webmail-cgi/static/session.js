// The lock, seen from the page: what is on screen is hidden the moment the quiet time is over, then the server says so. The
// tabs of one browser are one session: what is done in one keeps the others awake, and they all hide together.
export const startSession = () => {
  const seconds = Number(document.body.dataset.lock);
  if (!seconds) return;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("caducee") : { postMessage() {} };
  let last = Date.now(), told = 0;
  const hide = () => document.body.replaceChildren();
  const awake = () => {
    last = Date.now();
    if (last - told > 5000) { told = last; tabs.postMessage("awake"); }
  };
  const lock = async () => {
    const kept = [];
    document.dispatchEvent(new CustomEvent("caducee-lock", { detail: kept })); // what is being written is put away first
    hide();
    await Promise.race([Promise.allSettled(kept), new Promise((done) => setTimeout(done, 4000))]);
    const body = new URLSearchParams({ csrf: document.body.dataset.csrf });
    await fetch("/verrou", { method: "POST", body, redirect: "manual" }).catch(() => {});
    location.replace("/verrou");
  };
  tabs.onmessage = ({ data }) => {
    if (data === "awake") last = Date.now();
    if (data === "lock") lock();
    if (data === "over") { hide(); setTimeout(() => location.replace("/"), 2000); }
  };
  for (const kind of ["pointerdown", "keydown", "scroll", "pointermove"]) addEventListener(kind, awake, { passive: true, capture: true });
  const look = () => { if (Date.now() - last > seconds * 1000) { tabs.postMessage("lock"); lock(); } };
  setInterval(look, 5000);
  // A computer that slept, or a tab that was behind: looked at before anybody can read it.
  document.addEventListener("visibilitychange", look);
  // What the buttons do is done in every tab.
  document.addEventListener("submit", (event) => {
    const path = new URL(event.target.action, location.href).pathname;
    if (path === "/verrou") { event.preventDefault(); tabs.postMessage("lock"); lock(); }
    if (path === "/deconnexion") tabs.postMessage("over");
  });
  // A page that the browser kept from before a lock or a log-out is not shown again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
};
