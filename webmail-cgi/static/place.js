// A file opens under the list of files, in a frame of its own; without scripts, in a tab of its own. Pictures and texts need
// nothing of a page's powers; a PDF's frame is not sandboxed, because a sandboxed one shows no PDF in Chromium: the browser's
// own viewer takes it, in an extension's origin, and the answer's policy lets nothing of it load (answer.c).
const put = (parts, link) => {
  const place = document.createElement("section");
  const bar = document.createElement("header");
  const name = document.createElement("strong");
  const close = document.createElement("button");
  const frame = document.createElement("iframe");
  place.className = "place";
  name.textContent = link.textContent;
  close.type = "button";
  close.className = "button small";
  close.textContent = parts.dataset.close;
  frame.className = "cage tall";
  frame.title = link.textContent;
  frame.referrerPolicy = "no-referrer";
  if (link.dataset.place !== "pdf") frame.setAttribute("sandbox", "");
  frame.src = link.href + (link.dataset.place === "pdf" ? "#view=FitH" : "");
  bar.append(name, close);
  place.append(bar, frame);
  parts.after(place);
  close.addEventListener("click", () => { place.remove(); link.focus(); });
  close.focus();
  place.scrollIntoView({ block: "nearest" });
};

export const startPlace = () => document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-place]");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const parts = link?.closest(".parts[data-close]");
  if (!parts || !plain) return;
  event.preventDefault();
  if (parts.nextElementSibling?.matches(".place")) parts.nextElementSibling.remove();
  put(parts, link);
});
