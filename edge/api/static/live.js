// A page that asks itself again when its stream says that something changed, and at each beat:
// time alone can make a sentence untrue.

import { again, live } from "./page.js";

live({ event: "changed", onNews: again, onBeat: again });
