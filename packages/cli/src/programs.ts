// Which program a command word starts: the tools of the core, then the text tools.

import { programNamed } from "@patchcord/core/programs.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { textTools } from "./text-tools/text-tools.ts";

export const lookupProgram: ProgramLookup = (name) => programNamed(name) ?? programNamed(name, textTools);
