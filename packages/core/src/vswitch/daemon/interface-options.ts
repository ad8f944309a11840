// Whether a device takes the options of its interface (netdev_set_config).

import { parseTunnelOptions } from "./tunnel-config.ts";
import { isTunnelType } from "./tunnel-ports.ts";

/** What is wrong with them: the text of the column "error"; undefined if nothing is. */
export function optionsError(
  name: string,
  type: string,
  options: ReadonlyMap<string, string>,
): string | undefined {
  if (type === "patch") return patchError(name, options);
  if (!isTunnelType(type)) return undefined;
  const config = parseTunnelOptions(name, type, options);
  return typeof config === "string" ? config : undefined;
}

/** set_patch_config() */
function patchError(name: string, options: ReadonlyMap<string, string>): string | undefined {
  const peer = options.get("peer");
  if (peer === undefined) return `${name}: patch type requires valid 'peer' argument`;
  if (options.size > 1) return `${name}: patch type takes only a 'peer' argument`;
  return peer === name ? `${name}: patch peer must not be self` : undefined;
}
