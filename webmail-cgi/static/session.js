// The lock, seen from the page: what is on screen is hidden the moment the quiet time is over, then the server says so.
export const startSession = () => {
  const seconds = Number(document.body.dataset.lock);
  if (!seconds) return;
  let last = Date.now();
  const awake = () => { last = Date.now(); };
  for (const kind of ["pointerdown", "keydown", "scroll", "pointermove"]) addEventListener(kind, awake, { passive: true, capture: true });
  const lock = async () => {
    document.body.replaceChildren();
    const body = new URLSearchParams({ csrf: document.body.dataset.csrf });
    await fetch("/verrou", { method: "POST", body, redirect: "manual" }).catch(() => {});
    location.replace("/verrou");
  };
  setInterval(() => { if (Date.now() - last > seconds * 1000) lock(); }, 5000);
  // A page that the browser kept from before a lock or a log-out is not shown again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
};
