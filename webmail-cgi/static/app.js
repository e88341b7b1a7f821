// Caducée's scripts: each page works without them; with them it is quicker. Plain modules, no library.
import { startPanes } from "./panes.js";
import { startKeys } from "./keys.js";
import { startCompose } from "./compose.js";
import { startPlace } from "./place.js";
import { startSession } from "./session.js";

startPanes();
startKeys();
startCompose();
startPlace();
startSession();

// On a narrow screen the tab of this page is brought into its row.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
