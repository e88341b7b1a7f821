// Caducée's scripts: each page works without them; with them it is quicker. Plain modules, no library.
import { startPanes } from "./panes.js";
import { startKeys } from "./keys.js";
import { startCompose } from "./compose.js";
import { startSession } from "./session.js";

startPanes();
startKeys();
startCompose();
startSession();
