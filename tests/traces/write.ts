// npm run traces: writes docs/traces/.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, traceDocuments } from "./documents.ts";

mkdirSync(folder, { recursive: true });
for (const [name, text] of await traceDocuments()) writeFileSync(join(folder, name), text);
