// logger(1) of util-linux 2.38 on a host where no system log runs.

import type { Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";

const FACILITIES: ReadonlySet<string> = new Set(
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 local2 local3 local4 local5 local6 local7 security".split(
    " ",
  ),
);
const LEVELS: ReadonlySet<string> = new Set(
  "emerg alert crit err warning notice info debug panic error warn".split(" "),
);

/** Why a FACILITY.LEVEL, or a level alone, is none. */
function priorityFault(text: string): string | undefined {
  const [level = "", facility = "user"] = text.split(".", 2).reverse();
  if (!FACILITIES.has(facility)) return `unknown facility name: ${facility}`;
  return LEVELS.has(level) ? undefined : `unknown priority name: ${level}`;
}

export const logger: Program = program((process) => {
  const parsed = parseOptions(process, {
    short: "def:hin:p:P:sS:t:Tu:V",
    long: { "file=": "f", id: "i", "priority=": "p", stderr: "s", "tag=": "t", "no-act": "no-act" },
  });
  const fault = priorityFault(valueOf(parsed, "p") ?? "user.notice");
  // Only who looks at what is sent is told that nobody listens.
  const silent = !has(parsed, "s") && !has(parsed, "no-act");
  if (fault === undefined && silent) return 0;
  complain(process, fault ?? "socket /dev/log: No such file or directory");
  return 1;
});
