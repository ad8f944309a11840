// The programs that look at a whole network and explain it, by command name.

import type { Program } from "../../system/process.ts";
import { map } from "../map/map.ts";
import { scan } from "../scan/scan.ts";
import { trace } from "../trace/trace.ts";
import { doctor } from "../why/doctor.ts";
import { why } from "../why/why.ts";

export const explainingPrograms: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["doctor", doctor],
  ["map", map],
  ["scan", scan],
  ["trace", trace],
  ["why", why],
]);
