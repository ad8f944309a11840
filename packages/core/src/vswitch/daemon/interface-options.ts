// Whether a device takes the options of its interface (netdev_set_config).

import { patchOptionsError } from "../../ovsproto/datapath/patch-options.ts";
import { couldNotSet, parseTunnelOptions } from "../../ovsproto/datapath/tunnel-options.ts";
import type { OptionsLog } from "../../ovsproto/datapath/tunnel-options.ts";
import type { SwitchHost } from "./host.ts";
import { isTunnelType } from "./tunnel-ports.ts";

/** What is wrong with them: the text of the column "error"; undefined if nothing is. */
export function optionsError(
  { vlog }: SwitchHost,
  name: string,
  type: string,
  options: ReadonlyMap<string, string>,
): string | undefined {
  if (type === "patch") return patchOptionsError(name, options);
  if (!isTunnelType(type)) return undefined;
  // What is no address is told five times, then once a minute (lookup_ip).
  const log: OptionsLog = (module, level, text) => {
    if (module === "socket_util") vlog.limited("lookup_ip", module, level, text, 1, 5);
    else vlog.log(module, level, text);
  };
  const config = parseTunnelOptions(name, type, options, log);
  return typeof config === "string" ? config : undefined;
}

/** What the log says of options that a device does not take. */
export function logOptionsError({ vlog }: SwitchHost, name: string, type: string, error: string): void {
  const refused = couldNotSet(name);
  if (error !== refused) vlog.log("netdev_vport", type === "patch" ? "err" : "warn", error);
  vlog.log("netdev", "warn", refused);
}
